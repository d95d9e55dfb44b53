import Contracts
import Daemon
import HTTP
import Postgres
import RPC
import Wire

/// `GET /forward-auth`: a proxy asks, before it passes a request on to another application,
/// whether it may, and learns whose it is.
///
/// - 200: it may. `Remote-User`, `Remote-Groups`, `Remote-Name` and `Remote-Email` say whose it
///   is, all four at all times, for the proxy to set in the place of whatever the client sent.
/// - 401: nobody is signed in (`Dubbelslot-Reason: not_signed_in`), or with less than the host
///   wants (`step_up_required`, as RFC 9470 has it). `Dubbelslot-Location` is where people are to
///   be led, for nginx, whose `auth_request` knows no other answer. At `/forward-auth/redirect` a
///   page is answered with 302 and `Location` instead, for Traefik and Caddy.
/// - 403: for no host, or by no proxy, that an operator has named; and for an administrator who
///   is not where he may be.
///
/// The credential is the cookie of that host, else a bearer token; the application's own
/// `Authorization` does not stand in the way of a cookie.
struct ForwardAuth: Sendable {
    static let path = "/forward-auth"
    static let redirectPath = "/forward-auth/redirect"

    static func isAsked(at path: String) -> Bool { path == Self.path || path == redirectPath }

    let gateway: Gateway
    let proxies: TrustedProxies
    let log: Log

    func answer(_ request: HTTPRequest) async -> HTTPResponse {
        guard request.method == .get || request.method == .head else {
            return HTTPResponse.onlyGET
        }
        let hosts = gateway.protectedHosts
        guard let forwarded = proxies.forwarded(request),
            let level = hosts.level(at: forwarded.host)
        else {
            log.info(
                "forward_auth_refused",
                [
                    "peer": .text("\(request.remoteAddress)"),
                    "trusted": .flag(proxies.trusts(request.remoteAddress)),
                    "host": .text(request.headers["X-Forwarded-Host"] ?? request.host),
                    "trace_id": .text(request.trace?.description ?? ""),
                ])
            return HTTPResponse(HTTPStatus(403), headers: .reason(.hostNotProtected))
        }
        do throws(Fault) {
            guard let session = try await session(request, at: forwarded.host) else {
                return refuse(.notSignedIn, request, forwarded)
            }
            try await gateway.admit(
                session,
                Call(
                    caller: .outside(proxies.client(of: request).address),
                    trace: request.trace ?? .random()))
            guard session.level >= level else {
                return refuse(.stepUpRequired, request, forwarded)
            }
            return HTTPResponse(.ok, headers: .identity(of: session.account))
        } catch  where error.reason == .networkRefused {
            return HTTPResponse(HTTPStatus(403), headers: .reason(error.reason))
        } catch {
            log.error(
                "forward_auth_failed",
                [
                    "reason": .text(error.reason.rawValue), "detail": .text(error.detail),
                    "trace_id": .text(request.trace?.description ?? ""),
                ])
            return Connect.response(error)
        }
    }

    private func session(
        _ request: HTTPRequest, at host: Origin
    ) async throws(Fault) -> SessionRecord? {
        let cookies = try Cookies(request.headers)
        if gateway.protectedHosts.isOwn(host) {
            if let text = try cookies.value(of: "__Host-dubbelslot") {
                return try await session(of: text)
            }
        } else if let text = try cookies.value(of: ProtectedDoor.hostCookie) {
            return try await gateway.hostSession(of: text, at: host)
        }
        let scheme = "bearer "
        guard let header = request.headers["Authorization"],
            header.prefix(scheme.count).lowercased() == scheme
        else { return nil }
        return try await session(of: String(header.dropFirst(scheme.count)))
    }

    /// Nil for what opens nothing, also where it is no token at all.
    private func session(of text: String) async throws(Fault) -> SessionRecord? {
        guard let token = SessionToken(parsing: text) else { return nil }
        return try await stored { () throws(PostgresFault) in
            try await gateway.sessions.find(token)
        }
    }

    private func refuse(
        _ reason: Reason, _ request: HTTPRequest, _ forwarded: ForwardedRequest
    ) -> HTTPResponse {
        let start =
            "\(forwarded.host)\(ProtectedDoor.startPath)"
            + "?to=\(PercentEncoding.encode(forwarded.target.text))"
        var headers = HTTPHeaders.reason(reason)
        let location = HeaderValue(encodingSpaces: start)
        headers.add("Dubbelslot-Location", location)
        if request.path == Self.redirectPath, forwarded.isNavigation {
            headers.add("Location", location)
            return HTTPResponse(HTTPStatus(302), headers: headers)
        }
        headers.add(
            "WWW-Authenticate",
            reason == .stepUpRequired
                ? "Bearer error=\"insufficient_user_authentication\"" : "Bearer")
        return HTTPResponse(HTTPStatus(401), headers: headers)
    }
}

extension Gateway {
    /// Nil for what opens nothing at that host, also where it is no token at all.
    func hostSession(of text: String, at host: Origin) async throws(Fault) -> SessionRecord? {
        guard let token = HostToken(parsing: text) else { return nil }
        return try await stored { () throws(PostgresFault) in
            try await sessions.find(token, at: host)
        }
    }
}

extension OpaqueToken {
    init?(parsing text: String) {
        do {
            try self.init(raw: text)
        } catch {
            return nil
        }
    }
}

extension HTTPResponse {
    static var onlyGET: HTTPResponse {
        var response = HTTPResponse(.methodNotAllowed)
        response.headers.add("Allow", "GET")
        return response
    }
}

extension HTTPHeaders {
    static func reason(_ reason: Reason) -> HTTPHeaders {
        var headers = HTTPHeaders()
        headers.add("Dubbelslot-Reason", HeaderValue(encodingSpaces: reason.rawValue))
        return headers
    }

    /// Whose a request is, for applications behind a proxy.
    static func identity(of account: AccountRecord) -> HTTPHeaders {
        var headers = HTTPHeaders()
        headers.add("Remote-User", HeaderValue(readable: account.userName))
        headers.add(
            "Remote-Groups",
            HeaderValue(readable: account.roles.map(\.rawValue).joined(separator: ",")))
        headers.add("Remote-Name", HeaderValue(readable: account.displayName))
        headers.add("Remote-Email", HeaderValue(readable: account.email ?? ""))
        return headers
    }
}

extension HeaderValue {
    /// What is an address or a word of ours already.
    init(encodingSpaces text: String) {
        self = HeaderValue(text) ?? HeaderValue(encoding: text)
    }

    /// Text as it is where that is visible ASCII with blanks inside; what else stands in it, and
    /// `%`, is percent-encoded as UTF-8. So no name begins a line of its own, no two names become
    /// one, and whoever wants the name decodes it.
    init(readable text: String) {
        let visible = String(decoding: (0x20...0x7e).filter { $0 != 0x25 }, as: UTF8.self)
        let encoded = PercentEncoding.encode(text, keeping: visible)
        self = HeaderValue(encoded) ?? HeaderValue(encoding: text)
    }
}
