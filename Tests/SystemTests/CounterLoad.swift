import Crypto
import Fixtures
import Foundation
import OTP
import Synchronization
import Testing
import Wire

/// People who sign in again and again, with codes that go by a counter: each is used once and for
/// all, so what somebody was told can be held against the data, and a code that has worked can be
/// tried again at any time. Whatever is not a sign-in is noted as a refusal.
final class CounterLoad: Sendable {
    struct Accepted: Sendable {
        let person: String
        let counter: UInt64
        let session: String
        let begunAt: ContinuousClock.Instant
    }

    struct Told: Sendable {
        var accepted: [Accepted] = []
        /// What was answered instead of a step, or what broke.
        var refused: [String] = []
        /// Finishing requests without an answer: done or not done, only the data tell.
        var unknown = 0
        fileprivate var isOver = false
    }

    private static let seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    private static let password = "admin123"

    let people: [String]
    private let door: UInt16
    private let told = Mutex(Told())
    private let running = Atomic<Int>(0)

    /// Makes the people and starts at once.
    init(_ system: ScaledSystem, people count: Int = 3) throws {
        door = system.door
        let own = UInt32.random(in: 0 ... .max)
        people = (0..<count).map { "counting-\(own)-\($0)" }
        try system.importUsers(
            people.map {
                #"{"userName": "\#($0)", "passwordRecord": "\#(ImportLines.cheapKnownRecord)","#
                    + #" "otp": [{"seed": "\#(Self.seed)", "parameters": "hotp-sha1-6","#
                    + #" "counter": 0}]}"#
            })
        for person in people {
            running.add(1, ordering: .relaxed)
            Thread.detachNewThread {
                self.signInAgainAndAgain(person)
                self.running.subtract(1, ordering: .relaxed)
            }
        }
    }

    /// So far.
    var soFar: Told { told.withLock { $0 } }

    /// Waits for everybody's last answer.
    func end() -> Told {
        told.withLock { $0.isOver = true }
        while running.load(ordering: .relaxed) > 0 { usleep(10_000) }
        return soFar
    }

    /// Seconds from `start` until somebody has signed in who began after it, at most 60.
    func secondsUntilSignIn(begunAfter start: ContinuousClock.Instant) -> Double {
        while Installation.seconds(since: start) < 60 {
            if soFar.accepted.contains(where: { $0.begunAt > start }) { break }
            usleep(5_000)
        }
        return Installation.seconds(since: start)
    }

    static func code(_ counter: UInt64) throws -> String {
        let seed = try #require(Base32.decode(Self.seed.utf8))
        return OneTimePassword.standard.code(seed: seed, counter: counter).text
    }

    private func signInAgainAndAgain(_ person: String) {
        var counter: UInt64 = 0
        while !soFar.isOver {
            let begunAt = ContinuousClock.now
            counter += 1
            do {
                let session = try signIn(person, counter)
                let accepted = Accepted(
                    person: person, counter: counter, session: session, begunAt: begunAt)
                told.withLock { $0.accepted.append(accepted) }
            } catch {
                told.withLock { $0.refused.append("\(error)") }
                // A code that nobody has seen is not passed over, or the counter runs away.
                if case Refused.start = error { counter -= 1 }
                usleep(20_000)
            }
        }
    }

    private enum Refused: Error {
        case start(String)
        case finish(String)
    }

    /// The session that was opened.
    private func signIn(_ person: String, _ counter: UInt64) throws -> String {
        let client = HTTPTestClient(port: door, seconds: 30)
        let (ticket, authenticator) = try Self.start(person, client)
        do {
            let done = try Self.complete(client, ticket, authenticator, counter)
            if let session = done.string("signedIn", "session", "id") { return session }
            if done.status >= 500 { told.withLock { $0.unknown += 1 } }
            throw Refused.finish("\(done.status) \(done.reason ?? done.text)")
        } catch let failure as HTTPTestClient.Failed {
            told.withLock { $0.unknown += 1 }
            throw Refused.finish(failure.description)
        }
    }

    /// The password, and what to prove then.
    static func start(
        _ person: String, _ client: HTTPTestClient
    ) throws -> (ticket: String, authenticator: String) {
        let step: HTTPTestClient.Answer
        do {
            step = try client.call(
                "SignInService/Start",
                json(["identifier": person, "password": password, "bearer": true]))
        } catch {
            throw Refused.start("\(error)")
        }
        let verify = step.value("verify") as? [String: Any]
        let offered = verify?["authenticators"] as? [[String: Any]]
        guard let ticket = verify?["ticket"] as? String,
            let authenticator = offered?.first?["id"] as? String
        else { throw Refused.start("\(step.status) \(step.reason ?? step.text)") }
        return (ticket, authenticator)
    }

    static func complete(
        _ client: HTTPTestClient, _ ticket: String, _ authenticator: String, _ counter: UInt64
    ) throws -> HTTPTestClient.Answer {
        try client.call(
            "SignInService/CompleteVerification",
            json([
                "ticket": ticket, "authenticator": authenticator, "code": try code(counter),
            ]))
    }
}

extension CounterLoad.Told {
    /// Fails the test for sessions that are not there, or that nobody asked for.
    /// - Parameter sql: Asks the database that there is now.
    func check(_ people: [String], _ sql: (String) throws -> String) throws {
        let names = people.map { "'\($0)'" }.joined(separator: ", ")
        let rows = try sql(
            """
            SELECT s.id FROM auth.sessions s JOIN auth.users u ON u.id = s.user_id
            WHERE u.user_name IN (\(names))
            """)
        let there = Set(rows.split(separator: "\n").map(String.init))
        let sessions = Set(accepted.map { $0.session })
        let lost = sessions.subtracting(there).count
        #expect(lost == 0, "\(lost) of \(sessions.count) sessions were lost")
        #expect(sessions.count == accepted.count, "the same session was told of twice")
        #expect(
            there.count - sessions.count <= unknown, "\(there.count) sessions, \(unknown) unknown")
        #expect(!sessions.isEmpty, "nobody signed in")
    }
}
