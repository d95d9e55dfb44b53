import Mail
import Testing

@Suite struct MailAddressTests {
    @Test(arguments: [
        "ann@example.com", "a@b.cd", "ann.b-c_d+e@mail.example.com",
        "!#$%&'*+-/=?^_`{|}~@a.example",
        "1@2.example", "ann@xn--bcher-kva.example", "ann@a-b--c.example", "\"a b\"@example.com",
        "\"a@b\"@example.com", "\"a..b\"@example.com", "\".a\"@example.com", "\"(a)\"@example.com",
        #""a\"b\\c"@example.com"#, "jürgen@example.com", "李雷@例子.example", "ann@bücher.example",
        "अनु@उदाहरण.example",
    ])
    func `an address is read as it stands`(_ text: String) throws {
        #expect(try #require(MailAddress(parsing: text)).text == text)
    }

    @Test(arguments: [
        "", "@", "ann", "ann@", "@example.com", "ann@example", "ann@@example.com",
        "ann@b@example.com", "a@b.example@example.com", "ann example@example.com",
        "ann@exam ple.com", " ann@example.com", "ann@example.com ", "ann@.example.com",
        "ann@example..com", "ann@example.com.", "ann@-a.example", "ann@a-.example",
        "ann@exa_mple.com", ".ann@example.com", "ann.@example.com", "a..b@example.com",
        "ann@127.0.0.1", "ann@example.1", "ann@[127.0.0.1]", "ann@[IPv6:::1]", "ann@(x)example.com",
        "a,b@example.com", "a;b@example.com", "a:b@example.com", "a(c)@example.com",
        "a@example.com,b@example.com", "a@example.com;b@example.com", "a@example.com b@example.com",
        "a@example.com>", "<a@example.com>", "Ann <a@example.com>", "\"Ann\" <a@example.com>",
        "Ann a@example.com", "a@example.com (Ann)", "=?UTF-8?Q?a?=@example.com <b@example.com>",
        "@a.example,@b.example:c@example.com", "b.example!c@",
        "\"a@example.com", "a\"@example.com", "\"a\"b@example.com", "\"\"@example.com",
        "\"a\"@\"b\"@example.com", "\"a\\\"@example.com", "\"a\nb\"@example.com",
        "ann\u{FF20}example.com", "ann@example\u{3002}com", "ann@ｅxample.com",
        "a\u{200B}b@example.com", "a\u{202E}b@example.com", "a\u{AD}b@example.com",
        "ann@exa\u{200D}mple.com", "ann@\u{301}a.example", "😀@example.com", "ann@😀.example",
        "ann@ﬁ.example", "ann@bü--cher.example",
    ])
    func `O-26 what is not exactly one address is none`(_ text: String) {
        #expect(MailAddress(parsing: text) == nil)
    }

