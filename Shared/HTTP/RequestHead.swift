/// How the end of a body is known (RFC 9112 §6).
package enum BodyFraming: Sendable, Equatable {
    case none
    /// Octets, more than zero.
    case length(Int)
    case chunked
}

extension BodyFraming {
    /// What a head says of its body, or nil when it says nothing. More than one word about it is
    /// refused: two readers would believe two of them.
    static func declared(
        by headers: HTTPHeaders, isOldVersion: Bool
    ) throws(RequestRefusal) -> BodyFraming? {
        let lengths = headers.values(of: "Content-Length")
        let codings = headers.values(of: "Transfer-Encoding")
        guard lengths.count <= 1 else { throw .fieldRepeated }
        guard codings.isEmpty else {
            guard lengths.isEmpty else { throw .lengthWithTransferCoding }
            guard !isOldVersion else { throw .transferCodingInOldVersion }
            try checkCodings(codings)
            return .chunked
        }
        guard let digits = lengths.first else { return nil }
        guard let length = ASCII.number(digits) else { throw .contentLength }
        return length == 0 ? BodyFraming.none : .length(length)
    }

    /// Only `chunked`, once and last (RFC 9112 §6.1, §6.3). A coding before it that we do not know
    /// is said to be so; anything else is no framing at all.
    private static func checkCodings(_ fields: [ArraySlice<UInt8>]) throws(RequestRefusal) {
        let codings = fields.flatMap { field in
            field.split(separator: ASCII.comma, omittingEmptySubsequences: false)
                .map(ASCII.trimmed)
        }
        for coding in codings {
            let name = coding.prefix { $0 != ASCII.semicolon && !ASCII.isBlank($0) }
            guard !name.isEmpty, ByteSet.token.containsAll(name) else { throw .transferCoding }
        }
        func isChunked(_ coding: ArraySlice<UInt8>) -> Bool {
            ASCII.equalIgnoringCase(coding, "chunked".utf8)
        }
        guard let last = codings.last, isChunked(last) else { throw .transferCoding }
        let others = codings.dropLast()
        guard !others.contains(where: isChunked) else { throw .transferCoding }
        guard others.isEmpty else { throw .transferCodingUnknown }
    }
}

/// The head of a request, with everything decided that the octets decide.
package struct RequestHead: Sendable, Equatable {
    package let method: HTTPMethod
    /// The target as sent.
    package let target: String
    /// The path as sent, escapes and all: routes are compared whole, so nothing is normalised.
    package let path: String
    /// What follows the first `?`.
    package let query: String?
    /// Host and port in lower case: of an absolute target its own (RFC 9112 §3.2.2), else of the
    /// Host field. Empty only in HTTP/1.0.
    package let host: String
    package let isOldVersion: Bool
    package let headers: HTTPHeaders
    package let framing: BodyFraming
    /// The client closes after this answer, or speaks HTTP/1.0.
    package let closes: Bool
    /// The client waits for 100 before it sends the body (RFC 9110 §10.1.1).
    package let expectsContinue: Bool

    /// Fields of which only one may stand: two that differ would let two readers of one request
    /// believe two things.
    static let singletons: [HeaderName] = [
        "Content-Type", "Content-Encoding", "Authorization", "Cookie", "Origin",
        "Sec-Fetch-Site", "Connect-Protocol-Version", "Connect-Timeout-Ms", "Traceparent",
    ]

    init(_ line: RequestLine, _ headers: HTTPHeaders, bodyMax: Int) throws(RequestRefusal) {
        method = line.method
        target = line.target
        path = line.path
        query = line.query
        isOldVersion = line.isOldVersion
        self.headers = headers
        host = try Self.host(line, headers)
        for name in Self.singletons where headers.values(of: name).count > 1 {
            throw .fieldRepeated
        }
        framing = try BodyFraming.declared(by: headers, isOldVersion: line.isOldVersion) ?? .none
        closes = line.isOldVersion || Self.asksToClose(headers)
        expectsContinue = try Self.expectsContinue(line, headers) && framing != .none
        if case .length(let length) = framing, length > bodyMax { throw .bodyTooLarge }
    }

    private static func host(
        _ line: RequestLine, _ headers: HTTPHeaders
    ) throws(RequestRefusal) -> String {
        let hosts = headers.values(of: "Host")
        guard hosts.count <= 1 else { throw .fieldRepeated }
        guard let field = hosts.first else {
            guard line.isOldVersion else { throw .hostMissing }
            return line.authority.map { lowercased($0[...]) } ?? ""
        }
        guard Authority.isValid(field) else { throw .host }
        return lowercased(line.authority?[...] ?? field)
    }

    private static func lowercased(_ authority: ArraySlice<UInt8>) -> String {
        String(decoding: authority.map(ASCII.lowercased), as: UTF8.self)
    }

    private static func asksToClose(_ headers: HTTPHeaders) -> Bool {
        headers.values(of: "Connection").contains { field in
            field.split(separator: ASCII.comma).contains {
                ASCII.equalIgnoringCase(ASCII.trimmed($0), "close".utf8)
            }
        }
    }

    private static func expectsContinue(
        _ line: RequestLine, _ headers: HTTPHeaders
    ) throws(RequestRefusal) -> Bool {
        let expectations = headers.values(of: "Expect")
        guard !expectations.isEmpty, !line.isOldVersion else { return false }
        guard expectations.count == 1,
            ASCII.equalIgnoringCase(expectations[0], "100-continue".utf8)
        else { throw .expectation }
        return true
    }
}

/// `uri-host [ ":" port ]` (RFC 9112 §3.2), without what no host of ours has: an escape, a user,
/// an empty name.
enum Authority {
    /// Longest name in octets (RFC 1035 §2.3.4).
    static var nameMax: Int { 255 }

    static func isValid(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first else { return false }
        let name: ArraySlice<UInt8>
        let rest: ArraySlice<UInt8>
        if first == UInt8(ascii: "[") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return false }
            name = bytes[bytes.startIndex + 1..<end]
            rest = bytes[(end + 1)...]
            guard isAddress(name) else { return false }
        } else {
            name = bytes.prefix { $0 != ASCII.colon }
            rest = bytes[name.endIndex...]
            guard ByteSet.name.containsAll(name) else { return false }
        }
        guard !name.isEmpty, name.count <= nameMax else { return false }
        guard let colon = rest.first else { return true }
        guard colon == ASCII.colon else { return false }
        let digits = rest.dropFirst()
        guard digits.count <= 5, let port = ASCII.number(digits) else { return false }
        return port <= 65535
    }

    /// Near enough an IPv6 address: digits, colons and the dots of an embedded IPv4 address. The
    /// name is only ever compared, never connected to.
    private static func isAddress(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.count >= 2 && bytes.contains(ASCII.colon)
            && bytes.allSatisfy {
                ASCII.hexDigit($0) != nil || $0 == ASCII.colon || $0 == UInt8(ascii: ".")
            }
    }
}
