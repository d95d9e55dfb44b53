// The same machines over real sockets, where the kernel has a say in how connections end.

import RPC
import Reactor
import Testing
import Wire

private let message = EchoMessage("hello")

/// A server on a port of its own. Unchecked: touched on its loop only.
private final class SocketWorld: @unchecked Sendable {
    let echo: EchoWorld
    let listener: TCPListener

    init(_ loop: EventLoop, _ limits: RPCLimits = RPCLimits()) throws {
        let echo = EchoWorld(loop, limits)
        self.echo = echo
        listener = try TCPListener(loop: loop, address: .ipv4(0x7f00_0001, port: 0)) { stream in
            echo.server.accept(stream, as: gatewayIdentity)
        }
    }

    func connect() async throws -> SocketStream {
        try await SocketStream.connect(
            to: listener.address, on: echo.loop, timeout: .seconds(5))
    }
}

struct RPCSocketTests {
    @Test func `a client calls a server over TCP and finds it again after a restart`() async throws
    {
        try await onLoop { loop in
            var world: SocketWorld? = try SocketWorld(loop)
            let address = try #require(world?.listener.address)
            let client = RPCClient(
                loop: loop, peers: [address.description],
                connect: { peer in
                    guard let address = SocketAddress(peer) else { throw TookTooLong() }
                    return try await SocketStream.connect(
                        to: address, on: loop, timeout: .seconds(1))
                })
            client.start()
            #expect(await client.waitUntilHealthy(within: .seconds(5)))
            #expect(
                try await client.call(EchoContract.later, message, deadline: .seconds(5)) == message
            )
            world?.listener.close()
            await world?.echo.server.drain()
            world = nil
            try await eventually(on: loop) { !client.isHealthy }
            let again = EchoWorld(loop)
            let listener = try TCPListener(loop: loop, address: address) { stream in
                again.server.accept(stream, as: gatewayIdentity)
            }
            #expect(await client.waitUntilHealthy(within: .seconds(5)))
            _ = try await client.call(EchoContract.echo, message, deadline: .seconds(5))
            listener.close()
        }
    }

    @Test func `F-25 a reset in the middle of the answers frees the connection and nothing else`()
        async throws
    {
        try await onLoop { loop in
            let world = try SocketWorld(loop)
            for count in [1, 7, 300] as [UInt32] {
                let peer = RawPeer(try await world.connect())
                try await peer.greet()
                for call in 1...count { peer.request(EchoContract.big, call: call, message) }
                try await peer.until { peer.frames.count > 1 }
                peer.stream.abort()
                try await peer.until { world.echo.server.connectionCount == 0 }
            }
            let peer = RawPeer(try await world.connect())
            try await peer.greet()
            peer.request(EchoContract.echo, call: 1, message)
            #expect(try await peer.next().kind == .response)
            world.listener.close()
        }
    }

    @Test func `F-23 a peer that never reads costs bounded memory and is cut off`() async throws {
        try await onLoop { loop in
            var limits = RPCLimits()
            limits.writeTimeMax = .milliseconds(100)
            limits.queuedBytesMax = 500_000
            let world = try SocketWorld(loop, limits)
            let peer = RawPeer(try await world.connect())
            try await peer.greet()
            peer.stream.pauseReading()
            // 2,000 answers of 60 kB would be 120 MB, far more than the kernel keeps.
            for call in 1...2000 as ClosedRange<UInt32> {
                peer.request(EchoContract.big, call: call, message)
            }
            try await peer.until { world.echo.server.connectionCount == 0 }
            #expect(world.echo.notices.violations == [.answersUnread])
            world.listener.close()
        }
    }

    @Test func `F-26 TLS or HTTP on the plain port is refused with a word`() async throws {
        try await onLoop { loop in
            let world = try SocketWorld(loop)
            let clientHello: [UInt8] = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03]
            for bytes in [clientHello, Array("GET / HTTP/1.1\r\n\r\n".utf8)] {
                let peer = RawPeer(try await world.connect())
                peer.send(bytes)
                try await peer.expectViolation("frame_too_long")
            }
            world.listener.close()
        }
    }
}
