import HTTP

/// A request to another application, as the proxy before it tells of it.
struct ForwardedRequest: Sendable {
    /// Scheme, host and port that the browser asked.
    let host: Origin
    /// The page to come back to.
    let target: PageTarget
    /// A page is loaded that people see, so they can be led elsewhere. Scripts and forms cannot.
    let isNavigation: Bool
}

extension TrustedProxies {
    /// Nil where it comes from no proxy of ours, or not one host is clearly said. Host and scheme
    /// are taken from the connection where the proxy leaves them as they are.
    func forwarded(_ request: HTTPRequest) -> ForwardedRequest? {
        guard trusts(request.remoteAddress), let host = host(of: request) else { return nil }
        let method = request.headers["X-Forwarded-Method"] ?? "GET"
        let mode = request.headers["Sec-Fetch-Mode"] ?? "navigate"
        return ForwardedRequest(
            host: host,
            target: single("X-Forwarded-Uri", request).flatMap { PageTarget($0) } ?? .root,
            isNavigation: (method == "GET" || method == "HEAD") && mode == "navigate")
    }

    /// The origin that the browser asked.
    private func host(of request: HTTPRequest) -> Origin? {
        let named =
            request.headers.contains("X-Forwarded-Host")
            ? single("X-Forwarded-Host", request) : request.host
        guard let named else { return nil }
        return Origin((client(of: request).isSecure ? "https://" : "http://") + named)
    }

    private func single(_ name: HeaderName, _ request: HTTPRequest) -> String? {
        request.headers.values(of: name).count == 1 ? request.headers[name] : nil
    }
}
