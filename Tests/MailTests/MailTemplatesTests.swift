import Testing
import Wire

@testable import Mail

private let link = "https://login.example.com/reset#t=abc"
private let page = "https://login.example.com/account?a=1&b=2"

private func notices() throws -> [MailNotice] {
    let title = try #require(MailText("My <b>phone</b> & \"co\""))
    let code = try #require(MailCode("83920174"))
    return MailNotice.CodePurpose.allCases.map { .code(code, $0, minutes: 5) } + [
        .passwordReset(try #require(MailLink(link)), minutes: 30), .authenticatorBound(title),
        .authenticatorUnbound(title), .authenticatorDisabled(title),
        .passkeyDisabled(title), .recoveryCodeUsed(left: 0),
        .recoveryCodeUsed(left: 1), .recoveryCodesMade, .recoveryCodeUsed(left: 7),
        .passwordChanged, .passwordDisabled, .reportedNotMe, .trustedDeviceReused,
        .settingsWeakened, .weakeningProposed, .invitation(try #require(MailLink(link)), days: 7),
        .signUp(try #require(MailLink(link)), days: 1), .signUpKnown, .resetRequested,
        .addressChanged,
        .test, .newDevice(nil), .newDevice(MailText("Firefox <1>")),
    ]
}

private func circumstances(name: String? = "Ann <i>", hasPage: Bool = true) throws
    -> MailCircumstances
{
    MailCircumstances(
        product: try #require(MailText("Lock & Key")), userName: name.flatMap { MailText($0) },
        time: Timestamp(seconds: 1_700_000_000), place: MailText("Utrecht <NL>"),
        securityPage: hasPage ? MailLink(page) : nil)
}

@Suite struct MailTemplatesTests {
    @Test(arguments: MailLanguage.allCases)
    func `every notice has a subject and two texts`(language: MailLanguage) throws {
        let all = try notices().map {
            MailTemplates.content($0, try circumstances(), in: language)
        }
        #expect(Set(try notices().map(\.kind)) == Set(MailNotice.Kind.allCases))
        for content in all {
            #expect(content.subject.text.contains("Lock & Key"))
            #expect(content.text.contains("2023-11-14 22:13 UTC"))
            #expect(content.text.contains("Utrecht <NL>"))
            #expect(content.html.contains("lang=\"\(language.rawValue)\""))
        }
        // Each kind speaks for itself.
        #expect(Set(all.map(\.subject.text)).count == MailNotice.Kind.allCases.count)
        #expect(Set(all.map(\.text)).count == all.count)
    }

    @Test func `no language says what another says`() throws {
        for notice in try notices() {
            let texts = try MailLanguage.allCases.map {
                MailTemplates.content(notice, try circumstances(), in: $0)
            }
            #expect(Set(texts.map(\.subject.text)).count == 3)
            #expect(Set(texts.map(\.text)).count == 3)
            // As many paragraphs in each.
            #expect(Set(texts.map { $0.text.split(separator: "\n\n").count }).count == 1)
        }
    }

    @Test(arguments: MailLanguage.allCases)
    func `a code and a link stand in both texts and never in a subject`(language: MailLanguage)
        throws
    {
        for notice in try notices() {
            let content = MailTemplates.content(notice, try circumstances(), in: language)
            #expect(!content.subject.text.contains { $0.isASCII && $0.isNumber })
            #expect(!content.subject.text.contains("http"))
            switch notice {
            case .code:
                #expect(content.text.contains("    83920174\n"))
                #expect(content.html.contains(">83920174<"))
            case .passwordReset, .invitation, .signUp:
                #expect(content.text.contains(": " + link + "\n"))
                #expect(content.html.contains("<a href=\"\(link)\""))
            case _: #expect(!content.text.contains("83920174"))
            }
        }
    }

    @Test(arguments: MailLanguage.allCases)
    func `values are text in HTML, and nothing comes from outside`(language: MailLanguage) throws {
        for notice in try notices() {
            let html = MailTemplates.content(notice, try circumstances(), in: language).html
            for markup in ["<b>", "<i>", "<NL>", "<1>", " & ", "b=2\" &"] {
                #expect(!html.contains(markup), "\(markup)")
            }
            #expect(html.contains("Ann &lt;i&gt;"))
            #expect(html.contains("Lock &amp; Key"))
            for loading in ["<img", "<script", "src=", "url(", "<link", "@import", "<style"] {
                #expect(!html.contains(loading), "\(loading)")
            }
            let links = html.matches(of: /href="([^"]*)"/).map { String($0.1) }
            #expect(links.allSatisfy { $0 == link || $0 == page.replacing("&", with: "&amp;") })
        }
    }

    @Test(arguments: MailLanguage.allCases)
    func `who was not that is told what to do, with a link where there is an address`(
        language: MailLanguage
    ) throws {
        for notice in try notices() {
            let with = MailTemplates.content(notice, try circumstances(), in: language)
            let without = MailTemplates.content(
                notice, try circumstances(hasPage: false), in: language)
            switch notice {
            case .code, .passwordReset, .settingsWeakened, .weakeningProposed, .test, .invitation,
                .signUp, .signUpKnown, .resetRequested:
                #expect(with == without)
            case _:
                #expect(with.text.contains(page))
                #expect(!without.text.contains("http"))
                #expect(with.text != without.text)
            }
        }
    }

    @Test func `how many recovery codes are left is told`() throws {
        for language in MailLanguage.allCases {
            let seven = MailTemplates.content(
                .recoveryCodeUsed(left: 7), try circumstances(), in: language)
            #expect(seven.text.contains("7"))
        }
    }

    @Test func `a name that might become a link is left out`() throws {
        let content = MailTemplates.content(
            .passwordChanged, try circumstances(name: "Win at evil.example"), in: .english)
        #expect(content.text.hasPrefix("Hello,\n"))
        #expect(!content.html.contains("evil"))
    }

    @Test func `every notice in every language becomes a mail`() throws {
        for language in MailLanguage.allCases {
            for notice in try notices() {
                let content = MailTemplates.content(notice, try circumstances(), in: language)
                let message = try message(
                    subject: content.subject.text, text: content.text, html: content.html)
                let lines = String(decoding: message.encoded(), as: UTF8.self)
                    .split(separator: "\r\n", omittingEmptySubsequences: false)
                #expect(lines.allSatisfy { $0.utf8.count <= 76 })
            }
        }
    }

    @Test(arguments: [
        ("nl", MailLanguage.dutch), ("nl-BE", .dutch), ("zh-Hans-CN", .chinese), ("ZH", .chinese),
        ("en", .english), ("fr", .english), ("", .english), ("nld", .english),
    ])
    func `a language is known by the first part of its tag`(tag: String, language: MailLanguage) {
        #expect(MailLanguage(tag: tag) == language)
    }

    @Test(arguments: ["", "123", "12345678901", "12345a", "１２３４５６", "12 34", "-1234"])
    func `O-25 a code is 4 to 10 digits`(_ digits: String) {
        #expect(MailCode(digits) == nil)
    }

    @Test func `a code does not print`() throws {
        let code = try #require(MailCode("83920174"))
        var dumped = ""
        dump(MailNotice.code(code, .signIn, minutes: 5), to: &dumped)
        #expect(!"\(code) \(String(reflecting: code)) \(dumped)".contains("8392"))
    }
}
