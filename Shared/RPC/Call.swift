import Reactor
import Synchronization
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

    /// A new one, unlike any other, but no secret.
    package static func random() -> RequestID {
        let (high, low) = UniqueWords.next()
        return RequestID(high: high, low: low)
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
/// The id may be the choice of whoever asked first, as he may send one. A span is made by the
/// gateway, for each request or for all steps of a sign-in, and handed on as it is: so what
/// belongs together is joined by the span, and found in logs by either.
package struct Trace: Sendable, Hashable {
    package let high: UInt64
    package let low: UInt64
    package let parentSpan: UInt64

    package init(high: UInt64, low: UInt64, parentSpan: UInt64) {
        self.high = high
        self.low = low
        self.parentSpan = parentSpan
    }

    /// Of what nobody has asked for and nobody looks for, such as asking for news now and then.
    package static let none = Trace(high: 0, low: 0, parentSpan: 0)

    /// The start of a new trace, unlike any other, but no secret.
    package static func random() -> Trace {
        let (high, low) = UniqueWords.next()
        return Trace(high: high, low: low, parentSpan: UniqueWords.span())
    }

    /// The same trace, under a new span: where it comes in from somebody else.
    package func child() -> Trace {
        Trace(high: high, low: low, parentSpan: UniqueWords.span())
    }
}

/// Numbers for naming things: seeded once from the system and then mixed from a count (SplitMix64;
/// Steele, Lea, Flood 2014), because asking the kernel for each costs more than the call it names.
/// Within a process no pair comes twice; between processes the seeds keep them apart.
private enum UniqueWords {
    private static let count = Atomic<UInt64>(0)
    private static let seeds: (UInt64, UInt64) = (
        .random(in: .min ... .max), .random(in: .min ... .max)
    )

    static func next() -> (UInt64, UInt64) {
        let step = count.wrappingAdd(0x9e37_79b9_7f4a_7c15, ordering: .relaxed).newValue
        return (mix(seeds.0 &+ step), mix(seeds.1 &+ step))
    }

    /// Not zero, which W3C Trace Context reserves.
    static func span() -> UInt64 { max(1, next().0) }

    private static func mix(_ word: UInt64) -> UInt64 {
        var z = word
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

extension Trace: CustomStringConvertible {
    /// The trace id: 32 lower-case hexadecimal digits.
    package var description: String {
        Base16.encode(bigEndianBytes(high) + bigEndianBytes(low))
    }

    /// 16 lower-case hexadecimal digits.
    package var span: String { Base16.encode(bigEndianBytes(parentSpan)) }

    /// As the rows of an audit have it: the trace id, a dash, and the span.
    package var audited: String { "\(self)-\(span)" }
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
