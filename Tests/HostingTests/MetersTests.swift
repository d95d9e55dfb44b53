import Fixtures
import HTTP
import RPC
import Reactor
import Testing
import Wire

@testable import Daemon
@testable import Hosting

/// Two methods with numbers that have a gap between them.
private enum MeteredContract: Contract {
    static let service = ServiceName(0x03, "test.v1.MeteredService")
    static let about = "What is counted in tests."
    static let first = Method<GoAway, GoAway>(
        0x0301, "First", callers: .services([.gateway]), "The first.")
    static let second = Method<GoAway, GoAway>(
        0x0317, "Second", callers: .services([.gateway]), "The second.")
    static let methods = [first.described, second.described]
}

@Suite struct MetersTests {
    private func withLoop(
        _ body: @escaping @Sendable (EventLoop) async throws -> Void
    ) async throws {
        let loop = try EventLoop(name: "meters")
        loop.start()
        defer {
            loop.stop()
            loop.join()
        }
        try await body(loop)
    }

    private func lines(_ metrics: Metrics) async -> [String] {
        String(decoding: await metrics.text(), as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }

    @Test func `every number has a row, and those that are no methods share one`() {
        let rows = MethodRows([MeteredContract.self])
        #expect(rows.names.count == MeteredContract.methods.count + 1)
        #expect(Set(rows.names).count == rows.names.count)
        let known = (0...UInt16.max).filter { rows.row(of: $0) != 0 }
        #expect(known == MeteredContract.methods.map { $0.number })
        for method in MeteredContract.methods {
            #expect(rows.names[rows.row(of: method.number)] == "MeteredService/\(method.name)")
        }
    }

    @Test func `a call is counted by its method and end, and its time by its method`()
        async throws
    {
        try await withLoop { loop in
            let metrics = Metrics()
            let rows = MethodRows([MeteredContract.self])
            let meters = CallMeters(rows, [loop], metrics)
            let log = Log(service: "test", level: .error, output: DescriptorOutput(2))
            let method = MeteredContract.methods[0].number
            let name = rows.names[rows.row(of: method)]
            try await loop.run {
                let observer = meters.observer(on: loop, log)
                for end in CallEnd.allCases {
                    observer.ended(method, end, time: .milliseconds(3), trace: nil)
                }
                observer.ended(.max, .refused, time: .zero, trace: nil)
            }
            let lines = await lines(metrics)
            for end in CallEnd.allCases {
                #expect(
                    lines.contains(
                        "dubbelslot_rpc_calls_total{method=\"\(name)\","
                            + "outcome=\"\(end.rawValue)\"} 1"))
            }
            #expect(
                lines.contains(
                    "dubbelslot_rpc_calls_total{method=\"other\",outcome=\"refused\"} 1"))
            let count = CallEnd.allCases.count
            #expect(
                lines.contains("dubbelslot_rpc_call_seconds_count{method=\"\(name)\"} \(count)"))
            #expect(
                lines.contains(
                    "dubbelslot_rpc_call_seconds_bucket{method=\"\(name)\",le=\"0.0025\"} 0"))
        }
    }

    @Test func `ends have places of their own, from zero on`() {
        #expect(CallEnd.allCases.map(\.index).sorted() == Array(CallEnd.allCases.indices))
    }

    @Test func `requests over HTTP are counted by the class of their status`() async throws {
        try await withLoop { loop in
            let metrics = Metrics()
            let meters = HTTPMeters(["other", "page"], [loop], metrics) { _ in 1 }
            try await loop.run {
                let observe = meters.observer(on: loop)
                observe(.turnedAway(.ipv4(0x7f00_0001, port: 1)))
            }
            #expect(
                await lines(metrics).contains(
                    "dubbelslot_http_requests_refused_total{reason=\"too_many_connections\"} 1"))
        }
    }
}
