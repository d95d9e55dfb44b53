import Contracts
import Daemon
import Hosting
import Postgres
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
    private static let waiting = MetricFamily(
        "dubbelslot_messages_waiting", .gauge, by: ["channel"],
        "Messages in the outbox that all processes share; absent while the database is away.")
    private static let hashes = MetricFamily(
        "dubbelslot_password_hashes", .gauge, by: ["state"],
        "Password hashes that are being made, or wait for a thread.")
    private static let hashRoom = MetricFamily(
        "dubbelslot_password_hashes_waiting_max", .gauge,
        "Password hashes that may wait; one more is refused.")

    private let checked: MetricSeries
    private let sent: MetricSeries

    /// - Parameters:
    ///   - pool: Where password hashes are made.
    ///   - islands: All of them; the database is asked by the first.
    init(_ pool: BlockingPool, _ islands: [Island], _ metrics: Metrics) {
        let loops = islands.map { $0.loop }
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
        guard let first = islands.first else { return }
        metrics.add(
            MetricReading(Self.waiting, cells: MessageChannel.allCases.map { [$0.rawValue] }) {
                await Self.messagesWaiting(first)
            })
    }

    /// Longest time that the database is waited for, and the most that is counted.
    private static let readWait: Duration = .seconds(1)
    private static let countMax: Int64 = 100_000

    /// By channel; nil while the database does not answer.
    private static func messagesWaiting(_ island: Island) async -> [Int64]? {
        do {
            return try await island.loop.run { () async throws -> [Int64] in
                let rows = try await island.pool.query(
                    """
                    SELECT channel, count(*) FROM (
                        SELECT channel FROM verification.outbox
                        WHERE sealed IS NOT NULL LIMIT \(countMax)
                    ) AS waiting GROUP BY channel
                    """, within: readWait)
                var counts: [String: Int64] = [:]
                for row in rows {
                    let (channel, count) = try row.decode(String.self, Int64.self)
                    counts[channel] = count
                }
                return MessageChannel.allCases.map { counts[$0.rawValue] ?? 0 }
            }
        } catch {
            return nil
        }
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
