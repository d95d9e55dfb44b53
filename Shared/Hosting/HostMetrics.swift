import Daemon
import Postgres
import Reactor
import TLS
import Wire

/// What the frame that all services share tells about itself.
enum HostMetrics {
    private static let build = MetricFamily(
        "dubbelslot_build_info", .gauge, by: ["service", "version"], "Which build this is.")
    private static let connections = MetricFamily(
        "dubbelslot_database_connections", .gauge, by: ["state"],
        "Connections to the database that the statements of all share.")
    private static let statements = MetricFamily(
        "dubbelslot_database_statements", .gauge, by: ["state"],
        "Statements that the database works on, or that wait for a connection.")
    private static let transactions = MetricFamily(
        "dubbelslot_database_transactions", .gauge, by: ["state"],
        "Transactions of several statements that have a connection, or wait for one.")
    private static let skew = MetricFamily(
        "dubbelslot_clock_skew_seconds", .secondsGauge,
        "How far this machine's clock is ahead of the database's; absent while it is away.")
    private static let certificate = MetricFamily(
        "dubbelslot_certificate_expiry_seconds", .gauge, by: ["use"],
        "How long the certificates in use are valid still.")

    static func add(
        to metrics: Metrics, _ role: String, _ islands: [Island], _ clock: WallClock
    ) {
        metrics.add(
            MetricReading(build, cells: [[role, Build.version.description]]) { [1] })
        metrics.add(
            pools(connections, ["in_use", "idle"], islands) {
                [$0.connectionsBusy, $0.connections - $0.connectionsBusy]
            })
        metrics.add(
            pools(statements, ["in_flight", "waiting"], islands) {
                [$0.statementsInFlight, $0.statementsWaiting]
            })
        metrics.add(
            pools(transactions, ["in_use", "waiting"], islands) { [$0.leased, $0.leasesWaiting] })
        guard let island = islands.first else { return }
        metrics.add(MetricReading(skew) { await measuredSkew(island, clock).map { [$0] } })
    }

    /// - Parameter contexts: By what each is used for.
    static func certificates(_ contexts: [(use: String, context: TLSContext)]) -> MetricReading {
        MetricReading(certificate, cells: contexts.map { [$0.use] }) {
            contexts.map { $0.context.remainingLife.components.seconds }
        }
    }

    private static func pools(
        _ family: MetricFamily, _ states: [String], _ islands: [Island],
        _ read: @escaping @Sendable (ConnectionPool.Use) -> [Int]
    ) -> MetricReading {
        MetricReading(
            family, cells: states.map { [$0] }, ofEach: islands, on: { $0.loop }
        ) { island in
            read(island.pool.use).map { Int64($0) }
        }
    }

    /// Longest time that an answer about the clock is waited for.
    private static let skewWait: Duration = .seconds(1)

    /// Microseconds, from the middle between question and answer; nil while nobody answers.
    private static func measuredSkew(_ island: Island, _ clock: WallClock) async -> Int64? {
        do {
            return try await island.loop.run { () async throws -> Int64? in
                let before = clock.now().microseconds
                let rows = try await island.pool.query(
                    "SELECT clock_timestamp()", within: skewWait)
                let after = clock.now().microseconds
                guard let theirs = try rows.first?.decode(Timestamp.self) else { return nil }
                return before + (after - before) / 2 - theirs.microseconds
            }
        } catch {
            return nil
        }
    }
}
