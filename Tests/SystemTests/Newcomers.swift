import Fixtures
import Foundation
import Synchronization
import Testing

/// People who sign in for the first time, one after another: each binds an authenticator and then
/// chooses a new password. Whose request is refused or unanswered is left where he is.
final class Newcomers: Sendable {
    struct Told: Sendable {
        /// Who was told that his authenticator is bound.
        var bound: [String] = []
        /// Who was told that his new password is in force.
        var changed: [String] = []
        fileprivate var isOver = false
        fileprivate var hasEnded = false
    }

    fileprivate static let first = "admin123"
    fileprivate static let second = "a kettle full of rain"

    private let door: UInt16
    private let told = Mutex(Told())

    /// Starts at once.
    init(_ system: ScaledSystem, people count: Int = 60) throws {
        door = system.door
        let own = UInt32.random(in: 0 ... .max)
        let people = (0..<count).map { "newcomer-\(own)-\($0)" }
        try system.importUsers(
            people.map {
                #"{"userName": "\#($0)", "passwordRecord": "\#(ImportLines.cheapKnownRecord)"}"#
            })
        Thread.detachNewThread {
            for person in people where !self.told.withLock({ $0.isOver }) {
                do { try self.come(person) } catch { usleep(20_000) }
            }
            self.told.withLock { $0.hasEnded = true }
        }
    }

    /// Waits for so many new passwords, at most a minute.
    func await(changed count: Int) {
        let start = ContinuousClock.now
        while told.withLock({ $0.changed.count }) < count, Installation.seconds(since: start) < 60 {
            usleep(5_000)
        }
    }

    /// Waits for the last answer.
    func end() -> Told {
        told.withLock { $0.isOver = true }
        while !told.withLock({ $0.hasEnded }) { usleep(10_000) }
        return told.withLock { $0 }
    }

    private struct Refused: Error {}

    /// An issue outside a test's own thread would be nobody's, so nothing is required here.
    private static func told(
        _ answer: HTTPTestClient.Answer, _ path: String...
    ) throws -> String {
        let inner = path.dropFirst().reduce(answer.value(path[0])) {
            ($0 as? [String: Any])?[$1]
        }
        guard let text = inner as? String else { throw Refused() }
        return text
    }

    private func come(_ person: String) throws {
        let client = HTTPTestClient(port: door, seconds: 30)
        var step = try client.call(
            "SignInService/Start",
            json(["identifier": person, "password": Self.first, "bearer": true]))
        let ticket = try Self.told(step, "bind", "ticket")
        let begun = try client.call(
            "SignInService/BeginBinding", json(["ticket": ticket, "verifier": "totp"]))
        let secret = try Self.told(begun, "totp", "secret")
        step = try client.call(
            "SignInService/ConfirmBinding",
            json(["ticket": ticket, "code": try Person.code(secret)]))
        let token = try Self.told(step, "signedIn", "session", "token")
        told.withLock { $0.bound.append(person) }
        client.headers["Authorization"] = "Bearer \(token)"
        let change = try client.call(
            "AccountService/ChangePassword",
            json(["currentPassword": Self.first, "newPassword": Self.second]))
        if change.status == 200 { told.withLock { $0.changed.append(person) } }
    }
}

extension Newcomers.Told {
    /// Fails the test for what is not there any more.
    func check(_ system: ScaledSystem) throws {
        let client = HTTPTestClient(port: system.door)
        for person in bound {
            let found = try system.standby.sql(
                """
                SELECT count(*) FROM verification.authenticators a
                JOIN auth.users u ON u.id = a.user_id
                WHERE u.user_name = '\(person)' AND a.kind = 'totp' AND a.sealed IS NOT NULL
                """)
            #expect(found.hasPrefix("1"), "the authenticator of \(person) is lost")
        }
        for person in changed {
            let step = try client.call(
                "SignInService/Start",
                json(["identifier": person, "password": Newcomers.second, "bearer": true]))
            #expect(step.string("verify", "ticket") != nil, "\(person): \(step.text)")
        }
    }
}
