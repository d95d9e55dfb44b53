import Testing
import Wire

@testable import HTTP

@Suite struct CookieTests {
    func cookies(_ field: String) throws -> Cookies {
        var headers = HTTPHeaders()
        headers.add("Cookie", try #require(HeaderValue(field)))
        return try Cookies(headers)
    }

    @Test func `a cookie is found by its exact name`() throws {
        let it = try cookies("a=1; __Host-sid=abc-_.; __Host-sidx=2;b=3")
        #expect(try it.value(of: "__Host-sid") == "abc-_.")
        #expect(try it.value(of: "a") == "1")
        #expect(try it.value(of: "b") == "3")
        #expect(try it.value(of: "__host-sid") == nil)
        #expect(try it.value(of: "sid") == nil)
        #expect(try Cookies(HTTPHeaders()).value(of: "a") == nil)
    }

    @Test func `H-79 two of a name are refused`() throws {
        let it = try cookies("__Host-sid=a; x=y; __Host-sid=b")
        #expect(throws: Fault.self) { try it.value(of: "__Host-sid") }
        #expect(try it.value(of: "x") == "y")
    }

    @Test(arguments: ["sid=", "sid=a b", "sid=\"a\"", "sid=a,b", "sid=a\\b"])
    func `a broken value of ours is refused, a broken one beside it is not`(_ pair: String) throws {
        #expect(throws: Fault.self) { try self.cookies(pair).value(of: "sid") }
        #expect(try cookies("sid=ok; x\(pair)").value(of: "sid") == "ok")
    }

    @Test func `H-79 cookies are bounded in number and size`() throws {
        func many(_ count: Int) -> String {
            (0..<count).map { "c\($0)=v" }.joined(separator: "; ")
        }
        #expect(try cookies(many(50)).value(of: "c49") == "v")
        #expect(throws: Fault.self) { try self.cookies(many(51)) }
        let longest = "s=" + String(repeating: "v", count: 4094)
        #expect(try cookies(longest).value(of: "s")?.utf8.count == 4094)
        #expect(throws: Fault.self) { try self.cookies(longest + "v") }
    }

    @Test func `a cookie to set is bound to the host and hidden from scripts`() throws {
        let it = try #require(SetCookie("sid", "abc", maxAgeSeconds: 60))
        #expect(
            it.field.text
                == "__Host-sid=abc; Max-Age=60; Path=/; Secure; HttpOnly; SameSite=Strict")
        #expect(
            SetCookie("sid", "abc", sameSite: .lax)?.field.text.hasSuffix("SameSite=Lax") == true)
        #expect(SetCookie.removal(of: "sid").field.text.hasPrefix("__Host-sid=; Max-Age=0;"))
        for value in [
            "", "a b", "a;b", "a\r\nSet-Cookie: x=y", "é", String(repeating: "v", count: 4096),
        ] {
            #expect(SetCookie("sid", value) == nil)
        }
    }

    @Test(arguments: ["a\r\nb", "a\nb", "a\rb", "a\0b", " a", "a ", "é", "\u{7f}", "a\tb"])
    func `H-80 no header value ends its line`(_ text: String) {
        #expect(HeaderValue(text) == nil)
        let encoded = HeaderValue(encoding: text).text
        #expect(encoded.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f })
    }

    @Test func `a header name is a token`() {
        for text in ["", "a b", "a:", "a\r\n", "é"] { #expect(HeaderName(text) == nil) }
        #expect(Set(["X-A", "x-a", "x-B"] as [HeaderName]).count == 2)
    }

    @Test func `the sets of octets are those of the standards`() {
        let letters = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
        let cookie = Set(UInt8(0x21)...0x7e).subtracting("\",;\\".utf8)
        for byte in UInt8.min ... .max {
            #expect(
                ByteSet.token.contains(byte)
                    == (letters.contains(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)))
            #expect(
                ByteSet.target.contains(byte)
                    == (letters.contains(byte) || "-._~!$&'()*+,;=:@/?%".utf8.contains(byte)))
            #expect(
                ByteSet.name.contains(byte)
                    == (letters.contains(byte) || "-._~".utf8.contains(byte)))
            #expect(ByteSet.cookie.contains(byte) == cookie.contains(byte))
        }
    }
}
