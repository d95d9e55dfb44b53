import Fixtures
import Foundation
import Mail
import Reactor
import TLS
import Testing
import Wire

private let protections = [SMTPSecurity.startTLS, .implicitTLS]

/// The whole way to mail servers that are not of our making.
@Suite(.serialized) struct ForeignMailServerTests {
    private let certificates: MailCertificates

    init() throws { certificates = try MailCertificates.shared.get() }

    private func credentials(_ password: String = "secret") throws -> SMTPCredentials {
        try #require(SMTPCredentials(user: "mailer", password: Bytes(utf8: password)))
    }

    /// Sends one mail to a server with that certificate.
    private func send(
        _ security: SMTPSecurity, _ leaf: TestAuthority.Leaf, to: String = "ann@example.org",
        password: String? = "secret", _ message: MailMessage? = nil
    ) async throws -> (SMTPOutcome, [ForeignMailServer.Mail]) {
        let server = try ForeignMailServer(leaf, security)
        let known = try password.map { try credentials($0) }
        let context = try certificates.context()
        let outcome = try await withRunningLoop { loop in
            try await deliver(
                on: loop, port: server.port, security, host: "localhost",
                credentials: known, context: context, to: to, message)
        }
        return (outcome, try server.mails)
    }

    @Test(arguments: protections)
    func `a mail in three languages arrives as it was written`(security: SMTPSecurity)
        async throws
    {
        let text =
            ".\n..\n.hidden\n您好，李雷 = é \u{1F511}\ntrailing \n"
            + String(
                repeating: "long ", count: 100) + "\nFrom here\n"
        let message = try message(
            fromName: "Dubbelslot \"拴\"", toName: "O'Brien, \"Ann\" <x> 李雷",
            subject: "Müller & 您的登录验证码 " + String(repeating: "很长 ", count: 20) + "end",
            text: text, html: "<p>\(String(repeating: "您好", count: 500))</p>\n")
        let (outcome, mails) = try await send(security, certificates.right, message)
        #expect(outcome == .delivered(SMTPStatus(250, .init(subject: 0, detail: 0))))
        let mail = try #require(mails.first)
        #expect(mails.count == 1)
        #expect(mail.sealed && !mail.utf8)
        #expect(mail.sender == "login@example.com" && mail.receivers == ["ann@example.org"])
        #expect(mail.names == [message.from.name?.text, message.to.name?.text])
        let fields = Dictionary(uniqueKeysWithValues: mail.fields.map { ($0[0], $0[1]) })
        #expect(fields["Subject"] == message.subject.text)
        #expect(fields["Auto-Submitted"] == "auto-generated")
        #expect(fields["Message-ID"] == "<token-1@example.com>")
        #expect(fields["Date"] == "Tue, 14 Nov 2023 22:13:20 +0000")
        #expect(fields.count == 8)
        #expect(mail.kinds == ["text/plain", "text/html"])
        #expect(mail.texts == [message.text, message.html])
        #expect(mail.defects == [])
        #expect(mail.widest <= 76 && mail.bare == 0)
    }

    @Test func `an address that is not ASCII arrives with SMTPUTF8`() async throws {
        let message = try message(to: "李雷@例子.example")
        let (outcome, mails) = try await send(.startTLS, certificates.right, message)
        #expect(outcome == .delivered(SMTPStatus(250, .init(subject: 0, detail: 0))))
        #expect(mails.first?.utf8 == true)
        #expect(mails.first?.receivers == ["李雷@例子.example"])
    }

    @Test(arguments: protections)
    func `every notice arrives in every language`(security: SMTPSecurity) async throws {
        let circumstances = MailCircumstances(
            product: try #require(MailText("Dubbelslot")), userName: MailText("李雷"),
            time: Timestamp(seconds: 0), place: nil, securityPage: MailLink("https://a.example/"))
        let code = try #require(MailCode("83920174"))
        for language in MailLanguage.allCases {
            let content = MailTemplates.content(
                .code(code, .signIn, minutes: 5), circumstances, in: language)
            let message = try message(
                subject: content.subject.text, text: content.text, html: content.html)
            let (_, mails) = try await send(security, certificates.right, message)
            #expect(mails.first?.texts == [content.text, content.html])
        }
    }

