import Wire

/// The cookies of one request, read strictly (RFC 6265 §4.2.1). A host's cookies may come from
/// other programs on it, so a pair that we do not ask for may be odd; one that we do may not.
package struct Cookies: Sendable {
    /// Pairs in one request; more is a bomb meant to push the head over a limit elsewhere.
    package static let countMax = 50
    /// Octets of one name and value together (RFC 6265 §6.1).
    package static let sizeMax = 4096

    private let pairs: [ArraySlice<UInt8>]

    package init(_ headers: HTTPHeaders) throws(Fault) {
        guard let field = headers.first("Cookie") else {
            pairs = []
            return
        }
        let parts = field.split(separator: ASCII.semicolon, omittingEmptySubsequences: false)
        guard parts.count <= Self.countMax else {
            throw Fault(.tooLarge, detail: "\(parts.count) cookies")
        }
        pairs = parts.enumerated().map { position, part in
            position > 0 && part.first == ASCII.space ? part.dropFirst() : part
        }
        guard pairs.allSatisfy({ $0.count <= Self.sizeMax }) else {
            throw Fault(.tooLarge, detail: "a cookie of more than \(Self.sizeMax) octets")
        }
    }

    package var isEmpty: Bool { pairs.isEmpty }

    /// The value of the one cookie of this name; nil when there is none. Two of a name are refused:
    /// a page of a neighbouring host can add one, and nothing says which is ours.
    package func value(of name: StaticString) throws(Fault) -> String? {
        let wanted = name.description.utf8
        let named = pairs.filter { pair in
            pair.starts(with: wanted) && pair.dropFirst(wanted.count).first == ASCII.equals
        }
        guard named.count <= 1 else { throw Fault(.malformed, detail: "\(name) sent twice") }
        guard let pair = named.first else { return nil }
        let value = pair.dropFirst(wanted.count + 1)
        guard !value.isEmpty, ByteSet.cookie.containsAll(value) else {
            throw Fault(.malformed, detail: "\(name) is not a cookie's value")
        }
        return String(decoding: value, as: UTF8.self)
    }
}

/// A cookie to set, always `__Host-`: from this host only, over TLS only, for the whole host and
/// unseen by scripts (RFC 6265bis §4.1.3.2).
package struct SetCookie: Sendable {
    package enum SameSite: String, Sendable {
        case strict = "Strict"
        case lax = "Lax"
    }

    /// The `Set-Cookie` field's value.
    package let field: HeaderValue

    /// Nil when `value` is empty, too long or holds what a cookie may not. `name` is without its
    /// `__Host-`. Without `maxAgeSeconds` the cookie ends with the browser's session.
    package init?(
        _ name: StaticString, _ value: String, maxAgeSeconds: UInt32? = nil,
        sameSite: SameSite = .strict
    ) {
        let full = "__Host-\(name)"
        guard !value.isEmpty, ByteSet.cookie.containsAll(value.utf8),
            full.utf8.count + value.utf8.count + 1 <= Cookies.sizeMax
        else { return nil }
        let age = maxAgeSeconds.map { "; Max-Age=\($0)" } ?? ""
        let text =
            "\(full)=\(value)\(age); Path=/; Secure; HttpOnly; SameSite=\(sameSite.rawValue)"
        guard let field = HeaderValue(text) else { return nil }
        self.field = field
    }

    private init(field: HeaderValue) {
        self.field = field
    }

    /// Takes the cookie away from the browser.
    package static func removal(of name: StaticString) -> SetCookie {
        let text = "__Host-\(name)=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Strict"
        guard let field = HeaderValue(text) else {
            preconditionFailure("not a cookie's name: \(name)")
        }
        return SetCookie(field: field)
    }
}

extension HTTPResponse {
    package mutating func set(_ cookie: SetCookie) {
        headers.add("Set-Cookie", cookie.field)
    }
}
