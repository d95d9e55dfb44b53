import Contracts
import Crypto
import Fixtures
import Foundation
import Testing
import Wire

@testable import AuthGateway

struct AccountNameTests {
    @Test(arguments: [
        "a", "ann", "Ann Bee", "j.r.r", "x-y_z", "Ångström", "李小龍", "иван", "محمد", "1234",
        "emoji 🔐", "0", "+", "+12", "back\\slash", "SELECT * FROM users;",
        String(repeating: "x", count: 50), String(repeating: "🔐", count: 50),
    ]) func `a name that shows what it is may be registered`(text: String) throws {
        let name = try #require(UserName(parsing: text))
        #expect(name.key == SignInKey(text).text)
        #expect(SignInKey(name.text).text == name.key)
    }

    @Test(arguments: [
        "", " ", " ann", "ann ", "ann  bee", "ann\u{a0}bee", "ann\u{3000}bee", "a\tb", "a\nb",
        "a\u{0}b", "a\u{7f}b", "a@b", "a<b", "a>b", "a\"b", "a'b", "a/b",
        "a\u{200b}b", "a\u{200d}b", "a\u{202e}b", "a\u{feff}b", "a\u{ad}b", "a\u{2028}b",
        "a\u{3164}b", "a\u{2800}b", "a\u{e000}b", "a\u{378}b", "a\u{e0041}b", "\u{34f}a",
        "+31201234567", String(repeating: "x", count: 51), String(repeating: "🔐", count: 51),
        String(repeating: "x", count: 10_000),
    ]) func `L-20 a name with what is not seen, or that is something else, is refused`(text: String)
    {
        #expect(UserName(parsing: text) == nil)
    }

    @Test func `L-20 spellings of one name have one key`() {
        for spellings in [
            ["Zoë", "zoe\u{308}", "ZOË"], ["Straße", "STRASSE", "strasse"], ["ΣΊΣΥΦΟΣ", "σίσυφος"],
            ["ﬁn", "FIN"], ["K", "\u{212A}"], ["İ", "i\u{307}"],
        ] {
            #expect(Set(spellings.map { SignInKey($0).text }).count == 1, "\(spellings)")
        }
    }

