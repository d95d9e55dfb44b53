import Crypto
import HTTP
import Wire

/// Octets as `%` and two digits.
enum PercentEncoding {
    /// Letters, digits, hyphen and underscore.
    static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// All but the unreserved characters of RFC 3986 §2.3.
    static func component(_ text: String) -> String {
        encode(text) { isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "~") }
    }

    /// `name=value&…` as the components of a query, in the order of the names' octets.
    static func query(_ pairs: [(name: String, value: String)]) -> String {
        pairs.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            .map { "\(component($0.name))=\(component($0.value))" }.joined(separator: "&")
    }

    /// The body of a form (WHATWG URL §5.2), where a blank is a plus sign.
    static func form(_ pairs: [(name: String, value: String)]) -> String {
        pairs.map { name, value in
            let escaped = encode(value) {
                isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: " ")
            }
            return "\(name)=\(escaped.replacing(" ", with: "+"))"
        }.joined(separator: "&")
    }

    private static func encode(_ text: String, _ isPlain: (UInt8) -> Bool) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if isPlain(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// What is signed of a request, in the form that ACS3-HMAC-SHA256 and TC3-HMAC-SHA256 share:
/// method, path, query, the signed fields in order, their names, and the digest of the body.
struct CanonicalRequest {
    let text: String
    /// The names of the signed fields.
    let signedHeaders: String
    /// SHA-256 of the body, in hexadecimal digits.
    let bodyDigest: String

    /// - Parameters:
    ///   - query: As it is sent.
    ///   - headers: Names in lower case, in any order; values as they are sent.
    init(
        _ method: HTTPMethod, path: String = "/", query: String = "",
        headers: [(name: String, value: String)], body: [UInt8]
    ) {
        let sorted = headers.sorted { $0.name < $1.name }
        bodyDigest = Base16.encode(Digest.sha256(body))
        signedHeaders = sorted.map(\.name).joined(separator: ";")
        let lines = sorted.map { "\($0.name):\($0.value)\n" }.joined()
        text =
            "\(method.rawValue)\n\(path)\n\(query)\n\(lines)\n\(signedHeaders)\n\(bodyDigest)"
    }

    /// SHA-256 of the text, in hexadecimal digits.
    var digest: String { Base16.encode(Digest.sha256(Array(text.utf8))) }
}

extension HTTPHeaders {
    /// Adds a value that was made of checked parts.
    mutating func add(_ name: HeaderName, checked text: String) {
        guard let value = HeaderValue(text) else {
            preconditionFailure("a part of \(name.text) was not checked")
        }
        add(name, value)
    }
}
