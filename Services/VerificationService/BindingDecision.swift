import Wire

/// A user's second factors, as far as binding another one is concerned.
struct BoundFactors: Sendable, Equatable {
    let active: Int
    let disabled: Int

    /// Bounds what a user can store here and what a list returns.
    static let countMax = 16

    /// Why no factor can be bound; nil when it can. Without a proof of an active factor only the
    /// very first is bound. Disabled ones count as bound: were they passed over, thirty wrong
    /// codes would let a stolen password bind an authenticator of its own.
    func refusal(additional: Bool) -> Fault? {
        if active + disabled >= Self.countMax {
            return Fault(.alreadyBound, detail: "\(Self.countMax) are bound")
        }
        guard !additional else { return nil }
        if active > 0 { return Fault(.alreadyBound) }
        return disabled > 0 ? Fault(.attemptsExhausted) : nil
    }
}
