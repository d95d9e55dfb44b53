import Reactor
import Testing
import Wire

@testable import AuthGateway
@testable import HTTP

@Suite struct AddressRangeTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false),
        ("10.0.0.0/8", "::ffff:10.0.0.1", true), ("10.0.0.0/8", "a00::", false),
        ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.6", false),
        ("0.0.0.0/0", "255.255.255.255", true), ("0.0.0.0/0", "::1", false),
        ("::/0", "2001:db8::1", true), ("::/0", "192.0.2.1", false),
        ("::/0", "::ffff:192.0.2.1", false),
        ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
        ("2001:db8::/64", "2001:db8::ffff:0:0:0", true),
        ("2001:db8::/65", "2001:db8::8000:0:0:0", false),
        ("fe80::1/128", "fe80::1", true), ("fe80::1/128", "fe80::2", false),
        ("::ffff:10.0.0.0/104", "10.1.2.3", true),
    ])
    func `a range holds what its prefix says`(
        range: String, address: String, isInside: Bool
    ) throws {
        let range = try #require(AddressRange(range))
        let address = try #require(SocketAddress(host: address, port: 7))
        #expect(range.contains(address) == isInside)
    }

    @Test(arguments: [
        "", "/", "10.0.0.0/", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08",
        "10.0.0.0/8/8", "10.0.0.1/8", "10.0.0/8", "10.0.0.0 /8", "010.0.0.0/8", "0x0a.0.0.0/8",
        "::/129", "2001:db8::1/64", "::ffff:10.0.0.0/8", "fe80::1%1", "localhost", "10.0.0.0:80",
        "[::1]", "unix:/a", "10.0.0.0/8,", "10.0.0.0/٨", "*",
    ])
    func `what is no range is refused`(text: String) {
        #expect(AddressRange(text) == nil)
    }
}

@Suite struct TrustedProxiesTests {
    private let proxies = TrustedProxies(["10.0.0.0/8", "2001:db8:1::/48", "unix"])!

    private func client(
        _ peer: String, _ fields: [(String, String)], isSecure: Bool = false
    ) throws -> TrustedProxies.Client {
        var text = "POST /a HTTP/1.1\r\nHost: a.example\r\n"
        for (name, value) in fields { text += "\(name): \(value)\r\n" }
        var parser = RequestParser(RequestParser.Limits())
        let (_, event) = Array((text + "\r\n").utf8).withUnsafeBytes { parser.take($0) }
        guard case .request(let head, let body) = event else {
            throw Fault(.malformed, detail: "\(event)")
        }
        return proxies.client(
            of: HTTPRequest(
                head: head, body: body, remoteAddress: try #require(SocketAddress(peer)),
                isSecure: isSecure))
    }

    private func address(_ peer: String, _ forwarded: String...) throws -> String {
        try client(peer, forwarded.map { ("X-Forwarded-For", $0) }).address.host
    }

    @Test func `H-74 whoever is no proxy of ours cannot say who he is`() throws {
        let said = try client(
            "192.0.2.1:1", [("X-Forwarded-For", "198.51.100.1"), ("X-Forwarded-Proto", "https")])
        #expect(said.address.description == "192.0.2.1:1")
        #expect(!said.isSecure)
        let none = try #require(TrustedProxies([]))
        #expect(none.client(of: try request("10.0.0.1:1")).address.host == "10.0.0.1")
    }

