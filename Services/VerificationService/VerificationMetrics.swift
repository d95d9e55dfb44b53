import Contracts
import Daemon
import Reactor
import Wire

/// What the verification service tells about itself beside what all services do.
struct VerificationMeters: Sendable {
    private static let proofs = MetricFamily(
        "dubbelslot_factor_checks_total", .counter, by: ["type", "outcome"],
        "Checks of passwords and second factors, by what came of them.")
    private static let messages = MetricFamily(
        "dubbelslot_messages_total", .counter, by: ["channel", "outcome"],
        "Tries to send a message, by what came of them.")
    private static let hashes = MetricFamily(
        "dubbelslot_password_hashes", .gauge, by: ["state"],
        "Password hashes that are being made, or wait for a thread.")
    private static let hashRoom = MetricFamily(
        "dubbelslot_password_hashes_waiting_max", .gauge,
        "Password hashes that may wait; one more is refused.")

    private let checked: MetricSeries
    private let sent: MetricSeries

    init(_ pool: BlockingPool, _ loops: [EventLoop], _ metrics: Metrics) {
        checked = MetricSeries(
            Self.proofs,
            cells: FactorMeter.types.flatMap { type in
                FactorOutcome.allCases.map { [type, $0.rawValue] }
            }, loops: loops)
        sent = MetricSeries(
            Self.messages,
            cells: MessageChannel.allCases.flatMap { channel in
                MessageMeter.outcomes.map { [channel.rawValue, $0] }
            }, loops: loops)
        metrics.add(checked)
        metrics.add(sent)
        metrics.add(
            MetricReading(Self.hashes, cells: [["in_flight"], ["waiting"]]) {
                [Int64(pool.underWay), Int64(pool.waiting)]
            })
        metrics.add(MetricReading(Self.hashRoom) { [Int64(pool.queueMax)] })
    }

    func factors(on loop: EventLoop) -> FactorMeter { FactorMeter(checked.tally(on: loop)) }
    func messages(on loop: EventLoop) -> MessageMeter { MessageMeter(sent.tally(on: loop)) }
}

/// What came of checking one proof.
enum FactorOutcome: String, Sendable, CaseIterable {
    case proved
    case wrong
    /// A code that was right, once.
    case used
    /// Too many tries, or too much to do.
    case limited
    /// Refused for another reason, such as a challenge that has expired.
    case refused
    /// It could not be checked.
    case failed

    init(_ fault: Fault?) {
        guard let fault else {
            self = .proved
            return
        }
        switch fault.reason {
        case .codeWrong, .passwordWrong, .passkeyRefused: self = .wrong
        case .codeUsed: self = .used
        case _:
            switch fault.reason.code.end {
            case .limited: self = .limited
            case .refused: self = .refused
            case .ok, .unavailable, .deadlineExceeded, .canceled, .failed: self = .failed
            }
        }
    }
}

/// Counts the proofs that one loop checks.
struct FactorMeter: Sendable {
    /// What a try is counted under that is refused before anybody looks what it is.
    private static let unknown = "unknown"
    static let types = [unknown] + ProofKind.allCases.map(\.rawValue)

    private let tally: MetricTally
    private let rows: [ProofKind: Int]
    private let outcomes: [FactorOutcome: Int]

    init(_ tally: MetricTally) {
        self.tally = tally
        rows = Dictionary(
            uniqueKeysWithValues: ProofKind.allCases.enumerated().map { ($1, $0 + 1) })
        outcomes = Dictionary(
            uniqueKeysWithValues: FactorOutcome.allCases.enumerated().map { ($1, $0) })
    }

    /// On the loop.
    /// - Parameter fault: Nil where it was proved.
    func count(_ kind: ProofKind?, _ fault: Fault?) {
        let row = kind.flatMap { rows[$0] } ?? 0
        tally.add(to: row * outcomes.count + (outcomes[FactorOutcome(fault)] ?? 0))
    }
}

/// Counts what one loop sends.
struct MessageMeter: Sendable {
    /// What came of a try after which there will be another.
    private static let delayed = "delayed"
    static let outcomes = [delayed] + MessageOutcome.allCases.map(\.rawValue)

    private let tally: MetricTally
    private let channels: [MessageChannel: Int]
    private let places: [MessageOutcome: Int]

    init(_ tally: MetricTally) {
        self.tally = tally
        channels = Dictionary(
            uniqueKeysWithValues: MessageChannel.allCases.enumerated().map { ($1, $0) })
        places = Dictionary(
            uniqueKeysWithValues: MessageOutcome.allCases.enumerated().map { ($1, $0 + 1) })
    }

    /// On the loop.
    func count(_ delivery: MessageCarrier.Delivery, by channel: MessageChannel) {
        guard let row = channels[channel] else { return }
        let place: Int
        switch delivery {
        case .settled(let outcome, _): place = places[outcome] ?? 0
        case .later: place = 0
        }
        tally.add(to: row * (places.count + 1) + place)
    }
}
