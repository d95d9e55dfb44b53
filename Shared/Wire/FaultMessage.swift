/// A refusal as it travels, in RPC's fault frames and in the details of an HTTP error: its word and
/// numbers, never its detail.
package struct FaultMessage: Message {
    /// A `Reason`'s word; unknown ones are read as `internal`, so that old and new talk.
    package let word: String
    package let retryAfterSeconds: UInt32?
    package let attemptsLeft: UInt32?

    package static let name = "Fault"
    package static let about = "Why a call was refused."

    package init(_ fault: Fault) {
        word = fault.reason.rawValue
        retryAfterSeconds = fault.retryAfterSeconds
        attemptsLeft = fault.attemptsLeft
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        word = try coder.required(1, "word", it?.word, max: 64, "The stable word of the reason.")
        retryAfterSeconds = try coder.optional(
            2, "retryAfterSeconds", it?.retryAfterSeconds,
            "Seconds after which trying again makes sense.")
        attemptsLeft = try coder.optional(
            3, "attemptsLeft", it?.attemptsLeft,
            "Wrong tries left until the authenticator rests.")
    }

    /// For whoever was refused by a peer.
    package var fault: Fault {
        let reason = Reason(rawValue: word)
        return Fault(
            reason ?? .internal, retryAfterSeconds: retryAfterSeconds, attemptsLeft: attemptsLeft,
            detail: reason == nil ? "unknown word from peer" : "from peer")
    }
}
