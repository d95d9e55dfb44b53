import Daemon
import Reactor
import Wire

/// What the gateway tells of sign-ins, of all loops.
struct SignInMeters: Sendable {
    private static let signIns = MetricFamily(
        "dubbelslot_sign_ins_total", .counter, by: ["outcome"],
        "Sign-ins that began, that were completed, and steps of them that were refused, by reason.")

    private let series: MetricSeries

    init(_ loops: [EventLoop], _ metrics: Metrics) {
        series = MetricSeries(
            Self.signIns, cells: SignInMeter.outcomes.map { [$0] }, loops: loops)
        metrics.add(series)
    }

    func meter(on loop: EventLoop) -> SignInMeter { SignInMeter(series.tally(on: loop)) }
}

/// Counts the sign-ins of one loop.
struct SignInMeter: Sendable {
    private enum Passed: Int, CaseIterable {
        case begun, completed

        var word: String {
            switch self {
            case .begun: "begun"
            case .completed: "completed"
            }
        }
    }

    static let outcomes = Passed.allCases.map(\.word) + Reason.allCases.map(\.rawValue)

    private let tally: MetricTally
    private let places: [Reason: Int]

    init(_ tally: MetricTally) {
        self.tally = tally
        let first = Passed.allCases.count
        places = Dictionary(
            uniqueKeysWithValues: Reason.allCases.enumerated().map { ($1, first + $0) })
    }

    /// The first proof was right, and more is asked for. On the loop, as the others are.
    func begun() { tally.add(to: Passed.begun.rawValue) }

    /// A session was opened.
    func completed() { tally.add(to: Passed.completed.rawValue) }

    /// A step was refused.
    func refused(_ reason: Reason) {
        if let place = places[reason] { tally.add(to: place) }
    }
}
