// RPC as it really runs: over mutual TLS, where the caller is who its certificate says.

import Fixtures
import Foundation
import RPC
import Reactor
import TLS
import Testing
import Wire

private let message = EchoMessage("hello")

/// Certificates of one installation, made once for all tests here.
private enum Certificates {
    static let trustDomain = "dubbelslot.internal"

    static let folder: TemporaryFolder? = {
        let folder = TemporaryFolder("rpc-tls")
        do {
            let outcome = try ChildProcess.run(
                RepositoryRoot.path("Services/secrets"), [folder.path])
            return outcome.status == 0 ? folder : nil
        } catch {
            return nil
        }
    }()

    static func context(_ role: TLSContext.Role, _ name: String) throws -> TLSContext {
        let folder = try #require(folder)
        return try TLSContext(
            role: role, certificateFile: folder.file("certificates/\(name).pem"),
            keyFile: folder.file("certificates/\(name).key"),
            authorityFile: folder.file("certificates/authority.pem"), handshakesMax: 8)
    }

    /// A gateway by its name, whose certificate comes from an authority that nobody here trusts.
    static func stranger() throws -> TLSContext {
        let authority = try TestAuthority("stranger")
        let leaf = try authority.leaf(
            TestAuthority.Wish {
                $0.alternativeNames = ["URI:\(ServiceRole.gateway.identity(in: trustDomain))"]
            })
        let folder = try #require(folder)
        let ours = try String(
            contentsOfFile: folder.file("certificates/authority.pem"), encoding: .utf8)
        let own = try String(contentsOfFile: authority.file, encoding: .utf8)
        return try TLSContext(
            role: .client, certificateFile: leaf.certificate, keyFile: leaf.key,
            authorityFile: try authority.folder.write("both.pem", ours + own))
    }
}

/// A server with a certificate. Unchecked: touched on its loop only.
private final class SealedWorld: @unchecked Sendable {
    let log = EchoLog()
    let notices = Notices()
    let listener: TCPListener
    private let loop: EventLoop
    /// Those done as clients see it.
    private(set) var handshakes = 0

    /// - Parameter handshakeTimeMax: How long a handshake may take; as many as 8 run at a time.
    init(_ loop: EventLoop, handshakeTimeMax: Duration = .seconds(10)) throws {
        self.loop = loop
        let server = RPCServer(
            loop: loop, dispatcher: EchoDispatcher(loop: loop, log: log),
            methods: EchoContract.methods,
            callers: CallerDirectory(trustDomain: Certificates.trustDomain),
            notice: { [notices] in notices.all.append($0) })
        let context = try Certificates.context(.server, "verification-service")
        listener = try TCPListener(loop: loop, address: .ipv4(0x7f00_0001, port: 0)) { stream in
            loop.spawn {
                do throws(TLSFault) {
                    server.accept(
                        try await TLSStream.accept(
                            over: stream, context: context, timeout: handshakeTimeMax))
                } catch {
                    // Refused; the client sees it.
                }
            }
        }
    }

    /// A client with the named certificate that wants to talk to `peer`.
    func client(_ name: String, expecting peer: ServiceRole = .verification) throws -> RPCClient {
        client(try Certificates.context(.client, name), expecting: peer)
    }

    func client(_ context: TLSContext, expecting peer: ServiceRole = .verification) -> RPCClient {
        let (address, loop) = (listener.address, loop)
        let client = RPCClient(
            loop: loop, peers: [address.description],
            notice: { [notices] in notices.all.append($0) },
            connect: { _ in
                let stream = try await SocketStream.connect(
                    to: address, on: loop, timeout: .seconds(1))
                let sealed = try await TLSStream.connect(
                    over: stream, context: context,
                    expecting: peer.identity(in: Certificates.trustDomain))
                self.handshakes += 1
                return sealed
            })
        client.start()
        return client
    }
}

struct RPCOverTLSTests {
    @Test func `the caller is who the certificate says`() async throws {
        try await onLoop { loop in
            let world = try SealedWorld(loop)
            let client = try world.client("auth-gateway")
            #expect(await client.waitUntilHealthy(within: .seconds(10)))
            let big = EchoMessage(String(repeating: "x", count: 90_000))
            #expect(try await client.call(EchoContract.later, big, deadline: .seconds(5)) == big)
            let identity = ServiceRole.gateway.identity(in: Certificates.trustDomain)
            #expect(world.log.calls.map(\.caller) == [.service(identity: identity)])
            client.close()
        }
    }

    @Test
    func `F-08, F-29 a right certificate of the wrong service is refused each method, and logged`()
        async throws
    {
        try await onLoop { loop in
            let world = try SealedWorld(loop)
            let client = try world.client("policy-service")
            #expect(await client.waitUntilHealthy(within: .seconds(10)))
            let refusal = await fault { () async throws(Fault) in
                try await client.call(EchoContract.later, message, deadline: .seconds(5))
            }
            #expect(refusal?.reason == .callerNotAllowed)
            #expect(world.log.started == 0)
            let isLogged = world.notices.all.contains {
                if case .callRefused(_, _, .callerNotAllowed) = $0 { true } else { false }
            }
            #expect(isLogged)
            client.close()
        }
    }

    @Test func `F-32 a server of another service gets no call`() async throws {
        try await onLoop { loop in
            let world = try SealedWorld(loop)
            let client = try world.client("auth-gateway", expecting: .policy)
            try await eventually(on: loop) {
                world.notices.all.contains {
                    if case .peerLost = $0 { true } else { false }
                }
            }
            #expect(!client.isHealthy)
            client.close()
        }
    }

    @Test func `F-28 a client that is refused is never healthy, though its handshake was done`()
        async throws
    {
        try await onLoop { loop in
            let world = try SealedWorld(loop)
            let client = world.client(try Certificates.stranger())
            try await eventually(on: loop) {
                world.handshakes > 1 && !world.notices.all.isEmpty
            }
            #expect(!client.isHealthy)
            let refusal = await fault { () async throws(Fault) in
                try await client.call(EchoContract.later, message, deadline: .seconds(5))
            }
            #expect(refusal?.reason == .unavailable)
            #expect(world.log.started == 0)
            client.close()
        }
    }

    @Test func `F-35 handshakes that never finish keep nobody out for long, and no call waits`()
        async throws
    {
        try await onLoop { loop in
            let world = try SealedWorld(loop, handshakeTimeMax: .milliseconds(500))
            let client = try world.client("auth-gateway")
            #expect(await client.waitUntilHealthy(within: .seconds(10)))
            var flood: [RawPeer] = []
            for number in 0..<500 {
                do throws(SystemFault) {
                    let peer = RawPeer(
                        try await SocketStream.connect(
                            to: world.listener.address, on: loop, timeout: .seconds(5)))
                    // The beginning of a TLS hello.
                    peer.send([22, 3, 1, 2, 0, 1])
                    flood.append(peer)
                } catch {
                    // Sent away before it had even seen that it was let in.
                }
                guard number.isMultiple(of: 50) else { continue }
                let answer = try await client.call(
                    EchoContract.later, message, deadline: .seconds(5))
                #expect(answer == message)
            }
            for peer in flood { try await peer.until { peer.end != nil || peer.isInputEnded } }
            let next = try world.client("auth-gateway")
            #expect(await next.waitUntilHealthy(within: .seconds(10)))
            next.close()
            client.close()
        }
    }
}