    @Test(arguments: protections)
    func `each thing that is wrong has its own error`(security: SMTPSecurity) async throws {
        let right = certificates.right
        let refused = SMTPStatus(550, .init(subject: 1, detail: 1))
        let later = SMTPStatus(451, .init(subject: 7, detail: 1))
        let wrong = SMTPStatus(535, .init(subject: 7, detail: 8))
        let outcomes = [
            try await send(security, right, to: "reject@example.org").0,
            try await send(security, right, to: "grey@example.org").0,
            try await send(security, right, password: "wrong").0,
            try await send(security, certificates.ofAnotherName).0,
            try await send(security, certificates.ofAStranger).0,
        ]
        #expect(outcomes[0] == .receiverRefused(.byServer(refused)))
        #expect(outcomes[1] == .tryAgainLater(.receiver, later))
        #expect(outcomes[2] == .authenticationRefused(.byServer(wrong)))
        #expect(outcomes[3] == .tlsRefused(.name("localhost")))
        guard case .tlsRefused(.certificate) = outcomes[4] else {
            Issue.record("\(outcomes[4])")
            return
        }
        #expect(Set(outcomes.map(\.administratorText)).count == outcomes.count)
        #expect(Set(outcomes.map(\.logText)).count == outcomes.count)
        let old = try await send(security, certificates.runOut).0
        guard case .tlsRefused(.certificate(let why)) = old else {
            Issue.record("\(old)")
            return
        }
        #expect(why.contains("expired"))
        let nobody = try await send(security, right, password: nil).0
        guard case .authenticationRefused(.byServer) = nobody else {
            Issue.record("\(nobody)")
            return
        }
    }

    @Test func `TLS where none is, and none where it is, are told`() async throws {
        let context = try certificates.context()
        let later = try ForeignMailServer(certificates.right, .startTLS)
        let first = try ForeignMailServer(certificates.right, .implicitTLS)
        let (early, late, plain) = try await withRunningLoop { loop in
            let early = try await deliver(
                on: loop, port: later.port, .implicitTLS, host: "localhost", context: context)
            let late = try await deliver(
                on: loop, port: first.port, .startTLS, host: "localhost", context: context,
                within: .seconds(2))
            let plain = try await deliver(on: loop, port: later.port)
            return (early, late, plain)
        }
        guard case .tlsRefused(.handshake) = early else {
            Issue.record("\(early)")
            return
        }
        #expect(late == .timedOut(.greeting))
        // "Must issue a STARTTLS command first"
        guard case .authenticationRefused(.byServer(let status)) = plain else {
            Issue.record("\(plain)")
            return
        }
        #expect(status.code == 530)
    }
}

/// The server that lies beside the repository on some machines, as the vectors do.
private let sharedServer: String? = Vectors.folder.flatMap { folder in
    let path = folder.appendingPathComponent("../tools/smtp_server.py").standardizedFileURL.path
    return FileManager.default.fileExists(atPath: path) ? path : nil
}

@Suite struct SharedMailServerTests {
    @Test(
        .enabled(if: sharedServer != nil, "The shared mail server is not here."),
        arguments: protections)
    func `a mail arrives there too, and its refusals are known`(security: SMTPSecurity)
        async throws
    {
        let certificates = try MailCertificates.shared.get()
        let folder = TemporaryFolder("mails")
        let port = FreePort.take()
        let child = try ChildProcess(
            try ForeignMailServer.python.get(),
            [
                try #require(sharedServer), String(port), folder.path,
                certificates.right.certificate, certificates.right.key,
            ] + (security == .implicitTLS ? ["smtps"] : []))
        defer { child.end(seconds: 0) }
        let listening = try ForeignMailServer.wait(for: /listening (\d+)/, child)
        try #require(listening == port, "\(child.output)")
        let context = try certificates.context()
        let credentials = try #require(
            SMTPCredentials(user: "mailer", password: Bytes(utf8: "secret")))
        try await withRunningLoop { loop in
            for (receiver, code) in [
                ("ann@example.org", 250), ("reject@example.org", 550), ("grey@example.org", 451),
            ] {
                let outcome = try await deliver(
                    on: loop, port: port, security, host: "localhost", credentials: credentials,
                    context: context, to: receiver)
                switch outcome {
                case .delivered(let status): #expect(status.code == code)
                case .receiverRefused(.byServer(let status)): #expect(status.code == code)
                case .tryAgainLater(_, let status): #expect(status.code == code)
                case _: Issue.record("\(receiver): \(outcome)")
                }
            }
        }
        let written = try folder.read("0001.json")
        #expect(written.contains("ann@example.org") && written.contains("Your code"))
    }
}
