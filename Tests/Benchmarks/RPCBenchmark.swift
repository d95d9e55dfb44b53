import Foundation
import RPC

/// Calls/s and latency of RPC beside a bare echo: all variants in turn, several rounds, medians.
struct RPCBenchmark {
    struct Plan {
        let seconds: Double
        let rounds: Int
        /// Only the variant of this name, beside the bare echo.
        let only: String?
    }

    private struct Variant {
        let name: String
        let port: UInt16
        let clock: clockid_t
        let method: UInt16?
    }

    static let shapes = [
        Shape(connections: 1, inFlight: 1), Shape(connections: 1, inFlight: 64),
        Shape(connections: 32, inFlight: 16),
    ]
    static let bareName = "bare epoll echo"

    private let plan: Plan

    init(_ plan: Plan) { self.plan = plan }

    func run() async throws -> BenchmarkReport {
        let bare = try BareEcho()
        let server = try await BenchmarkServer()
        let methods = [
            ("inline", BenchmarkContract.inline.number),
            ("async", BenchmarkContract.async.number),
            ("async, waits once", BenchmarkContract.waiting.number),
        ]
        var variants = [
            Variant(name: Self.bareName, port: bare.port, clock: bare.clock, method: nil)
        ]
        variants += methods.map { name, number in
            Variant(name: name, port: server.port, clock: server.clock, method: number)
        }
        variants = variants.filter {
            plan.only == nil || $0.name == plan.only || $0.name == Self.bareName
        }
        var samples: [BenchmarkReport.Key: [Sample]] = [:]
        for round in 0..<plan.rounds {
            for shape in Self.shapes {
                for variant in variants {
                    let sample = try await measure(variant, shape)
                    samples[.init(shape: shape, variant: variant.name), default: []].append(sample)
                }
            }
            FileHandle.standardError.write(Data("round \(round + 1) of \(plan.rounds)\n".utf8))
        }
        return BenchmarkReport(
            shapes: Self.shapes, variants: variants.map(\.name), bare: Self.bareName,
            samples: samples)
    }

    private func measure(_ variant: Variant, _ shape: Shape) async throws -> Sample {
        let seconds = plan.seconds
        let (port, method, clock) = (variant.port, variant.method, variant.clock)
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                Core.pin(to: Core.client)
                continuation.resume(
                    with: Result {
                        var client = try LoadClient(shape, port: port, method: method)
                        let before = Core.nanoseconds(clock)
                        var sample = try client.run(seconds: seconds)
                        let spent = Double(Core.nanoseconds(clock) - before) / 1000
                        sample.serverMicroseconds = spent / (sample.callsPerSecond * seconds)
                        return sample
                    })
            }
        }
    }
}
