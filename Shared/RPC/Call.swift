import Reactor
import Wire

/// Who is calling.
package enum Caller: Sendable, Hashable {
    /// The identity that mutual TLS has proved, `spiffe://<trust domain>/<name>`.
    case service(identity: String)
    /// Someone without a certificate, for example a browser over HTTP.
    case outside(SocketAddress)
}

extension Caller: CustomStringConvertible {
    package var description: String {
        switch self {
        case .service(let identity): identity
        case .outside(let address): address.description
        }
    }
}

/// The idempotency key of a call: repeated under the same id, it has its effect once.
package struct RequestID: Sendable, Hashable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A new one, from the system's random numbers.
    package static func random() -> RequestID {
        RequestID(high: .random(in: .min ... .max), low: .random(in: .min ... .max))
    }

    /// The 16 bytes as they travel, most significant first.
    package var bytes: [UInt8] { bigEndianBytes(high) + bigEndianBytes(low) }

    /// From exactly 16 bytes, else nil.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        self.init(high: bigEndianWord(bytes[0..<8]), low: bigEndianWord(bytes[8..<16]))
    }
}

extension RequestID: CustomStringConvertible {
    /// 32 lower-case hexadecimal digits.
    package var description: String { Base16.encode(bytes) }
}

/// One trace makes many calls: a trace id and the span that made this call (W3C Trace Context).
package struct Trace: Sendable, Hashable {
    package let high: UInt64
    package let low: UInt64
    package let parentSpan: UInt64

    package init(high: UInt64, low: UInt64, parentSpan: UInt64) {
        self.high = high
        self.low = low
        self.parentSpan = parentSpan
    }

    /// The start of a new trace, from the system's random numbers.
    package static func random() -> Trace {
        Trace(
            high: .random(in: .min ... .max), low: .random(in: 1 ... .max),
            parentSpan: .random(in: 1 ... .max))
    }

    /// The same trace, seen from a new span below this one.
    package func child() -> Trace {
        Trace(high: high, low: low, parentSpan: .random(in: 1 ... .max))
    }
}

extension Trace: CustomStringConvertible {
    /// The trace id: 32 lower-case hexadecimal digits.
    package var description: String {
        Base16.encode(bigEndianBytes(high) + bigEndianBytes(low))
    }
}

/// What a handler knows of a call besides its message.
package struct Call: Sendable {
    package let caller: Caller
    /// As sent by the caller; a random one when none was sent.
    package let requestID: RequestID
    package let trace: Trace
    /// When the caller stops waiting; nil for never.
    package let deadline: ContinuousClock.Instant?
    /// The session token of the user for whom a registered caller acts. Secret.
    package let bearer: Bytes?

    package init(
        caller: Caller, requestID: RequestID = .random(), trace: Trace = .random(),
        deadline: ContinuousClock.Instant? = nil, bearer: Bytes? = nil
    ) {
        self.caller = caller
        self.requestID = requestID
        self.trace = trace
        self.deadline = deadline
        self.bearer = bearer
    }

    /// Time left until the deadline, never below zero; `otherwise` when there is none.
    package func timeLeft(otherwise: Duration) -> Duration {
        guard let deadline else { return otherwise }
        return max(.zero, deadline - .now)
    }
}

func bigEndianBytes(_ word: UInt64) -> [UInt8] {
    withUnsafeBytes(of: word.bigEndian) { [UInt8]($0) }
}

func bigEndianWord(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
}
