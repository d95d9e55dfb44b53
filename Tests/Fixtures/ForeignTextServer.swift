import Foundation

/// A webhook of foreign making on the loopback that takes text messages, and what it has taken.
package final class ForeignTextServer: Sendable {
    package let port: UInt16
    /// What its callers sign with.
    package let secret: String
    private let child: ChildProcess

    /// The fields of a message, as JSON brought them.
    package struct Text: Decodable, Sendable {
        package let receiver: String
        package let code: String
        package let text: String
    }

    /// - Parameter leaf: A certificate of `localhost`.
    package init(_ leaf: TestAuthority.Leaf) throws {
        let octets = (0..<32).map { _ in UInt8.random(in: 0...255) }
        secret = "whsec_" + Data(octets).base64EncodedString()
        let script = RepositoryRoot.path("Tests/SystemTests/Python/sms_server.py")
        child = try ChildProcess("python3", [script, leaf.certificate, leaf.key, secret])
        guard let port = try ForeignMailServer.wait(for: /listening (\d+)/, child) else {
            throw ForeignMailServer.NotRunning(description: child.output)
        }
        self.port = port
    }

    deinit { child.end(seconds: 0) }

    package var url: String { "https://localhost:\(port)/send" }

    package var texts: [Text] {
        get throws {
            try child.output.split(separator: "\n").filter { $0.hasPrefix("{") }.map {
                try JSONDecoder().decode(Text.self, from: Data($0.utf8))
            }
        }
    }
}