    private func request(_ peer: String) throws -> HTTPRequest {
        var parser = RequestParser(RequestParser.Limits())
        let text = "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.100.1\r\n\r\n"
        let (_, event) = Array(text.utf8).withUnsafeBytes { parser.take($0) }
        guard case .request(let head, let body) = event else { throw Fault(.malformed) }
        return HTTPRequest(
            head: head, body: body, remoteAddress: try #require(SocketAddress(peer)))
    }

    @Test func `the rightmost address that is no proxy of ours is the client`() throws {
        #expect(try address("10.0.0.1:1", "198.51.100.1") == "198.51.100.1")
        #expect(try address("10.0.0.1:1", "203.0.113.9, 198.51.100.1") == "198.51.100.1")
        #expect(try address("10.0.0.1:1", "203.0.113.9", "198.51.100.1") == "198.51.100.1")
        #expect(try address("10.0.0.1:1", "203.0.113.9, 198.51.100.1,10.9.9.9") == "198.51.100.1")
        #expect(
            try address("[2001:db8:1::1]:1", "2001:db8:2::5\t, 10.0.0.2") == "2001:db8:2::5")
        #expect(try address("unix:/run/a", "198.51.100.1") == "198.51.100.1")
        #expect(try address("10.0.0.1:1", "10.0.0.3, 10.0.0.2") == "10.0.0.3")
        #expect(try address("10.0.0.1:1") == "10.0.0.1")
    }

    @Test(arguments: [
        "198.51.100.1:80", "[2001:db8:9::1]", "[2001:db8:9::1]:80", "::ffff:198.51.100.1",
    ])
    func `a hop may have brackets and a port`(hop: String) throws {
        let host = try address("10.0.0.1:1", hop)
        #expect(["198.51.100.1", "2001:db8:9::1", "::ffff:198.51.100.1"].contains(host))
        #expect(try client("10.0.0.1:1", [("X-Forwarded-For", hop)]).address.port == 0)
    }

    @Test(arguments: [
        "unknown", "_hidden", "", "198.51.100", "198.51.100.1.", "0198.51.100.1", "198.51.100.1:",
        "198.51.100.1:http", "[198.51.100.1]", "[198.51.100.1]:80", "fe80::1%1", "[fe80::1%1]:80",
        "unix:/a", "\"198.51.100.1\"", "for=198.51.100.1", "198.51.100.1 203.0.113.9",
        "198.51.100.1/32", "٣.0.0.1",
    ])
    func `what cannot be read ends the way`(hop: String) throws {
        #expect(try address("10.0.0.1:1", "203.0.113.9, \(hop)") == "10.0.0.1")
        #expect(try address("10.0.0.1:1", "203.0.113.9, \(hop), 10.0.0.2") == "10.0.0.2")
        #expect(try address("10.0.0.1:1", "\(hop), 203.0.113.9") == "203.0.113.9")
    }

    @Test func `no more hops are looked at than there can be proxies`() throws {
        let hops = Array(repeating: "10.0.0.2", count: TrustedProxies.hopsMax)
        #expect(
            try address("10.0.0.1:1", (["198.51.100.1"] + hops).joined(separator: ","))
                == "10.0.0.2")
        #expect(
            try address("10.0.0.1:1", (["198.51.100.1"] + hops.dropFirst()).joined(separator: ","))
                == "198.51.100.1")
    }

    @Test func `H-74 other fields with a client's name in them are ignored`() throws {
        let fields = ["Forwarded", "X-Real-IP", "Client-IP", "True-Client-IP", "CF-Connecting-IP"]
        for field in fields {
            let value = field == "Forwarded" ? "for=198.51.100.1" : "198.51.100.1"
            #expect(try client("10.0.0.1:1", [(field, value)]).address.host == "10.0.0.1")
        }
    }

    @Test func `the scheme counts when one is said clearly`() throws {
        func isSecure(_ words: String..., base: Bool = false) throws -> Bool {
            try client(
                "10.0.0.1:1", words.map { ("X-Forwarded-Proto", $0) }, isSecure: base
            ).isSecure
        }
        #expect(try isSecure("https"))
        #expect(try isSecure("HTTPS"))
        #expect(try !isSecure("http", base: true))
        #expect(try !isSecure())
        #expect(try isSecure(base: true))
        for unclear in ["https, http", "on", "", "https;", "wss"] {
            #expect(try !isSecure(unclear), "\(unclear)")
        }
        #expect(try !isSecure("https", "https"))
    }

    @Test(arguments: ["", "unix:/a", "10.0.0.1/8", "proxy.example"])
    func `a word that is no range is refused`(word: String) {
        #expect(TrustedProxies(["10.0.0.0/8", word]) == nil)
    }
}
