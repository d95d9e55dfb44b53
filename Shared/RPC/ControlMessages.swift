// The payloads of the frames that are not calls: hello and goaway. The fault stands in Wire,
// because it travels over HTTP too.

import Wire

/// The first frame of each end. The client speaks first; the server answers with its own, and
/// only then may requests follow.
package struct Hello: Message {
    package let magic: String
    package let versionMin: UInt32
    package let versionMax: UInt32
    /// The longest frame, by its `length` field, that the sender takes.
    package let frameBytesMax: UInt32
    /// Most requests that the sender has open at a time; further ones wait unread.
    package let callsMax: UInt32

    /// Says that this is our protocol and not, for example, HTTP on the wrong port.
    package static let magic = "dubbelslot-rpc"
    /// The one version there is.
    package static let version: UInt32 = 1
    /// Most bytes of a hello's payload, checked before any limit is agreed.
    package static let payloadBytesMax = 256

    package init(frameBytesMax: UInt32, callsMax: UInt32) {
        magic = Self.magic
        versionMin = Self.version
        versionMax = Self.version
        self.frameBytesMax = frameBytesMax
        self.callsMax = callsMax
    }

    package static let name = "Hello"
    package static let about = "The first frame of each end: protocol, versions and limits."

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        magic = try coder.required(1, "magic", it?.magic, max: 32, "Always `dubbelslot-rpc`.")
        versionMin = try coder.required(
            2, "versionMin", it?.versionMin, "The lowest version the sender speaks.")
        versionMax = try coder.required(
            3, "versionMax", it?.versionMax, "The highest version the sender speaks.")
        frameBytesMax = try coder.required(
            4, "frameBytesMax", it?.frameBytesMax, "The longest `length` the sender takes.")
        callsMax = try coder.required(
            5, "callsMax", it?.callsMax, "Most requests the sender has open at a time.")
    }

    /// What follows from a hello's payload.
    static func event(_ payload: UnsafeRawBufferPointer) -> ConnectionState.Event {
        do throws(WireFault) {
            return try Hello(decoding: payload).event
        } catch {
            return .greetedWrongly(.helloMalformed)
        }
    }

    package var event: ConnectionState.Event {
        guard magic == Self.magic else { return .greetedWrongly(.helloMalformed) }
        guard versionMin <= Self.version, versionMax >= Self.version else {
            return .greetedWrongly(.versionUnsupported)
        }
        guard frameBytesMax >= Frame.lengthMin, callsMax > 0 else {
            return .greetedWrongly(.helloMalformed)
        }
        return .greeted(
            PeerLimits(frameBytesMax: Int(frameBytesMax), callsMax: Int(callsMax)))
    }
}

/// What a peer said it takes.
package struct PeerLimits: Sendable, Equatable {
    package let frameBytesMax: Int
    package let callsMax: Int

    package init(frameBytesMax: Int, callsMax: Int) {
        self.frameBytesMax = frameBytesMax
        self.callsMax = callsMax
    }
}

/// Said before an end closes: no new calls, please, and why.
package struct GoAway: Message {
    /// `draining`, or the word of a `Violation`.
    package let reason: String

    /// The sender is shutting down in order; open calls are still answered.
    package static let draining = GoAway(reason: "draining")

    package init(reason: String) {
        self.reason = reason
    }

    package static let name = "GoAway"
    package static let about = "The sender will close the connection; no new calls."

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        reason = try coder.field(
            1, "reason", it?.reason, max: 64, "`draining`, or what the receiver did wrong.")
    }
}
