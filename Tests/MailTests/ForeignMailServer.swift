import Fixtures
import Foundation
import Mail
import TLS
import Testing

/// A mail server of foreign making on the loopback, and what it has taken.
final class ForeignMailServer: Sendable {
    let port: UInt16
    private let child: ChildProcess

    struct NotRunning: Error, CustomStringConvertible {
        let description: String
    }

    /// What the server read in a mail, by Python's own parser.
    struct Mail: Decodable {
        let sender: String
        let receivers: [String]
        let sealed: Bool
        let utf8: Bool
        let fields: [[String]]
        let names: [String]
        let kinds: [String]
        let texts: [String]
        let defects: [String]
        let widest: Int
        let bare: Int
    }

    init(_ leaf: TestAuthority.Leaf, _ security: SMTPSecurity) throws {
        let script = RepositoryRoot.path("Tests/SystemTests/Python/mail_server.py")
        child = try ChildProcess(
            try Self.python.get(), [script, leaf.certificate, leaf.key, security.rawValue])
        guard let port = try Self.wait(for: /listening (\d+)/, child) else {
            throw NotRunning(description: child.output)
        }
        self.port = port
    }

    deinit { child.end(seconds: 0) }

    var mails: [Mail] {
        get throws {
            try child.output.split(separator: "\n").filter { $0.hasPrefix("{") }.map {
                try JSONDecoder().decode(Mail.self, from: Data($0.utf8))
            }
        }
    }

    /// The first Python that knows aiosmtpd; `Tests/run` installs it.
    static let python = Result {
        let named = ProcessInfo.processInfo.environment["TEST_PYTHON"]
        for python in [named, "python3", "/usr/bin/python3"].compactMap({ $0 }) {
            let tried = try ChildProcess.run(python, ["-c", "import aiosmtpd"])
            if tried.status == 0 { return python }
        }
        throw NotRunning(description: "no Python has aiosmtpd: install python3-aiosmtpd")
    }

    static func wait(for pattern: Regex<(Substring, Substring)>, _ child: ChildProcess) throws
        -> UInt16?
    {
        for _ in 0..<2000 {
            if let found = try pattern.firstMatch(in: child.output) { return UInt16(found.1) }
            if child.exitStatus != nil { return nil }
            usleep(10_000)
        }
        return nil
    }
}

/// An authority and a mail server's certificates, made once for all tests here.
struct MailCertificates: Sendable {
    let authority: TestAuthority
    /// For `localhost`.
    let right: TestAuthority.Leaf
    let ofAnotherName: TestAuthority.Leaf
    let runOut: TestAuthority.Leaf
    let ofAStranger: TestAuthority.Leaf

    static let shared = Result {
        let authority = try TestAuthority()
        func leaf(_ name: String, _ days: Int = 2, by: TestAuthority? = nil) throws
            -> TestAuthority.Leaf
        {
            try (by ?? authority).leaf(
                TestAuthority.Wish {
                    $0.alternativeNames = ["DNS:\(name)"]
                    $0.purposes = "serverAuth"
                    $0.days = days
                })
        }
        return MailCertificates(
            authority: authority, right: try leaf("localhost"),
            ofAnotherName: try leaf("mail.example"), runOut: try leaf("localhost", -1),
            ofAStranger: try leaf("localhost", by: try TestAuthority()))
    }

    func context() throws -> TLSContext {
        try TLSContext(outboundAuthorityFile: authority.file)
    }
}
