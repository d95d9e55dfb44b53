// The servers that are measured: one loop, one contract, handlers of each kind.

import Fixtures
import Foundation
import RPC
import Reactor
import TLS
import Wire

struct BenchmarkBytes: Message {
    let payload: Bytes

    static let name = "BenchmarkBytes"
    static let about = "What comes back as it came."

    init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        payload = try coder.field(1, "payload", it?.payload, max: 65_536, "Any bytes.")
    }
}

enum BenchmarkContract: Contract {
    static let about = "Echoes, for tests and measurements."
    static let service = ServiceName(0x7e, "benchmark.EchoService")

    static let inline = Method<BenchmarkBytes, BenchmarkBytes>(
        0x7e01, "Inline", callers: .services([.gateway]), "Answered on the spot.")
    static let async = Method<BenchmarkBytes, BenchmarkBytes>(
        0x7e02, "Async", callers: .services([.gateway]), "An async handler that does not wait.")
    static let waiting = Method<BenchmarkBytes, BenchmarkBytes>(
        0x7e03, "Waiting", callers: .services([.gateway]),
        "An async handler that is suspended and resumed by the loop.")

    static let methods = [inline.described, async.described, waiting.described]
}

struct BenchmarkDispatcher: Dispatcher {
    let loop: EventLoop

    func answerInline(
        _ method: UInt16, _ body: UnsafeRawBufferPointer, _ head: borrowing CallHead,
        _ output: inout OutputBuffer
    ) -> InlineAnswer {
        guard method == BenchmarkContract.inline.number else { return .wait }
        output.append(body)
        return .answered
    }

    func answer(
        _ method: UInt16, _ coding: Coding, _ body: [UInt8], _ call: Call
    ) async throws(Fault) -> [UInt8] {
        switch method {
        case BenchmarkContract.async.number:
            return body
        case BenchmarkContract.waiting.number:
            await withUnsafeContinuation { continuation in
                loop.soon { continuation.resume() }
            }
            return body
        default:
            throw Fault(.methodUnknown)
        }
    }
}

/// Certificates as `Services/secrets` makes them.
final class BenchmarkCertificates: Sendable {
    static let trustDomain = "dubbelslot.internal"

    private let folder = TemporaryFolder("benchmark")

    init() throws {
        let outcome = try ChildProcess.run(
            RepositoryRoot.path("Services/secrets"), [folder.path])
        guard outcome.status == 0 else { throw StreamLoad.Broken(description: outcome.output) }
    }

    func context(_ role: TLSContext.Role, _ service: ServiceRole) throws(TLSFault) -> TLSContext {
        try TLSContext(
            role: role, certificateFile: folder.file("certificates/\(service.rawValue).pem"),
            keyFile: folder.file("certificates/\(service.rawValue).key"),
            authorityFile: folder.file("certificates/authority.pem"))
    }
}

/// An RPC server on a pinned loop, with a plain door and one with mutual TLS. Unchecked: server and
/// listeners are touched on its loop only.
final class BenchmarkServer: @unchecked Sendable {
    let loop: EventLoop
    let clock: clockid_t
    let port: UInt16
    let sealedPort: UInt16
    private let listeners: [TCPListener]

    init(_ certificates: BenchmarkCertificates) async throws {
        let loop = try EventLoop(name: "server")
        self.loop = loop
        loop.start()
        clock = try await loop.run {
            Core.pin(to: Core.server)
            var clock = clockid_t()
            pthread_getcpuclockid(pthread_self(), &clock)
            return clock
        }
        let domain = BenchmarkCertificates.trustDomain
        let server = RPCServer(
            loop: loop, dispatcher: BenchmarkDispatcher(loop: loop),
            methods: BenchmarkContract.methods, callers: CallerDirectory(trustDomain: domain))
        let context = try certificates.context(.server, .policy)
        // Plaintext: every caller passes for the gateway.
        let plain = try TCPListener(loop: loop, address: .ipv4(0x7f00_0001, port: 0)) { stream in
            server.accept(stream, as: ServiceRole.gateway.identity(in: domain))
        }
        let sealed = try TCPListener(loop: loop, address: .ipv4(0x7f00_0001, port: 0)) { stream in
            loop.spawn {
                do throws(TLSFault) {
                    server.accept(try await TLSStream.accept(over: stream, context: context))
                } catch {
                    FileHandle.standardError.write(Data("handshake: \(error)\n".utf8))
                }
            }
        }
        port = plain.port
        sealedPort = sealed.port
        listeners = [plain, sealed]
    }
}
