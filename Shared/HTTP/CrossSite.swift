import Wire

/// `scheme://host[:port]` as a browser sends it (RFC 6454 §6.2), in lower case and without the
/// scheme's own port.
package struct Origin: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    /// Nil for anything that is not one http or https origin; so for `null`.
    package init?(_ text: String) {
        let lower = text.utf8.map(ASCII.lowercased)
        for (scheme, port) in [("http://", ":80"), ("https://", ":443")] {
            guard lower.starts(with: scheme.utf8) else { continue }
            var authority = lower.dropFirst(scheme.utf8.count)
            guard Authority.isValid(authority) else { return nil }
            if authority.suffix(port.utf8.count).elementsEqual(port.utf8) {
                authority.removeLast(port.utf8.count)
            }
            description = scheme + String(decoding: authority, as: UTF8.self)
            return
        }
        return nil
    }

    /// The origin's host and port, as a Host field names them.
    package var authority: Substring {
        let parts = description.split(separator: "/", omittingEmptySubsequences: true)
        return parts.last ?? ""
    }
}

/// The cross-site defence: no token, but what the browser itself says of where a request comes
/// from (Fetch Metadata, and Origin for browsers without it). It stands beside SameSite cookies and
/// the content-type rule of `Connect`, each of which would do alone.
package enum CrossSite {
    package enum Verdict: Sendable, Equatable {
        /// From our own pages, or from a program that is no browser.
        case own
        /// From a listed foreign origin: its bearer token counts, a cookie never does.
        case listed(Origin)
        case refused
    }

    /// - `ownOrigins`: where our pages are served; empty when no setting says so, then the origin
    ///   must name the host that was asked.
    /// - `listedOrigins`: foreign origins that may call with bearer tokens.
    package static func judge(
        _ request: HTTPRequest, ownOrigins: Set<Origin> = [], listedOrigins: Set<Origin> = []
    ) -> Verdict {
        judge(
            site: request.headers["Sec-Fetch-Site"], origin: request.headers["Origin"],
            host: request.host, hasCookie: request.headers.contains("Cookie"),
            ownOrigins: ownOrigins, listedOrigins: listedOrigins)
    }

    package static func judge(
        site: String?, origin: String?, host: String, hasCookie: Bool,
        ownOrigins: Set<Origin>, listedOrigins: Set<Origin>
    ) -> Verdict {
        guard let origin else {
            // A browser always says one of both for what a page sends by POST; `none` is the
            // user's own doing (an address typed, a bookmark).
            return site == nil || site == "same-origin" || site == "none" ? .own : .refused
        }
        guard let named = Origin(origin) else { return .refused }
        let isOwn =
            ownOrigins.isEmpty ? named.isAt(host: host) : ownOrigins.contains(named)
        if isOwn {
            return site == nil || site == "same-origin" ? .own : .refused
        }
        return listedOrigins.contains(named) && !hasCookie ? .listed(named) : .refused
    }

    /// The fields that let a listed origin read the answer (Fetch standard, CORS protocol).
    /// Credentials are never allowed.
    package static func fields(for origin: Origin) -> HTTPHeaders {
        var headers = HTTPHeaders()
        headers.add("Access-Control-Allow-Origin", HeaderValue(encoding: origin.description))
        headers.add("Access-Control-Expose-Headers", "Dubbelslot-Reason, Retry-After")
        headers.add("Cross-Origin-Resource-Policy", "cross-origin")
        headers.add("Vary", "Origin")
        return headers
    }

    /// The answer to a preflight; nil when the origin is not listed, so that it gets no such field.
    package static func preflight(
        _ request: HTTPRequest, listedOrigins: Set<Origin>
    ) -> HTTPResponse? {
        guard request.method == .options,
            let origin = request.headers["Origin"].flatMap(Origin.init),
            request.headers.contains("Access-Control-Request-Method"),
            listedOrigins.contains(origin)
        else { return nil }
        var headers = fields(for: origin)
        headers.add("Access-Control-Allow-Methods", "POST")
        headers.add(
            "Access-Control-Allow-Headers",
            "Authorization, Content-Type, Connect-Protocol-Version, Connect-Timeout-Ms")
        headers.add("Access-Control-Max-Age", "600")
        return HTTPResponse(.noContent, headers: headers)
    }
}

extension Origin {
    /// True when the Host field `host` names this origin; both in lower case.
    func isAt(host: String) -> Bool {
        Origin("http://" + host)?.authority == authority
            || Origin("https://" + host)?.authority == authority
    }
}
