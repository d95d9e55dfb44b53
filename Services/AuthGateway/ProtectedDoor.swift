import Contracts
import HTTP
import Postgres
import RPC
import Wire

/// What the gateway serves on protected hosts, under a path that the proxy keeps for it: the way
/// to the sign-in, and the way back with a code for a cookie of that host. Neither needs a script
/// or a page.
struct ProtectedDoor: Sendable {
    static let startPath = "/.dubbelslot/start"
    static let returnPath = "/.dubbelslot/return"
    /// What opens the host, behind `__Host-`.
    static let hostCookie: StaticString = "__Host-dubbelslot-host"
    private static let secretCookie: StaticString = "__Host-dubbelslot-start"
    /// A sign-in that takes longer is begun anew by opening the page again.
    static let secretSeconds: UInt32 = 1800

    let gateway: Gateway
    let proxies: TrustedProxies

    /// Nil where the request is for no path of this door, or for no host of it.
    func answer(_ request: HTTPRequest) async -> HTTPResponse? {
        guard request.path == Self.startPath || request.path == Self.returnPath,
            let host = proxies.forwarded(request)?.host,
            gateway.protectedHosts.level(at: host) != nil
        else { return nil }
        guard request.method == .get else { return HTTPResponse.onlyGET }
        var response: HTTPResponse
        do throws(Fault) {
            response =
                request.path == Self.startPath
                ? try start(request, host) : try await arrive(request, host)
        } catch {
            response = Connect.response(error)
        }
        if host.description.hasPrefix("https") {
            // Not for the names below it, of which we know nothing.
            response.headers.add("Strict-Transport-Security", "max-age=31536000")
        }
        return response
    }

    /// A browser that is on its way already, in another tab, keeps its secret: both come back.
    private func start(_ request: HTTPRequest, _ host: Origin) throws(Fault) -> HTTPResponse {
        let held = try Self.secret(of: Cookies(request.headers))
        let secret: HandOverSecret
        if let held { secret = held } else { secret = try .fresh() }
        guard let challenge = secret.challenge,
            let page = gateway.protectedHosts.handOverPage(
                for: host, challenge, Self.target(of: request))
        else { throw Fault(.internal, detail: "no page to lead to") }
        var response = redirect(to: page)
        set("dubbelslot-start", secret.text, Self.secretSeconds, &response)
        return response
    }

    private func arrive(
        _ request: HTTPRequest, _ host: Origin
    ) async throws(Fault) -> HTTPResponse {
        let cookies = try Cookies(request.headers)
        let token = try HostToken.fresh()
        if let code = Self.parameter("code", request).flatMap({ HandOverCode(parsing: $0) }),
            let secret = try Self.secret(of: cookies),
            let arrival = try await finish(code, host, secret, token)
        {
            var response = redirect(to: "\(host)\(arrival.target.text)")
            let seconds = UInt32(clamping: arrival.secondsLeft)
            set("dubbelslot-host", token.text, seconds, &response)
            return response
        }
        // Gone back to, or opened twice.
        if let held = try cookies.value(of: Self.hostCookie),
            try await gateway.hostSession(of: held, at: host) != nil
        {
            return redirect(to: "\(host)/")
        }
        return HTTPResponse(
            .badRequest, type: "text/plain; charset=utf-8",
            body: Array(
                """
                This way in works once, for a minute, in the browser that asked for it, which \
                has to take cookies. Open the page that you wanted again.

                """.utf8))
    }

    private func finish(
        _ code: HandOverCode, _ host: Origin, _ secret: HandOverSecret, _ token: HostToken
    ) async throws(Fault) -> HandOvers.Arrival? {
        try await stored { () throws(PostgresFault) in
            try await gateway.handOvers.finish(code, at: host, secret, token: token)
        }
    }

    private func redirect(to address: String) -> HTTPResponse {
        var response = HTTPResponse(HTTPStatus(302))
        response.headers.add("Location", HeaderValue(encodingSpaces: address))
        return response
    }

    /// Sent along when another site leads here, as ours does.
    private func set(
        _ name: StaticString, _ value: String, _ seconds: UInt32, _ response: inout HTTPResponse
    ) {
        if let cookie = SetCookie(name, value, maxAgeSeconds: seconds, sameSite: .lax) {
            response.set(cookie)
        }
    }

    /// Nil for none, and for what cannot be one of ours.
    private static func secret(of cookies: Cookies) throws(Fault) -> HandOverSecret? {
        try cookies.value(of: secretCookie).flatMap { HandOverSecret(parsing: $0) }
    }

    private static func target(of request: HTTPRequest) -> PageTarget {
        parameter("to", request).flatMap { PageTarget($0) } ?? .root
    }

    /// The one parameter that these addresses have.
    private static func parameter(_ name: String, _ request: HTTPRequest) -> String? {
        guard let query = request.query, query.hasPrefix(name + "=") else { return nil }
        return PercentEncoding.decode(query.dropFirst(name.count + 1))
    }
}