    /// Where a page goes on is a key, and must fit the message that carries it.
    @Test func `no key of a name is longer than the field it travels in`() throws {
        for value in UInt32(1)...0x1_ffff {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = String(decoding: String(scalar).nfcUTF8, as: UTF8.self)
            let size = SignInKey(text).text.utf8.count
            #expect(size * UserName.charactersMax <= 256 * text.unicodeScalars.count, "\(value)")
        }
        let widest = try #require(
            UserName(parsing: String(repeating: "ᾷ", count: UserName.charactersMax)))
        #expect((200...256).contains(widest.key.utf8.count))
    }

    @Test func `X-07 what is too long for a name is refused by its length, before all else`() throws
    {
        // Signs that grow eighteenfold when normalised, or that have to be put in order.
        for text in ["\u{fdfa}", "a\u{301}\u{328}\u{5b0}\u{64b}", "\u{1d15e}"] {
            let long = String(repeating: text, count: 60_000 / text.utf8.count)
            #expect(UserName(parsing: long) == nil)
            #expect(throws: WireFault.tooLong(field: "identifier")) {
                try StartSignIn(json: Array(#"{"identifier":"\#(long)"}"#.utf8))
            }
            #expect(throws: WireFault.tooLong(field: "displayName")) {
                try CreateUser(json: Array(#"{"displayName":"\#(long)"}"#.utf8))
            }
        }
    }

    @Test(arguments: [
        "a@b.c", "Ann.Bee+tag@Example.org", "o'neil@example.org", "ünï@exämple.org",
        "x@xn--exmple-cua.org", "1@2.3", "a_b@c-d.e",
    ]) func `an address that can stand in a mail is taken`(text: String) throws {
        let address = try #require(EmailAddress(parsing: text))
        #expect(address.key == SignInKey(text).text)
    }

    @Test(arguments: [
        "", "a", "@", "a@", "@b.c", "a@b", "a@b.", "a@.b", "a@b..c", "a@@b.c", "a@b@c.d",
        "a b@c.d", "a@c d.e", " a@b.c", "a@b.c ", "a@b.c\r\nBcc: x@y.z", "a\n@b.c", "\"a\"@b.c",
        "a,b@c.d", "a;b@c.d", "<a@b.c>", "Ann <a@b.c>", "a:b@c.d", "a\\b@c.d", "(a)@b.c",
        ".a@b.c", "a.@b.c", "a..b@c.d", "a@-b.c", "a@b-.c", "a@b_c.d", "a@[127.0.0.1]",
        "a@b.c\u{0}", "a\u{200b}@b.c", "a\u{202e}@b.c", "a@b\u{3002}c",
        String(repeating: "a", count: 65) + "@b.c",
        "a@" + String(repeating: "b", count: 64) + ".c",
        "a@" + String(repeating: "b.", count: 130) + "c",
    ]) func `an address that could be taken for several, or for a header, is refused`(text: String)
    {
        #expect(EmailAddress(parsing: text) == nil)
    }

    @Test(arguments: ["+123456", "+31201234567", "+999999999999999"])
    func `a number in its international form is taken`(text: String) {
        #expect(PhoneNumber(parsing: text)?.text == text)
    }

    @Test(arguments: [
        "", "+", "31201234567", "+12345", "+1234567890123456", "+01234567", "+3120 1234567",
        "+31-20-1234567", "+3120123456a", "+３１２０１２３４５６", "+٣١٢٠١٢٣٤٥٦", "+123456\n",
        "+123456\r\nX: y", "++123456", " +123456", "+123456 ", "00312012345", "+1e99999",
    ]) func `a number in any other form is refused`(text: String) {
        #expect(PhoneNumber(parsing: text) == nil)
    }

    @Test func `a name, an address and a number are never taken for one another`() {
        for text in ["ann", "+31201234567", "a@b.c", "+1@2.3", "123456"] {
            let kinds = [
                UserName(parsing: text) != nil, EmailAddress(parsing: text) != nil,
                PhoneNumber(parsing: text) != nil,
            ]
            #expect(kinds.count { $0 } == 1, "\(text)")
        }
    }

    @Test func `a display name is what can be shown without harm`() {
        for good in ["Ann", "Ann  Bee", "👩‍🔬 Ann", "می‌خواهم", "O'Neil <ann>", "a"] {
            #expect(DisplayName(parsing: good) != nil, "\(good)")
        }
        for bad in [
            "", " ", "\u{a0}", "a\nb", "a\u{1b}[31m", "a\u{202e}b", "a\u{2066}b", "a\u{2029}b",
            String(repeating: "x", count: 257),
        ] {
            #expect(DisplayName(parsing: bad) == nil, "\(bad)")
        }
    }

    @Test func `a language tag has the form of one`() {
        for good in ["en", "nl-NL", "zh-Hans-CN", "de-1996", "es-419", "tlh"] {
            #expect(LanguageTag(parsing: good)?.text == good)
        }
        for bad in [
            "", "e", "1a", "en_US", "en-", "-en", "en--US", "en-ninechars", "en US", "en\n", "é",
            String(repeating: "en-", count: 12) + "en",
        ] {
            #expect(LanguageTag(parsing: bad) == nil, "\(bad)")
        }
    }

    @Test(.enabled(if: Vectors.folder != nil, Vectors.whyAbsent))
    func `L-20 naughty strings are refused or registered as they are, and found again`() throws {
        let data = try #require(Vectors.data("misc/blns.txt"))
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
        #expect(lines.count > 300)
        for line in lines.map(String.init) {
            _ = (
                EmailAddress(parsing: line), PhoneNumber(parsing: line), DisplayName(parsing: line)
            )
            guard let name = UserName(parsing: line) else { continue }
            #expect(SignInKey(line).text == name.key)
            #expect(UserName(parsing: name.text) == name)
            for sign in ["<", ">", "\"", "'", "/", "@"] { #expect(!name.text.contains(sign)) }
        }
    }
}
