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
        try call(SessionContract.introspect, Introspect(), bearer: token).active
    }

    /// What `Watch` has answered, as text.
    package struct Ends: Sendable {
        package let cursor: String
        package let reset: Bool
        package let sessions: [String]
        package let users: [String]
    }

    package func watch(_ cursor: String, waitSeconds: UInt32) throws(Fault) -> Ends {
        let told = try call(
            SessionContract.watch, WatchSessions(cursor: cursor, waitSeconds: waitSeconds))
        return Ends(
            cursor: told.cursor, reset: told.reset, sessions: told.sessions.map(\.description),
            users: told.users.map(\.description))
    }

    /// Says that an identity provider has signed somebody in, just now and with two factors: a
    /// session's token, or the ticket of the step that is still wanted.
    package func open(_ identifier: String) throws(Fault) -> (token: String?, ticket: String?) {
        let request = OpenForSSO(
            identifier: identifier, provider: "idp.example", amr: [.password, .multipleFactors],
            authTime: Timestamp(seconds: 4_000_000_000))
        switch try call(SessionContract.openForSSO, request).step {
        case .signedIn(let it): return (it.session.token?.text, nil)
        case .verify(let it): return (nil, it.ticket.text)
        case .bind(let it): return (nil, it.ticket.text)
        case .changePassword(let it): return (nil, it.ticket.text)
        }
    }

    private func call<Request: Message, Response: Message>(
        _ method: Method<Request, Response>, _ request: Request, bearer: String? = nil
    ) throws(Fault) -> Response {
        let answered = DispatchSemaphore(value: 0)
        let result = Mutex<Result<Response, Fault>>(.failure(Fault(.unavailable)))
        loop.spawn { [client] in
            do throws(Fault) {
                let answer = try await client.call(
                    method, request, deadline: .seconds(30),
                    bearer: bearer.map { Bytes(utf8: $0) })
                result.withLock { $0 = .success(answer) }
            } catch {
                result.withLock { $0 = .failure(error) }
            }
            answered.signal()
        }
        answered.wait()
        return try result.withLock { $0 }.get()
    }
}
