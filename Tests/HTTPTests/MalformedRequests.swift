import Testing

/// Requests that must be refused, one rule of RFC 9112 or 9110 each.
struct MalformedRequest: Sendable, CustomTestStringConvertible {
    let rule: String
    let bytes: [UInt8]
    let status: Int
    var testDescription: String { rule }

    init(_ rule: String, _ text: String, _ status: Int = 400) {
        self.init(rule, Array(text.utf8), status)
    }

    init(_ rule: String, _ bytes: [UInt8], _ status: Int = 400) {
        self.rule = rule
        self.bytes = bytes
        self.status = status
    }
}

extension MalformedRequest {
    private static func fields(_ text: String) -> String {
        "POST /a HTTP/1.1\r\nHost: a\r\n\(text)\r\n\r\n"
    }

    private static func chunks(_ text: String) -> String {
        "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(text)"
    }

    private static func line(_ text: String) -> String {
        "\(text)\r\nHost: a\r\n\r\n"
    }

    static let requestLines: [MalformedRequest] = [
        .init("an empty request line after the one ignored", "\r\n\r\nGET / HTTP/1.1\r\n\r\n"),
        .init("a leading line feed", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        .init("a leading carriage return alone", "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        .init("a leading blank", line(" GET / HTTP/1.1")),
        .init("a leading tab", line("\tGET / HTTP/1.1")),
        .init("a method alone", line("GET")),
        .init("no target", line("GET HTTP/1.1")),
        .init("no version (HTTP/0.9)", line("GET /")),
        .init("two blanks before the target", line("GET  / HTTP/1.1")),
        .init("two blanks before the version", line("GET /  HTTP/1.1")),
        .init("a blank in the target", line("GET /a b HTTP/1.1")),
        .init("a blank behind the version", line("GET / HTTP/1.1 ")),
        .init("a tab for a blank", line("GET\t/\tHTTP/1.1")),
        .init("a vertical tab for a blank", line("GET\u{b}/\u{b}HTTP/1.1")),
        .init("a method that is no token", line("GE(T / HTTP/1.1")),
        .init("a method with a slash", line("G/T / HTTP/1.1")),
        .init("a method outside ASCII", line("GÉT / HTTP/1.1")),
        .init("NUL in the method", line("GE\0T / HTTP/1.1")),
        .init("a bare carriage return in the line", line("GET /\rHTTP/1.1")),
        .init("a bare line feed behind the line", "GET / HTTP/1.1\nHost: a\r\n\r\n"),
        .init("a lower-case protocol", line("GET / http/1.1")),
        .init("another protocol", line("GET / ICE/1.0")),
        .init("a letter before the protocol", line("GET / IHTTP/1.1")),
        .init("no minor version", line("GET / HTTP/1")),
        .init("a version of two digits", line("GET / HTTP/1.10")),
        .init("a version of letters", line("GET / HTTP/a.b")),
        .init("a comma in the version", line("GET / HTTP/1,1")),
        .init("a sign in the version", line("GET / HTTP/+1.1")),
        .init("an unknown method", line("BREW / HTTP/1.1"), 501),
        .init("a lower-case method", line("get / HTTP/1.1"), 501),
        .init("TRACE", line("TRACE / HTTP/1.1"), 501),
        .init("CONNECT", line("CONNECT a:443 HTTP/1.1"), 501),
        .init(
            "a method longer than any", line("\(String(repeating: "A", count: 40)) / HTTP/1.1"), 501
        ),
        .init("HTTP/2.0", line("GET / HTTP/2.0"), 505),
        .init("HTTP/1.2", line("GET / HTTP/1.2"), 505),
        .init("HTTP/0.9 written out", line("GET / HTTP/0.9"), 505),
        .init("HTTP/9.9", line("GET / HTTP/9.9"), 505),
        .init("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        .init("a TLS hello", [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03]),
        .init("octets of 0xff", [UInt8](repeating: 0xff, count: 12)),
    ]

    static let targets: [MalformedRequest] = [
        .init("a target without a slash", line("GET a HTTP/1.1")),
        .init("an asterisk for GET", line("GET * HTTP/1.1")),
        .init("an authority for GET", line("GET a:80 HTTP/1.1")),
        .init("a fragment", line("GET /a#b HTTP/1.1")),
        .init("a broken escape", line("GET /%zz HTTP/1.1")),
        .init("a cut escape", line("GET /%4 HTTP/1.1")),
        .init("a percent sign alone", line("GET /% HTTP/1.1")),
        .init("a quotation mark", line("GET /\"a HTTP/1.1")),
        .init("a backslash", line("GET /a\\b HTTP/1.1")),
        .init("brackets in a path", line("GET /[a] HTTP/1.1")),
        .init("braces", line("GET /{a} HTTP/1.1")),
        .init("NUL in the target", line("GET /\0 HTTP/1.1")),
        .init("an octet outside ASCII", line("GET /é HTTP/1.1")),
        .init("DEL in the target", line("GET /\u{7f} HTTP/1.1")),
        .init("another scheme", line("GET ftp://a/ HTTP/1.1")),
        .init("an absolute target without host", line("GET http:///a HTTP/1.1")),
        .init("a user in an absolute target", line("GET http://u@a/ HTTP/1.1")),
        .init("a fragment in an absolute target", line("GET http://a/#b HTTP/1.1")),
        .init("a scheme alone", line("GET http:// HTTP/1.1")),
        .init(
            "a target one octet too long",
            line("GET /\(String(repeating: "a", count: 8192)) HTTP/1.1"), 414),
        .init("an endless target", "GET /\(String(repeating: "a", count: 9000))", 414),
        .init("an endless method", String(repeating: "A", count: 9000), 414),
    ]

    static let hosts: [MalformedRequest] = [
        .init("no host", "GET / HTTP/1.1\r\n\r\n"),
        .init("no host beside other fields", "GET / HTTP/1.1\r\nAccept: */*\r\n\r\n"),
        .init("no host beside an absolute target", "GET http://a/ HTTP/1.1\r\n\r\n"),
        .init("two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        .init("one host twice", "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n"),
        .init("an empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
        .init("a host of blanks", "GET / HTTP/1.1\r\nHost:   \r\n\r\n"),
        .init("two hosts in one field", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"),
        .init("a blank in the host", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
        .init("a path in the host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        .init("a scheme in the host", "GET / HTTP/1.1\r\nHost: http://a\r\n\r\n"),
        .init("a user in the host", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
        .init("a port of letters", "GET / HTTP/1.1\r\nHost: a:http\r\n\r\n"),
        .init("an empty port", "GET / HTTP/1.1\r\nHost: a:\r\n\r\n"),
        .init("a port too high", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n"),
        .init("a port of six digits", "GET / HTTP/1.1\r\nHost: a:000080\r\n\r\n"),
        .init("a negative port", "GET / HTTP/1.1\r\nHost: a:-80\r\n\r\n"),
        .init("an IPv6 address without brackets", "GET / HTTP/1.1\r\nHost: ::1\r\n\r\n"),
        .init("an open bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"),
        .init("a name in brackets", "GET / HTTP/1.1\r\nHost: [name]\r\n\r\n"),
        .init("empty brackets", "GET / HTTP/1.1\r\nHost: []\r\n\r\n"),
        .init("text behind the brackets", "GET / HTTP/1.1\r\nHost: [::1]a\r\n\r\n"),
        .init("a host outside ASCII", "GET / HTTP/1.1\r\nHost: é\r\n\r\n"),
        .init("an escape in the host", "GET / HTTP/1.1\r\nHost: a%2eb\r\n\r\n"),
        .init(
            "a host of 256 octets",
            "GET / HTTP/1.1\r\nHost: \(String(repeating: "a", count: 256))\r\n\r\n"),
        .init("a broken host in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a b\r\n\r\n"),
    ]

    static let fieldLines: [MalformedRequest] = [
        .init("a blank before the colon", fields("A : b")),
        .init("a tab before the colon", fields("A\t: b")),
        .init("a blank before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
        .init("a tab before the first field", "GET / HTTP/1.1\r\n\tHost: a\r\n\r\n"),
        .init("a line of blanks before the first field", "GET / HTTP/1.1\r\n  \r\nHost: a\r\n\r\n"),
        .init("a folded field", fields("A: b\r\n c")),
        .init("a field folded with a tab", fields("A: b\r\n\tc")),
        .init("an empty folded line", fields("A: b\r\n ")),
        .init("a bare carriage return in a value", fields("A: b\rc")),
        .init("a carriage return that hides a field", fields("A: b\rContent-Length: 5")),
        .init("a carriage return at the end of a value", fields("A: b\r")),
        .init("a bare line feed between fields", fields("A: b\nC: d")),
        .init("a bare line feed that ends the head", "GET / HTTP/1.1\r\nHost: a\r\n\nA: b\r\n\r\n"),
        .init("a carriage return in a name", fields("A\rB: c")),
        .init("NUL in a value", fields("A: b\0c")),
        .init("ESC in a value", fields("A: \u{1b}[31m")),
        .init("DEL in a value", fields("A: b\u{7f}")),
        .init("a vertical tab in a value", fields("A: b\u{b}c")),
        .init("a form feed in a value", fields("A: b\u{c}c")),
        .init("an empty name", fields(": b")),
        .init("a line without colon", fields("Ab")),
        .init("a blank in a name", fields("A B: c")),
        .init("a name outside ASCII", fields("É: b")),
        .init("NUL in a name", fields("A\0: b")),
        .init("a bracket in a name", fields("A[: b")),
        .init("an at sign in a name", fields("A@: b")),
        .init("a quotation mark in a name", fields("\"A\": b")),
        .init(
            "two content types",
            fields("Content-Type: application/json\r\nContent-Type: text/plain")),
        .init("two authorizations", fields("Authorization: Bearer a\r\nauthorization: Bearer b")),
        .init("two cookie fields", fields("Cookie: a=b\r\nCookie: c=d")),
        .init("two origins", fields("Origin: http://a\r\nOrigin: http://b")),
        .init("two fetch sites", fields("Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: none")),
        .init("an unknown expectation", fields("Expect: 200-ok"), 417),
        .init("an empty expectation", fields("Expect:"), 417),
        .init("two expectations", fields("Expect: 100-continue\r\nExpect: 100-continue"), 417),
        .init("101 fields", fields((0..<100).map { "A\($0): b" }.joined(separator: "\r\n")), 431),
        .init("a head too large", fields("A: \(String(repeating: "b", count: 16_384))"), 431),
        .init(
            "many fields too large together",
            fields(
                (0..<20).map { "A\($0): \(String(repeating: "b", count: 1000))" }
                    .joined(separator: "\r\n")), 431),
        .init("an endless name", "GET / HTTP/1.1\r\n\(String(repeating: "A", count: 17_000))", 431),
    ]

    static let framings: [MalformedRequest] = [
        .init("an empty length", fields("Content-Length:")),
        .init("a length of letters", fields("Content-Length: abc")),
        .init("a signed length", fields("Content-Length: +5")),
        .init("a negative length", fields("Content-Length: -1")),
        .init("a length in hexadecimal", fields("Content-Length: 0x5")),
        .init("a length with a blank inside", fields("Content-Length: 4 2")),
        .init("a length with a fraction", fields("Content-Length: 1.0")),
        .init("a list of lengths", fields("Content-Length: 5, 5")),
        .init("a length and a comma", fields("Content-Length: 5,")),
        .init("a length that overflows", fields("Content-Length: 9223372036854775808")),
        .init("a length that wraps to five", fields("Content-Length: 18446744073709551621")),
        .init("a length in other digits", fields("Content-Length: ٥")),
        .init("two differing lengths", fields("Content-Length: 5\r\nContent-Length: 6")),
        .init("a repeated length", fields("Content-Length: 5\r\nContent-Length: 5")),
        .init("a length beside chunks", fields("Content-Length: 5\r\nTransfer-Encoding: chunked")),
        .init("chunks beside a length", fields("Transfer-Encoding: chunked\r\nContent-Length: 5")),
        .init(
            "chunks beside a length of zero",
            fields("Transfer-Encoding: chunked\r\nContent-Length: 0")),
        .init(
            "a length beside identity", fields("Content-Length: 5\r\nTransfer-Encoding: identity")),
        .init("a transfer coding alone", fields("Transfer-Encoding: gzip")),
        .init("identity", fields("Transfer-Encoding: identity")),
        .init("an empty transfer coding", fields("Transfer-Encoding:")),
        .init("chunked not last", fields("Transfer-Encoding: chunked, gzip")),
        .init("chunked twice", fields("Transfer-Encoding: chunked, chunked")),
        .init(
            "chunked in two fields",
            fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked")),
        .init("chunked and nothing", fields("Transfer-Encoding: chunked,")),
        .init("nothing and chunked", fields("Transfer-Encoding: ,chunked")),
        .init("chunked with a parameter", fields("Transfer-Encoding: chunked;a=b")),
        .init("a word that ends in chunked", fields("Transfer-Encoding: xchunked")),
        .init("a word that begins with chunked", fields("Transfer-Encoding: chunkedx")),
        .init("quoted chunked", fields("Transfer-Encoding: \"chunked\"")),
        .init("a blank between two codings", fields("Transfer-Encoding: gzip chunked")),
        .init("an unknown coding before chunked", fields("Transfer-Encoding: gzip, chunked"), 501),
        .init(
            "an unknown coding in another field",
            fields("Transfer-Encoding: br\r\nTransfer-Encoding: chunked"), 501),
        .init(
            "chunks in HTTP/1.0",
            "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        .init("a body one octet too large", fields("Content-Length: 65537"), 413),
        .init("a body far too large", fields("Content-Length: 9223372036854775807"), 413),
    ]

    static let chunkings: [MalformedRequest] = [
        .init("an empty chunk size", chunks("\r\n")),
        .init("a chunk size that is no number", chunks("g\r\n")),
        .init("a signed chunk size", chunks("+5\r\n")),
        .init("a negative chunk size", chunks("-1\r\n")),
        .init("a chunk size with prefix", chunks("0x5\r\nhello\r\n0\r\n\r\n")),
        .init("a blank before the chunk size", chunks(" 5\r\nhello\r\n0\r\n\r\n")),
        .init("a blank behind the chunk size", chunks("5 \r\nhello\r\n0\r\n\r\n")),
        .init("an underscore in the chunk size", chunks("1_0\r\n")),
        .init("a chunk size that overflows", chunks("fffffffffffffffff\r\n")),
        .init("a chunk size of the highest bit", chunks("8000000000000000\r\n")),
        .init("a chunk size that wraps to five", chunks("10000000000000005\r\n")),
        .init("a bare line feed behind the size", chunks("5\nhello\r\n0\r\n\r\n")),
        .init("a bare carriage return behind the size", chunks("5\rhello\r\n0\r\n\r\n")),
        .init("data longer than its size", chunks("5\r\nhello!\r\n0\r\n\r\n")),
        .init("data shorter than its size", chunks("6\r\nhello\r\n0\r\n\r\n")),
        .init("no line end behind the data", chunks("5\r\nhello0\r\n\r\n")),
        .init("a bare line feed behind the data", chunks("5\r\nhello\n0\r\n\r\n")),
        .init("a bare carriage return behind the data", chunks("5\r\nhello\r0\r\n\r\n")),
        .init("an empty extension", chunks("5;\r\nhello\r\n0\r\n\r\n")),
        .init("a blank in an extension", chunks("5; a=b\r\nhello\r\n0\r\n\r\n")),
        .init("an extension without value", chunks("5;a=\r\nhello\r\n0\r\n\r\n")),
        .init("an open quotation in an extension", chunks("5;a=\"b\r\nhello\r\n0\r\n\r\n")),
        .init("text behind a quotation", chunks("5;a=\"b\"c\r\nhello\r\n0\r\n\r\n")),
        .init("a control in an extension", chunks("5;a=\u{1}\r\nhello\r\n0\r\n\r\n")),
        .init("a bare line feed in an extension", chunks("5;a\nhello\r\n0\r\n\r\n")),
        .init(
            "an extension too long",
            chunks("5;\(String(repeating: "a", count: 300))\r\nhello\r\n")),
        .init("endless zeros for a size", chunks(String(repeating: "0", count: 300))),
        .init("a length in the trailer", chunks("0\r\nContent-Length: 5\r\n\r\n")),
        .init("chunks in the trailer", chunks("0\r\nTransfer-Encoding: chunked\r\n\r\n")),
        .init("a host in the trailer", chunks("0\r\nHost: b\r\n\r\n")),
        .init("an authorization in the trailer", chunks("0\r\nauthorization: Bearer a\r\n\r\n")),
        .init("a blank before the colon in the trailer", chunks("0\r\nA : b\r\n\r\n")),
        .init("a folded trailer", chunks("0\r\nA: b\r\n c\r\n\r\n")),
        .init("a bare line feed in the trailer", chunks("0\r\nA: b\n\r\n")),
        .init("a trailer without colon", chunks("0\r\nAb\r\n\r\n")),
        .init("a request for a trailer", chunks("0\r\nGET / HTTP/1.1\r\n\r\n")),
        .init(
            "a trailer too large", chunks("0\r\nA: \(String(repeating: "b", count: 5000))\r\n\r\n"),
            431),
        .init("a chunk larger than a body may be", chunks("10001\r\n"), 413),
        .init(
            "chunks larger together than a body may be",
            chunks("8000\r\n\(String(repeating: "a", count: 0x8000))\r\n8001\r\n"), 413),
        .init(
            "chunks of single octets",
            chunks(String(repeating: "1\r\na\r\n", count: 12_000)), 400),
    ]

    static let all =
        requestLines + targets + hosts + fieldLines + framings + chunkings
}
