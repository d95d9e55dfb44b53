import Fixtures
import Foundation

/// A receiver of text messages of foreign making on the loopback, and what it has taken.
final class ForeignWebhook: Sendable {
    /// What a verifier is told of it.
    let url: String
    let secret: String
    private let child: ChildProcess

    struct NotRunning: Error {
        let output: String
    }

    struct Message: Decodable, Sendable {
        let receiver: String
        let code: String
        let text: String
        /// By the Standard Webhooks specification.
        let signed: Bool
    }

    /// - Parameter leaf: Of `localhost`.
    init(_ leaf: TestAuthority.Leaf) throws {
        secret = "whsec_" + Data("a webhook's key, of no use else".utf8).base64EncodedString()
        let script = RepositoryRoot.path("Tests/SystemTests/Python/webhook_server.py")
        child = try ChildProcess("python3", [script, leaf.certificate, leaf.key, secret])
        guard let port = try ForeignMailServer.wait(for: /listening (\d+)/, child) else {
            throw NotRunning(output: child.output)
        }
        url = "https://localhost:\(port)/messages"
    }

    deinit { child.end(seconds: 0) }

    var messages: [Message] {
        get throws {
            try child.output.split(separator: "\n").filter { $0.hasPrefix("{") }.map {
                try JSONDecoder().decode(Message.self, from: Data($0.utf8))
            }
        }
    }
}
