import Daemon
import HTTP
import RPC
import Reactor
import Wire

/// Figures of the calls that come in by RPC, of all loops.
struct CallMeters: Sendable {
    private static let calls = MetricFamily(
        "dubbelslot_rpc_calls_total", .counter, by: ["method", "outcome"],
        "Calls that came in by RPC, by how they ended.")
    private static let seconds = MetricFamily(
        "dubbelslot_rpc_call_seconds", .histogram(.calls), by: ["method"],
        "Time from a whole request by RPC to its answer.")

    private let rows: MethodRows
    private let counts: MetricSeries
    private let times: MetricSeries

    init(_ rows: MethodRows, _ loops: [EventLoop], _ metrics: Metrics) {
        self.rows = rows
        let outcomes = CallEnd.allCases.sorted { $0.index < $1.index }
        counts = MetricSeries(
            Self.calls,
            cells: rows.names.flatMap { name in outcomes.map { [name, $0.rawValue] } },
            isSparse: true, loops: loops)
        times = MetricSeries(
            Self.seconds, cells: rows.names.map { [$0] }, isSparse: true, loops: loops)
        metrics.add(counts)
        metrics.add(times)
    }

    func observer(on loop: EventLoop, _ log: Log) -> CallMeter {
        CallMeter(rows, counts.tally(on: loop), times.tally(on: loop), log)
    }
}

/// Counts the calls of one loop, and tells of each where somebody looks so closely.
///
/// Unchecked: called on its loop's thread only; its members are constant.
final class CallMeter: CallObserver, @unchecked Sendable {
    private let rows: MethodRows
    private let counts: MetricTally
    private let times: MetricTally
    private let log: Log
    private let isTelling: Bool
    private let outcomes: Int

    init(_ rows: MethodRows, _ counts: MetricTally, _ times: MetricTally, _ log: Log) {
        self.rows = rows
        self.counts = counts
        self.times = times
        self.log = log
        isTelling = log.writes(.debug)
        outcomes = CallEnd.allCases.count
    }

    func ended(_ method: UInt16, _ end: CallEnd, time: Duration, trace: Trace?) {
        let row = rows.row(of: method)
        counts.add(to: row * outcomes + end.index)
        times.observe(time, in: row)
        if isTelling, end != .ok || trace != Trace.none { tell(row, end, time, trace) }
    }

    private func tell(_ row: Int, _ end: CallEnd, _ time: Duration, _ trace: Trace?) {
        log.debug(
            "call_ended",
            [
                "method": .text(rows.names[row]), "outcome": .text(end.rawValue),
                "time": .duration(time), "trace_id": .text(trace?.description ?? ""),
                "span_id": .text(trace?.span ?? ""),
            ])
    }
}

/// Figures of the requests that come in by HTTP, of all loops.
package struct HTTPMeters: Sendable {
    private static let requests = MetricFamily(
        "dubbelslot_http_requests_total", .counter, by: ["method", "status"],
        "Requests answered over HTTP, by the class of their status.")
    private static let seconds = MetricFamily(
        "dubbelslot_http_request_seconds", .histogram(.calls), by: ["method"],
        "Time from a whole request over HTTP to its answer.")
    private static let refusals = MetricFamily(
        "dubbelslot_http_requests_refused_total", .counter, by: ["reason"],
        "What came over HTTP and was no request, or one connection too many.")

    private static let classes = ["1xx", "2xx", "3xx", "4xx", "5xx"]
    private enum Refusal: Int {
        case malformed, crowded
    }
    private static let reasons = ["malformed", "too_many_connections"]

    private let counts: MetricSeries
    private let times: MetricSeries
    private let refused: MetricSeries
    private let row: @Sendable (HTTPRequest) -> Int

    /// - Parameters:
    ///   - names: What requests are told apart by.
    ///   - row: Which of them a request belongs to. Called for each, so it takes no memory.
    package init(
        _ names: [String], _ loops: [EventLoop], _ metrics: Metrics,
        row: @escaping @Sendable (HTTPRequest) -> Int
    ) {
        self.row = row
        counts = MetricSeries(
            Self.requests, cells: names.flatMap { name in Self.classes.map { [name, $0] } },
            isSparse: true, loops: loops)
        times = MetricSeries(Self.seconds, cells: names.map { [$0] }, isSparse: true, loops: loops)
        refused = MetricSeries(Self.refusals, cells: Self.reasons.map { [$0] }, loops: loops)
        metrics.add(counts)
        metrics.add(times)
        metrics.add(refused)
    }

    /// For the server of this loop.
    package func observer(on loop: EventLoop) -> @Sendable (HTTPObservation) -> Void {
        let row = row
        let counts = counts.tally(on: loop)
        let times = times.tally(on: loop)
        let refused = refused.tally(on: loop)
        return { observation in
            switch observation {
            case .answered(let request, let status, let time):
                let row = row(request)
                let last = Self.classes.count - 1
                let kind = min(max(status.code / 100 - 1, 0), last)
                counts.add(to: row * Self.classes.count + kind)
                times.observe(time, in: row)
            case .refused: refused.add(to: Refusal.malformed.rawValue)
            case .turnedAway: refused.add(to: Refusal.crowded.rawValue)
            }
        }
    }
}
