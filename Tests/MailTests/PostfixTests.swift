import Fixtures
import Foundation
import Mail
import TLS
import Testing
import Wire

/// A Postfix of its own, with all it has in one folder, on two ports of the loopback.
private final class Postfix: Sendable {
    let startTLS = FreePort.take()
    let implicitTLS = FreePort.take()
    private let folder = TemporaryFolder("postfix")

    static let isHere =
        ["/usr/sbin/postfix", "/usr/sbin/saslpasswd2"].allSatisfy {
            FileManager.default.isExecutableFile(atPath: $0)
        } && geteuid() == 0

    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    init(_ leaf: TestAuthority.Leaf) throws {
        // Its processes run as several users.
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: folder.path)
        for name in ["queue", "data", "mail", "sasl"] {
            try FileManager.default.createDirectory(
                atPath: folder.file(name), withIntermediateDirectories: false)
        }
        try folder.write("main.cf", Self.main(folder.path, leaf), mode: 0o644)
        try folder.write("master.cf", Self.services(startTLS, implicitTLS), mode: 0o644)
        try folder.write(
            "sasl/smtpd.conf",
            """
            pwcheck_method: auxprop
            auxprop_plugin: sasldb
            mech_list: PLAIN LOGIN
            sasldb_path: \(folder.file("passwords"))

            """, mode: 0o644)
        try run(
            "echo -n secret | saslpasswd2 -p -c -f passwords -u localhost.example mailer && "
                + "chown postfix passwords data mail && postfix -c \"$PWD\" start")
    }

    deinit {
        do { try run("postfix -c \"$PWD\" stop") } catch { Issue.record("\(error)") }
    }

    /// What was put into the mailbox, once there is as much as said.
    func mails(_ count: Int) throws -> [String] {
        let box = folder.file("mail/ann/new")
        for _ in 0..<1000 {
            let names =
                FileManager.default.fileExists(atPath: box)
                ? try FileManager.default.contentsOfDirectory(atPath: box) : []
            if names.count >= count {
                return try names.map { try folder.read("mail/ann/new/" + $0) }
            }
            usleep(10_000)
        }
        return []
    }

    private func run(_ script: String) throws {
        let outcome = try ChildProcess.run(
            "bash", ["-c", "PATH=$PATH:/usr/sbin; \(script)"], workingFolder: folder.path)
        guard outcome.status == 0 else { throw Failed(description: outcome.output) }
    }

    private static func main(_ folder: String, _ leaf: TestAuthority.Leaf) -> String {
        """
        compatibility_level = 3.6
        queue_directory = \(folder)/queue
        data_directory = \(folder)/data
        command_directory = /usr/sbin
        daemon_directory = /usr/lib/postfix/sbin
        mail_owner = postfix
        setgid_group = postdrop
        maillog_file_prefixes = \(folder)
        maillog_file = \(folder)/log
        inet_interfaces = 127.0.0.1
        inet_protocols = ipv4
        myhostname = localhost.example
        mydestination =
        virtual_mailbox_domains = example.org
        virtual_mailbox_maps = inline:{ ann@example.org=ann/ }
        virtual_mailbox_base = \(folder)/mail
        virtual_minimum_uid = 1
        virtual_uid_maps = static:\(owner.pw_uid)
        virtual_gid_maps = static:\(owner.pw_gid)
        smtpd_recipient_restrictions = permit_sasl_authenticated, reject
        smtpd_relay_restrictions =
            check_recipient_access inline:{ {grey@example.org = 451 4.7.1 later} },
            reject_unauth_destination
        smtpd_tls_cert_file = \(leaf.certificate)
        smtpd_tls_key_file = \(leaf.key)
        smtpd_tls_auth_only = yes
        smtpd_sasl_auth_enable = yes
        cyrus_sasl_config_path = \(folder)/sasl
        message_size_limit = 10000

        """
    }

    private static var owner: passwd { getpwnam("postfix")?.pointee ?? passwd() }

    private static func services(_ startTLS: UInt16, _ implicitTLS: UInt16) -> String {
        """
        127.0.0.1:\(startTLS) inet n - n - - smtpd -o smtpd_tls_security_level=encrypt
        127.0.0.1:\(implicitTLS) inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
        cleanup unix n - n - 0 cleanup
        qmgr unix n - n 300 1 qmgr
        tlsmgr unix - - n 1000? 1 tlsmgr
        rewrite unix - - n - - trivial-rewrite
        bounce unix - - n - 0 bounce
        defer unix - - n - 0 bounce
        trace unix - - n - 0 bounce
        proxymap unix - - n - - proxymap
        virtual unix - n n - - virtual
        error unix - - n - - error
        retry unix - - n - - error
        anvil unix - - n - 1 anvil
        postlog unix-dgram n - n - 1 postlogd

        """
    }
}

@Suite struct PostfixTests {
    @Test(
        .enabled(if: Postfix.isHere, "There is no Postfix with sasl2-bin here, or we are not root.")
    )
    func `a mail server as many have it takes our mail, and its refusals are known`()
        async throws
    {
        let certificates = try MailCertificates.shared.get()
        let postfix = try Postfix(certificates.right)
        let context = try certificates.context()
        func send(
            _ security: SMTPSecurity, to: String = "ann@example.org", password: String? = "secret",
            _ message: MailMessage? = nil
        ) async throws -> SMTPOutcome {
            let credentials = password.flatMap {
                SMTPCredentials(user: "mailer", password: Bytes(utf8: $0))
            }
            let port = security == .startTLS ? postfix.startTLS : postfix.implicitTLS
            return try await withRunningLoop { loop in
                try await deliver(
                    on: loop, port: port, security, host: "localhost", credentials: credentials,
                    context: context, to: to, message)
            }
        }
        for security in [SMTPSecurity.startTLS, .implicitTLS] {
            let message = try message(subject: "Für 李雷", text: ".\n..\nHello\n")
            let outcome = try await send(security, message)
            guard case .delivered = outcome else {
                Issue.record("\(security): \(outcome)")
                return
            }
        }
        for mail in try postfix.mails(2) {
            #expect(mail.contains("Subject: =?UTF-8?B?RsO8ciDmnY7pm7c=?=\n"))
            #expect(mail.contains("\n\n.\n..\nHello\n\n--=_token-1\n"))
        }
        let unknown = SMTPStatus(550, .init(subject: 1, detail: 1))
        #expect(
            try await send(.startTLS, to: "nobody@example.org")
                == .receiverRefused(.byServer(unknown)))
        #expect(
            try await send(.startTLS, to: "grey@example.org")
                == .tryAgainLater(.receiver, SMTPStatus(451, .init(subject: 7, detail: 1))))
        let wrong = SMTPStatus(535, .init(subject: 7, detail: 8))
        #expect(
            try await send(.implicitTLS, password: "wrong")
                == .authenticationRefused(.byServer(wrong)))
        let relay = SMTPStatus(554, .init(subject: 7, detail: 1))
        #expect(
            try await send(.startTLS, to: "ann@elsewhere.example")
                == .senderRefused(.receiver, .byServer(relay)))
        #expect(
            try await send(.startTLS, password: nil)
                == .senderRefused(.receiver, .byServer(relay)))
        let large = try message(text: String(repeating: "long ", count: 3000))
        #expect(try await send(.startTLS, large) == .messageRefused(.sender, .tooLarge))
    }
}
