import Contracts
import Daemon
import HTTP
import Hosting
import RPC
import Reactor
import Wire

/// The HTTP edge of one event loop: finds the method, keeps other sites out, takes the
/// credential from cookie or header, and hands the rest to the dispatcher.
struct GatewayHTTP: HTTPHandler {
    let dispatcher: GatewayDispatcher
    let log: Log
    /// Where our pages are served; empty: the host that was asked.
    let ownOrigins: Set<Origin>
    /// Where pages are served that may call with bearer tokens; never with cookies.
    var frontendOrigins: Set<Origin> = []
    var proxies = TrustedProxies.none
    let pages: WebPages

    /// The session cookie's name behind `__Host-`.
    static let cookieName: StaticString = "dubbelslot"
    /// Of the cookie that a browser is known by.
    static let deviceCookieName: StaticString = "dubbelslot-device"
    /// Of the cookie that a trusted device holds.
    static let trustCookieName: StaticString = "dubbelslot-trusted"

    /// The whole HTTP surface: every method of the public contracts at its Connect path.
    static let routes: [String: MethodDescription] = {
        var routes: [String: MethodDescription] = [:]
        for contract in GatewayDispatcher.contracts {
            for method in contract.methods {
                routes["/\(contract.service.text)/\(method.name)"] = method
            }
        }
        return routes
    }()

    /// The same methods, as logs and figures name them.
    static let methods = MethodRows(GatewayDispatcher.contracts)

    func answer(_ request: HTTPRequest) async -> HTTPResponse {
        let client = proxies.client(of: request)
        var response = await answer(request, from: client.address)
        if client.isSecure { response.insistOnTLS() }
        return response
    }

    private func answer(
        _ request: HTTPRequest, from client: SocketAddress
    ) async -> HTTPResponse {
        let gateway = dispatcher.gateway
        switch request.path {
        case "/livez": return live(request)
        case Self.keysPath: return keys(request)
        case ForwardAuth.path, ForwardAuth.redirectPath:
            return await ForwardAuth(gateway: gateway, proxies: proxies, log: log)
                .answer(request)
        case _:
            let door = ProtectedDoor(gateway: gateway, proxies: proxies)
            if let answer = await door.answer(request) { return answer }
            if let page = pages.answer(request) { return page }
            return await answerCall(request, from: client)
        }
    }

    private func answerCall(
        _ request: HTTPRequest, from client: SocketAddress
    ) async -> HTTPResponse {
        if Self.routes[request.path] != nil,
            let answer = CrossSite.preflight(request, listedOrigins: frontendOrigins)
        {
            return answer
        }
        let verdict = CrossSite.judge(
            request, ownOrigins: ownOrigins, listedOrigins: frontendOrigins)
        var response = await answerCall(request, verdict, from: client)
        if case .listed(let origin) = verdict, Self.routes[request.path] != nil {
            response.headers.add(CrossSite.fields(for: origin))
        }
        return response
    }

    private func answerCall(
        _ request: HTTPRequest, _ verdict: CrossSite.Verdict, from client: SocketAddress
    ) async -> HTTPResponse {
        do throws(ConnectRefusal) {
            guard let route = Self.routes[request.path] else { throw .path }
            let connect = try Connect.call(of: request)
            let kind: Door.Kind
            switch verdict {
            case .own: kind = .http
            case .listed: kind = .frontend
            case .refused: throw .crossSite
            }
            return await answer(request, connect, route, kind, from: client)
        } catch {
            log.info(
                "request_refused",
                [
                    "reason": .text(error.rawValue), "peer": .text("\(client)"),
                    "trace_id": .text(request.trace?.description ?? ""),
                ])
            return Connect.response(error)
        }
    }

    private func answer(
        _ request: HTTPRequest, _ connect: Connect.Call, _ route: MethodDescription,
        _ kind: Door.Kind, from client: SocketAddress
    ) async -> HTTPResponse {
        let coding: Coding = connect.coding == .json ? .json : .binary
        let caller = Caller.outside(client)
        let given = request.trace
        let trace = given ?? .random()
        let credential: Credential
        do throws(Fault) {
            credential = try Credential(request)
        } catch {
            return refuse(error, route, Call(caller: caller, trace: trace), trace: nil)
        }
        let door = Door(
            kind, byCookie: credential.byCookie,
            device: Self.token("__Host-dubbelslot-device", of: request),
            trust: Self.token("__Host-dubbelslot-trusted", of: request),
            agent: Self.agent(of: request), isTraced: given != nil)
        let call = Call(
            caller: caller, trace: trace,
            deadline: connect.timeout.map { ContinuousClock.now.advanced(by: $0) },
            bearer: credential.token)
        do throws(Fault) {
            let body = try await dispatcher.answer(
                route.number, coding, request.body, call, door)
            tell(route, call, trace: door.trace)
            var response = Connect.response(body, connect.coding)
            guard kind == .http else { return response }
            change(&response, by: door.cookie)
            if let rotation = door.rotation { Self.set(rotation, in: &response) }
            Self.change(&response, by: door.trustChange)
            return response
        } catch {
            return refuse(error, route, call, trace: door.trace)
        }
    }

