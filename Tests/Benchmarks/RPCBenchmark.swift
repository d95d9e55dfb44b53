import Foundation
import RPC
import Reactor
import TLS

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
        /// The server's thread.
        let clock: clockid_t
        let run: (Shape, Double) async throws -> Sample
    }

    static let shapes = [
        Shape(connections: 1, inFlight: 1), Shape(connections: 1, inFlight: 64),
        Shape(connections: 32, inFlight: 16),
    ]
    static let bareName = "bare epoll echo"

    private let plan: Plan

    init(_ plan: Plan) { self.plan = plan }

    func run() async throws -> BenchmarkReport {
        let variants = try await makeVariants().filter {
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

    private func makeVariants() async throws -> [Variant] {
        let certificates = try BenchmarkCertificates()
        let bare = try BareEcho()
        let server = try await BenchmarkServer(certificates)
        let context = try certificates.context(.client, .gateway)
        let peer = ServiceRole.policy.identity(in: BenchmarkCertificates.trustDomain)
        let sealedPort = server.sealedPort
        let sealed = try await StreamLoad { loop in
            let stream = try await SocketStream.connect(
                to: .ipv4(0x7f00_0001, port: sealedPort), on: loop, timeout: .seconds(5))
            return try await TLSStream.connect(over: stream, context: context, expecting: peer)
        }
        let methods = [
            ("inline", BenchmarkContract.inline.number),
            ("async", BenchmarkContract.async.number),
            ("async, waits once", BenchmarkContract.waiting.number),
        ]
        let plain = methods.map { name, number in
            Variant(name: name, clock: server.clock) { shape, seconds in
                try await loadRaw(shape, server.port, number, seconds)
            }
        }
        let withTLS = methods.map { name, number in
            Variant(name: name + ", mutual TLS", clock: server.clock) { shape, seconds in
                try await sealed.run(shape, number, seconds: seconds)
            }
        }
        let limit = Variant(name: Self.bareName, clock: bare.clock) { shape, seconds in
            try await loadRaw(shape, bare.port, nil, seconds)
        }
        return [limit] + plain + withTLS
    }

    private func measure(_ variant: Variant, _ shape: Shape) async throws -> Sample {
        let before = Core.nanoseconds(variant.clock)
        var sample = try await variant.run(shape, plan.seconds)
        let spent = Double(Core.nanoseconds(variant.clock) - before) / 1000
        sample.serverMicroseconds = spent / (sample.callsPerSecond * plan.seconds)
        return sample
    }
}

/// One round from a pinned thread of its own.
private func loadRaw(
    _ shape: Shape, _ port: UInt16, _ method: UInt16?, _ seconds: Double
) async throws -> Sample {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            Core.pin(to: Core.client)
            continuation.resume(
                with: Result {
                    var client = try LoadClient(shape, port: port, method: method)
                    return try client.run(seconds: seconds)
                })
        }
    }
}
