/// The fields that every answer carries unless the handler said them otherwise: what is sent here
/// is personal, is what its type says, and belongs into no other site's page.
struct SecurityFields: Sendable {
    private let fields: [(name: HeaderName, value: HeaderValue)]

    /// RFC 6797 §6.1.
    fileprivate static let transport: (HeaderName, HeaderValue) = (
        "Strict-Transport-Security", "max-age=31536000; includeSubDomains"
    )

    /// `isSecure`: browsers reach us by TLS alone, here or at a proxy before us.
    init(isSecure: Bool) {
        var fields: [(HeaderName, HeaderValue)] = [
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        if isSecure {
            fields.append(Self.transport)
        }
        self.fields = fields
    }

    func complete(_ headers: inout HTTPHeaders) {
        for (name, value) in fields where !headers.contains(name) {
            headers.add(name, value)
        }
    }
}

extension HTTPResponse {
    /// Tells the browser never to come without TLS again: for an answer to a request that came by
    /// TLS up to a proxy before us. A browser that came without does not listen (RFC 6797 §8.1).
    package mutating func insistOnTLS() {
        let (name, value) = SecurityFields.transport
        if !headers.contains(name) { headers.add(name, value) }
    }
}