    private func tell(_ method: MethodDescription, _ call: Call, trace: Trace?) {
        guard log.writes(.debug) else { return }
        let trace = trace ?? call.trace
        log.debug(
            "call_answered",
            [
                "method": .text(Self.methods.text(of: method.number)),
                "request_id": .text(call.requestID.description),
                "trace_id": .text(trace.description), "span_id": .text(trace.span),
            ])
    }

    /// One line in the log, with what only we may know, and the answer without it.
    private func refuse(
        _ fault: Fault, _ method: MethodDescription, _ call: Call, trace: Trace?
    ) -> HTTPResponse {
        let trace = trace ?? call.trace
        let fields: Log.Fields = [
            "method": .text(Self.methods.text(of: method.number)),
            "reason": .text(fault.reason.rawValue),
            "detail": .text(fault.detail), "peer": .text(call.caller.description),
            "request_id": .text(call.requestID.description),
            "trace_id": .text(trace.description), "span_id": .text(trace.span),
        ]
        switch fault.reason {
        case .internal: log.error("call_failed", fields)
        case _: log.info("call_refused", fields)
        }
        return Connect.response(fault)
    }

    private func change(_ response: inout HTTPResponse, by cookie: Door.CookieChange) {
        switch cookie {
        case .none: break
        case .set(let token, let seconds):
            if let cookie = SetCookie(
                Self.cookieName, token.text, maxAgeSeconds: UInt32(clamping: seconds))
            {
                response.set(cookie)
            }
        case .clear:
            response.set(.removal(of: Self.cookieName))
            response.headers.add("Clear-Site-Data", "\"cache\", \"storage\"")
        }
    }

    /// Whatever is not one cookie of ours is none: without it more is asked for, and nothing is
    /// opened, so it is no reason to refuse a call.
    private static func token<Kind: IdentifierKind>(
        _ name: StaticString, of request: HTTPRequest
    ) -> OpaqueToken<Kind>? {
        do {
            return try Cookies(request.headers).value(of: name)
                .map { (text) throws(ScalarRefusal) in try OpaqueToken<Kind>(raw: text) }
        } catch {
            return nil
        }
    }

    /// What its owner may know a session by: as much as can be shown in a line.
    private static func agent(of request: HTTPRequest) -> String {
        let text = request.headers["User-Agent"] ?? ""
        return String(
            decoding: text.utf8.filter { (0x20...0x7e).contains($0) }.prefix(256), as: UTF8.self)
    }

    private static func change(_ response: inout HTTPResponse, by trust: Door.TrustChange) {
        switch trust {
        case .none: break
        case .set(let token, let seconds):
            if let cookie = SetCookie(
                trustCookieName, token.text, maxAgeSeconds: UInt32(clamping: seconds))
            {
                response.set(cookie)
            }
        case .clear: response.set(.removal(of: trustCookieName))
        }
    }

    private static func set(_ rotation: DeviceRotation, in response: inout HTTPResponse) {
        let seconds = UInt32(clamping: rotation.lifetime.components.seconds)
        if let cookie = SetCookie(deviceCookieName, rotation.new.text, maxAgeSeconds: seconds) {
            response.set(cookie)
        }
    }

    private static let keysPath = "/.well-known/jwks.json"

    /// What statements about sessions are signed with: public, and for pages everywhere.
    private func keys(_ request: HTTPRequest) -> HTTPResponse {
        guard request.method == .get || request.method == .head else {
            return HTTPResponse.onlyGET
        }
        let published = SignedTokens.published(dispatcher.gateway.signedTokens)
        var response = HTTPResponse(
            .ok, type: "application/jwk-set+json", body: published.serialized())
        response.headers.add("Cache-Control", "public, max-age=300")
        response.headers.add("Access-Control-Allow-Origin", "*")
        response.headers.add("Cross-Origin-Resource-Policy", "cross-origin")
        return response
    }

    /// That somebody is here, and no more: what is missing is for operators alone.
    private func live(_ request: HTTPRequest) -> HTTPResponse {
        guard request.method == .get || request.method == .head else {
            return Connect.response(ConnectRefusal.method)
        }
        return HTTPResponse(.ok, type: "text/plain", body: Array("ok\n".utf8))
    }
}

extension HTTPRequest {
    /// The trace that it says it belongs to, under a span of our own; nil where it says none.
    var trace: Trace? {
        headers.first("Traceparent").flatMap { Trace(traceparent: $0) }?.child()
    }
}

/// What a request brings to say whose it is. A header wins over a cookie; a header of another
/// scheme is no credential.
struct Credential: Sendable {
    let token: Bytes?
    let byCookie: Bool

    init(_ request: HTTPRequest) throws(Fault) {
        if let header = request.headers["Authorization"] {
            let scheme = "bearer "
            guard header.utf8.count > scheme.utf8.count,
                header.prefix(scheme.count).lowercased() == scheme
            else { throw Fault(.notSignedIn, detail: "another authorization scheme") }
            token = Bytes(utf8: String(header.dropFirst(scheme.count)))
            byCookie = false
            return
        }
        let cookie = try Cookies(request.headers).value(of: "__Host-dubbelslot")
        token = cookie.map { Bytes(utf8: $0) }
        byCookie = cookie != nil
    }
}