    @Test(arguments: Array(0..<0x20) + Array(0x7f..<0xa0) + [0x2028, 0x2029, 0xfeff])
    func `O-26 a control anywhere makes it none`(_ code: UInt32) throws {
        let control = String(try #require(Unicode.Scalar(code)))
        for text in [
            "a%b@example.com", "%ab@example.com", "ab%@example.com", "ab@%example.com",
            "ab@exam%ple.com", "ab@example.com%", "\"a%b\"@example.com", "\"a\\%b\"@example.com",
        ] {
            let typed = text.split(separator: "%", omittingEmptySubsequences: false)
                .joined(separator: control)
            #expect(MailAddress(parsing: typed) == nil)
        }
    }

    @Test(arguments: [
        "a@example.com\r\nRCPT TO:<b@example.com>", "a\r\nDATA\r\n@example.com",
        "\"a\r\nBcc: b@example.com\"@example.com", "a@example.com\nSubject: x",
        "a@example.com\u{0}.other.example", "a@example.com%0d%0aRCPT TO:<b@example.com>",
    ])
    func `O-26 no address carries a command or a header`(_ text: String) {
        #expect(MailAddress(parsing: text) == nil)
    }

    @Test func `O-26 lengths are bounded on the way it is written`() {
        func local(_ count: Int) -> String { String(repeating: "a", count: count) + "@example.com" }
        #expect(MailAddress(parsing: local(64)) != nil)
        #expect(MailAddress(parsing: local(65)) == nil)
        // Quotes and what is escaped within count too.
        func quoted(_ count: Int) -> String {
            "\"" + String(repeating: " ", count: count) + "\"@example.com"
        }
        #expect(MailAddress(parsing: quoted(62)) != nil)
        #expect(MailAddress(parsing: quoted(63)) == nil)
        let label = String(repeating: "a", count: 63)
        #expect(MailAddress(parsing: "a@\(label).example") != nil)
        #expect(MailAddress(parsing: "a@\(label)a.example") == nil)
        let whole =
            "a@"
            + [label, label, label, String(repeating: "b", count: 60)]
            .joined(separator: ".")
        #expect(whole.utf8.count == 254)
        #expect(MailAddress(parsing: whole) != nil)
        #expect(MailAddress(parsing: whole + "b") == nil)
        #expect(MailAddress(parsing: String(repeating: "a", count: 10_240) + "@example.com") == nil)
        let wide = String(repeating: "中", count: 30)
        #expect(MailAddress(parsing: "a@\(wide).\(wide).\(wide).example") == nil)
    }

    @Test(arguments: [
        ("Ann@Example.COM", "ann@example.com"), ("\"ann\"@example.com", "ann@example.com"),
        ("\"a\\nn\"@example.com", "ann@example.com"),
        ("ann@BÜCHER.example", "ann@xn--bcher-kva.example"),
        ("ann@xn--BCHER-kva.example", "ann@bücher.example"),
        ("ann@bu\u{308}cher.example", "ann@bücher.example"),
        ("Ju\u{308}rgen@example.com", "jÜrgen@example.com"),
        ("straße@example.com", "STRASSE@example.com"),
    ])
    func `two spellings of a mailbox have one key`(one: String, other: String) throws {
        let keys = try [one, other].map { try #require(MailAddress(parsing: $0)).key }
        #expect(keys[0].utf8.elementsEqual(keys[1].utf8))
    }

    @Test(arguments: [
        ("ann@example.com", "bob@example.com"), ("ann@example.com", "ann@example.org"),
        ("a.nn@example.com", "ann@example.com"), ("ann+x@example.com", "ann@example.com"),
        ("ann@straße.example", "ann@strasse.example"),
    ])
    func `different mailboxes have different keys`(one: String, other: String) throws {
        let keys = try [one, other].map { try #require(MailAddress(parsing: $0)).key }
        #expect(keys[0] != keys[1])
    }

    @Test(arguments: [
        ("bücher.example", "xn--bcher-kva.example"), ("例子.example", "xn--fsqu00a.example"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("παράδειγμα.ελ", "xn--hxajbheg2az3al.xn--qxam"),
        ("пример.рф", "xn--e1afmkfd.xn--p1ai"), ("faß.example", "xn--fa-hia.example"),
        // RFC 3492 §7.1 (A), (D) and (E), as far as they are of lower case.
        ("ليهمابتكلموشعربي؟".replacing("؟", with: "") + ".example", nil),
        ("pročprostěnemluvíčesky.example", "xn--proprostnemluvesky-uyb24dma41a.example"),
        ("למההםפשוטלאמדבריםעברית.example", "xn--4dbcagdahymbxekheh6e0a7fei0b.example"),
    ])
    func `a domain has the form that the DNS knows`(text: String, ascii: String?) throws {
        let address = try #require(MailAddress(parsing: "ann@" + text))
        let written = try #require(address.ascii)
        #expect(written.utf8.allSatisfy { $0 < 0x80 })
        if let ascii { #expect(written == "ann@" + ascii) }
    }

    @Test func `only a local part in ASCII can do without SMTPUTF8`() throws {
        #expect(try #require(MailAddress(parsing: "jürgen@example.com")).ascii == nil)
        #expect(
            try #require(MailAddress(parsing: "\"a b\"@bücher.example")).ascii
                == "\"a b\"@xn--bcher-kva.example")
    }

    @Test(arguments: [
        ("ann@example.com", "a•••@example.com"), ("a@example.com", "a•••@example.com"),
        ("李雷@example.com", "李•••@example.com"), ("\" a\"@example.com", "•••@example.com"),
        ("+1@example.com", "•••@example.com"),
    ])
    func `a masked address shows one letter and the domain`(text: String, masked: String) throws {
        #expect(try #require(MailAddress(parsing: text)).masked == masked)
    }

    @Test func `quotes stand only where they have to`() throws {
        #expect(
            try #require(MailAddress(parsing: "\"ann.b\"@example.com")).text == "ann.b@example.com")
        #expect(
            try #require(MailAddress(parsing: "\"a\\ b\"@example.com")).text
                == "\"a b\"@example.com")
    }
}
