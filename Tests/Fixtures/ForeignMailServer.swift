import Foundation

/// A mail server of foreign making on the loopback, and what it has taken.
package final class ForeignMailServer: Sendable {
    package let port: UInt16
    private let child: ChildProcess

    package struct NotRunning: Error, CustomStringConvertible {
        package let description: String
    }

    /// What the server read in a mail, by Python's own parser.
    package struct Mail: Decodable, Sendable {
        package let sender: String
        package let receivers: [String]
        package let sealed: Bool
        package let utf8: Bool
        package let fields: [[String]]
        package let names: [String]
        package let kinds: [String]
        package let texts: [String]
        package let defects: [String]
        package let widest: Int
        package let bare: Int
    }

    /// - Parameters:
    ///   - protection: `tls` or `starttls`.
    ///   - port: One that is free; any when 0.
    package init(_ leaf: TestAuthority.Leaf, protection: String, port: UInt16 = 0) throws {
        let script = RepositoryRoot.path("Tests/SystemTests/Python/mail_server.py")
        child = try ChildProcess(
            try Self.python.get(), [script, leaf.certificate, leaf.key, protection, String(port)])
        guard let port = try Self.wait(for: /listening (\d+)/, child) else {
            throw NotRunning(description: child.output)
        }
        self.port = port
    }

    deinit { child.end(seconds: 0) }

    package var mails: [Mail] {
        get throws {
            try child.output.split(separator: "\n").filter { $0.hasPrefix("{") }.map {
                try JSONDecoder().decode(Mail.self, from: Data($0.utf8))
            }
        }
    }

    /// The first Python that knows aiosmtpd; `Tests/run` installs it.
    package static let python = Result {
        let named = ProcessInfo.processInfo.environment["TEST_PYTHON"]
        for python in [named, "python3", "/usr/bin/python3"].compactMap({ $0 }) {
            let tried = try ChildProcess.run(python, ["-c", "import aiosmtpd"])
            if tried.status == 0 { return python }
        }
        throw NotRunning(description: "no Python has aiosmtpd: install python3-aiosmtpd")
    }

    package static func wait(for pattern: Regex<(Substring, Substring)>, _ child: ChildProcess)
        throws
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
