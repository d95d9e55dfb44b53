/// `method SP request-target SP HTTP-version` (RFC 9112 §3), with exactly single blanks.
struct RequestLine: Sendable {
    let method: HTTPMethod
    let target: String
    let path: String
    let query: String?
    /// Host and port of an absolute target.
    let authority: [UInt8]?
    let isOldVersion: Bool

    init(_ line: ArraySlice<UInt8>, targetMax: Int) throws(RequestRefusal) {
        let parts = line.split(separator: ASCII.space, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .requestLine }
        let token = parts[0]
        guard !token.isEmpty, ByteSet.token.containsAll(token) else { throw .requestLine }
        let octets = parts[1]
        guard octets.count <= targetMax else { throw .targetTooLong }
        isOldVersion = try Self.isOldVersion(parts[2])
        guard let method = HTTPMethod(token) else { throw .methodUnknown }
        self.method = method

        guard Self.isTarget(octets) else { throw .target }
        let (authority, resource) = try Self.split(octets, method)
        self.authority = authority.map([UInt8].init)
        target = String(decoding: octets, as: UTF8.self)
        let path = resource.prefix { $0 != UInt8(ascii: "?") }
        self.path = path.isEmpty ? "/" : String(decoding: path, as: UTF8.self)
        let mark = resource[path.endIndex...]
        query = mark.isEmpty ? nil : String(decoding: mark.dropFirst(), as: UTF8.self)
    }

    /// `HTTP/1.1` and `HTTP/1.0`; another version in the right form is not ours to speak.
    private static func isOldVersion(_ version: ArraySlice<UInt8>) throws(RequestRefusal) -> Bool {
        guard version.starts(with: "HTTP/".utf8) else { throw .requestLine }
        let digits = Array(version.dropFirst(5))
        guard digits.count == 3, digits[1] == UInt8(ascii: "."),
            let major = ASCII.digit(digits[0]), let minor = ASCII.digit(digits[2])
        else { throw .requestLine }
        guard major == 1, minor <= 1 else { throw .version }
        return minor == 0
    }

    static func isTarget(_ octets: ArraySlice<UInt8>) -> Bool {
        guard ByteSet.target.containsAll(octets) || octets.contains(UInt8(ascii: "[")) else {
            return false
        }
        var index = octets.startIndex
        while index < octets.endIndex {
            defer { index += 1 }
            guard octets[index] == ASCII.percent else { continue }
            guard index + 2 < octets.endIndex, ASCII.hexDigit(octets[index + 1]) != nil,
                ASCII.hexDigit(octets[index + 2]) != nil
            else { return false }
        }
        return true
    }

    /// The four forms of RFC 9112 §3.2; the authority form belongs to CONNECT, which is off.
    private static func split(
        _ octets: ArraySlice<UInt8>, _ method: HTTPMethod
    ) throws(RequestRefusal) -> (authority: ArraySlice<UInt8>?, resource: ArraySlice<UInt8>) {
        if octets.first == UInt8(ascii: "/") {
            guard ByteSet.target.containsAll(octets) else { throw .target }
            return (nil, octets)
        }
        if octets.elementsEqual("*".utf8) {
            guard method == .options else { throw .target }
            return (nil, octets)
        }
        let schemes = ["http://", "https://"]
        guard
            let scheme = schemes.first(where: { scheme in
                ASCII.equalIgnoringCase(octets.prefix(scheme.utf8.count), scheme.utf8)
            })
        else { throw .target }
        let rest = octets.dropFirst(scheme.utf8.count)
        let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        let resource = rest[authority.endIndex...]
        guard Authority.isValid(authority), ByteSet.target.containsAll(resource) else {
            throw .target
        }
        return (authority, resource)
    }
}
