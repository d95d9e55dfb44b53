import Contracts
import Dispatch
import RPC
import Reactor
import Synchronization
import TLS
import Wire

/// A registered service that asks a gateway about sessions over binary RPC, with mutual TLS. It
/// blocks the thread that asks; any thread may.
package final class SessionCaller: Sendable {
    private let loop: EventLoop
    private let client: RPCClient

    /// Begins to connect; a call before it has is `.unavailable`.
    package init(_ installation: Installation, at gateway: Installation.Name = .gateway) throws {
        let loop = try EventLoop(name: "caller")
        loop.start()
        let domain = "spiffe://dubbelslot.internal/"
        let context = try TLSContext(
            role: .client, certificateFile: installation.file("certificates/demo-caller.pem"),
            keyFile: installation.file("certificates/demo-caller.key"),
            authorityFile: installation.file("certificates/authority.pem"),
            identity: domain + "demo-caller")
        let port = try installation.port("\(gateway.rawValue).rpc")
        client = RPCClient(loop: loop, peers: ["gateway"]) { _ in
            let stream = try await SocketStream.connect(
                to: .ipv4(0x7f00_0001, port: port), on: loop, timeout: .seconds(3))
            return try await TLSStream.connect(
                over: stream, context: context, expecting: domain + "auth-gateway")
        }
        self.loop = loop
        client.start()
    }

    deinit {
        client.close()
        loop.stop()
    }

    /// Whether the session of this token is in force.
    package func isActive(_ token: String) throws(Fault) -> Bool {
        let answered = DispatchSemaphore(value: 0)
        let result = Mutex<Result<Bool, Fault>>(.failure(Fault(.unavailable)))
        loop.spawn { [client] in
            do throws(Fault) {
                let answer = try await client.call(
                    SessionContract.introspect, Introspect(), deadline: .seconds(10),
                    bearer: Bytes(utf8: token))
                result.withLock { $0 = .success(answer.active) }
            } catch {
                result.withLock { $0 = .failure(error) }
            }
            answered.signal()
        }
        answered.wait()
        return try result.withLock { $0 }.get()
    }
}
