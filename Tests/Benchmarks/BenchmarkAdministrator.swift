import Crypto
import Fixtures
import Foundation
import OTP
import Wire

/// The first administrator of an installation that a benchmark has started: signed in, so that
/// users can be made.
struct BenchmarkAdministrator {
    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    let token: String
    private let installation: Installation

    init(_ installation: Installation) throws {
        self.installation = installation
        let client = try installation.client()
        func call(_ method: String, _ body: [String: Any]) throws -> HTTPTestClient.Answer {
            let text = try JSONSerialization.data(withJSONObject: body)
            return try client.call(
                "SignInService/" + method, String(decoding: text, as: UTF8.self))
        }
        func value(_ answer: HTTPTestClient.Answer, _ path: String...) throws -> String {
            let object = path.dropLast().isEmpty ? nil : answer.value(path[0])
            let inner = object as? [String: Any]
            if path.count == 2, let text = inner?[path[1]] as? String { return text }
            if path.count == 3, let text = (inner?[path[1]] as? [String: Any])?[path[2]] as? String
            {
                return text
            }
            throw Refused(description: answer.text)
        }
        var step = try call(
            "Start",
            ["identifier": "admin", "password": installation.initialPassword, "bearer": true])
        let ticket = try value(step, "bind", "ticket")
        let begun = try call("BeginBinding", ["ticket": ticket, "verifier": "totp"])
        let secret = try value(begun, "totp", "secret")
        guard let seed = Base32.decode(secret.utf8) else { throw Refused(description: begun.text) }
        let now = Timestamp(seconds: Int64(Date().timeIntervalSince1970))
        let counter = UInt64(OneTimePassword.standard.step(at: now))
        let code = OneTimePassword.standard.code(seed: seed, counter: counter).text
        step = try call("ConfirmBinding", ["ticket": ticket, "code": code])
        let next = try value(step, "changePassword", "ticket")
        step = try call(
            "ChangePassword", ["ticket": next, "newPassword": "four quiet grey herons"])
        token = try value(step, "signedIn", "session", "token")
    }

    /// A user with an initial password, whose name is returned.
    func makeUser() throws -> String {
        let client = try installation.client()
        client.headers["Authorization"] = "Bearer \(token)"
        let name = EnumerationCases.nobody()
        let made = try client.call("AdminService/CreateUser", #"{"userName":"\#(name)"}"#)
        guard made.status == 200 else { throw Refused(description: made.text) }
        return name
    }
}
