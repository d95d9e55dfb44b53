import Fixtures
import Foundation
import Synchronization
import Testing

/// K-01 to K-03, D-02: each of the four processes is killed again and again while people sign in.
/// What was acknowledged stays, nothing happens twice, and sign-ins work again within two seconds
/// of the process being started. `DUBBELSLOT_KILLS` says how often each is killed.
@Suite(.serialized) struct KillTests {
    private static let own = Result { try System() }
    private static let kills =
        Int(ProcessInfo.processInfo.environment["DUBBELSLOT_KILLS"] ?? "") ?? 2

    /// What the people saw, shared by their threads.
    private final class History: Sendable {
        struct Seen {
            /// Sessions that an answer told of.
            var acknowledged: [String] = []
            /// Finishing requests without an answer: done or not done, only the data tell.
            var unknown = 0
            var isOver = false
        }
        let seen = Mutex(Seen())
    }

    @Test(arguments: [
        Installation.Name.gateway, .verification, .policy, .postgres,
    ])
    func `nothing acknowledged is lost and nothing is done twice`(name: Installation.Name) throws {
        let system = try Self.own.get()
        let people = try (0..<3).map { _ in try system.person() }
        let before = try sessions(of: people, system)
        let history = History()
        let threads = people.map { person in
            Thread { Self.signInAgainAndAgain(person, system, history) }
        }
        let rewinder = Thread { Self.rewindAgainAndAgain(people, system, history) }
        for thread in threads + [rewinder] { thread.start() }
        for _ in 0..<Self.kills {
            usleep(UInt32.random(in: 200_000...900_000))
            try system.installation.kill(name)
            try system.installation.start(name)
            let waited = try secondsUntilSignIn(history)
            #expect(waited <= 2, "\(name.rawValue) was back after \(waited) s")
        }
        history.seen.withLock { $0.isOver = true }
        while (threads + [rewinder]).contains(where: { !$0.isFinished }) { usleep(10_000) }
        let (acknowledged, unknown) = history.seen.withLock { ($0.acknowledged, $0.unknown) }
        let after = try sessions(of: people, system)
        let lost = Set(acknowledged).subtracting(after)
        #expect(lost.isEmpty)
        #expect(Set(acknowledged).count == acknowledged.count)
        let made = after.subtracting(before).count
        #expect(made <= acknowledged.count + unknown, "\(made) sessions were made")
        #expect(!acknowledged.isEmpty)
    }

    private func sessions(of people: [Person], _ system: System) throws -> Set<String> {
        let users = people.map { "'\($0.id)'" }.joined(separator: ", ")
        let rows = try system.installation.sql(
            "SELECT id FROM auth.sessions WHERE user_id IN (\(users))")
        return Set(rows.split(separator: "\n").map(String.init))
    }

    /// Seconds until somebody signs in after now, at most 20.
    private func secondsUntilSignIn(_ history: History) throws -> Double {
        let start = Date()
        let before = history.seen.withLock { $0.acknowledged.count }
        while history.seen.withLock({ $0.acknowledged.count }) == before {
            let waited = Date().timeIntervalSince(start)
            if waited > 20 { return waited }
            usleep(20_000)
        }
        return Date().timeIntervalSince(start)
    }

    private static func signInAgainAndAgain(
        _ person: Person, _ system: System, _ history: History
    ) {
        var gateway = Installation.Name.gateway
        while !history.seen.withLock({ $0.isOver }) {
            gateway = gateway == .gateway ? .secondGateway : .gateway
            let isFinishing = signIn(person, gateway, system, history)
            if isFinishing { history.seen.withLock { $0.unknown += 1 } }
        }
    }

    /// One sign-in; true when its last request got no answer.
    private static func signIn(
        _ person: Person, _ gateway: Installation.Name, _ system: System, _ history: History
    ) -> Bool {
        var isFinishing = false
        do {
            let client = try system.installation.client(of: gateway)
            let start = try client.call(
                "SignInService/Start",
                json(["identifier": person.name, "password": person.password, "bearer": true]))
            guard let ticket = start.string("verify", "ticket") else {
                usleep(20_000)
                return false
            }
            isFinishing = true
            let done = try person.complete(client, ticket, try person.code())
            isFinishing = done.status >= 500
            if let session = done.string("signedIn", "session", "id") {
                history.seen.withLock { $0.acknowledged.append(session) }
            }
            return isFinishing
        } catch {
            usleep(20_000)
            return isFinishing
        }
    }

    /// Lets codes of the running time step be used again, as if steps were short.
    private static func rewindAgainAndAgain(
        _ people: [Person], _ system: System, _ history: History
    ) {
        while !history.seen.withLock({ $0.isOver }) {
            for person in people {
                do {
                    try system.rewind(person)
                } catch {
                    usleep(50_000)
                }
            }
        }
    }
}
