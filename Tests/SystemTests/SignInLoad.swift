import Fixtures
import Foundation
import Synchronization
import Testing

/// People who sign in again and again at both gateways, and one who guesses codes, while a test
/// breaks something. Afterwards it is known what must not have happened.
final class SignInLoad: Sendable {
    /// What people saw, shared by their threads.
    private struct Seen: Sendable {
        /// Sessions that an answer told of.
        var acknowledged: [String] = []
        /// Finishing requests without an answer: done or not done, only the data tell.
        var unknown = 0
        /// Guesses that were told to be wrong.
        var guesses = 0
        /// Times that more guesses were answered than the limit, or than were counted.
        var overLimit = 0
        var isOver = false
    }

    /// Of sessions: how many were told of and are not there, are there twice, or are there without
    /// anybody having asked.
    struct Outcome {
        let acknowledged: Int
        let lost: Int
        let doubled: Int
        let guesses: Int
        let overLimit: Int

        /// Fails the test for whatever must not have happened.
        func check() {
            #expect(lost == 0, "\(lost) of \(acknowledged) sessions were lost")
            #expect(doubled == 0, "\(doubled) sessions are there twice, or were asked of nobody")
            #expect(overLimit == 0, "\(overLimit) times more guesses were checked than counted")
            #expect(acknowledged > 0, "nobody signed in")
        }
    }

    let system: System
    private let people: [Person]
    private let victim: Person
    private let before: Set<String>
    private let seen = Mutex(Seen())
    private let running = Atomic<Int>(0)

    /// Starts at once.
    init(_ system: System, people count: Int = 3) throws {
        self.system = system
        let people = try (0..<count).map { _ in try system.person() }
        self.people = people
        victim = try system.person()
        before = try Self.sessions(of: people, system)
        for person in people { start { self.signInAgainAndAgain(person) } }
        start { self.guessAgainAndAgain() }
        start { self.rewindAgainAndAgain() }
    }

    private func start(_ work: @escaping @Sendable () -> Void) {
        running.add(1, ordering: .relaxed)
        Thread.detachNewThread {
            work()
            self.running.subtract(1, ordering: .relaxed)
        }
    }

    private var isOver: Bool { seen.withLock { $0.isOver } }

    /// Waits for everybody's last answer.
    func end() throws -> Outcome {
        seen.withLock { $0.isOver = true }
        while running.load(ordering: .relaxed) > 0 { usleep(10_000) }
        let after = try Self.sessions(of: people, system)
        let seen = seen.withLock { $0 }
        let told = Set(seen.acknowledged)
        let unasked = after.subtracting(before).count - told.count - seen.unknown
        return Outcome(
            acknowledged: told.count, lost: told.subtracting(after).count,
            doubled: seen.acknowledged.count - told.count + max(0, unasked),
            guesses: seen.guesses, overLimit: seen.overLimit)
    }

    /// Seconds from `start` until somebody who began after now has signed in, at most 20.
    func secondsUntilSignIn(since start: ContinuousClock.Instant) -> Double {
        let before = seen.withLock { $0.acknowledged.count }
        while seen.withLock({ $0.acknowledged.count }) == before,
            Installation.seconds(since: start) < 20
        {
            usleep(5_000)
        }
        return Installation.seconds(since: start)
    }

    private static func sessions(of people: [Person], _ system: System) throws -> Set<String> {
        let users = people.map { "'\($0.id)'" }.joined(separator: ", ")
        let rows = try system.installation.sql(
            "SELECT id FROM auth.sessions WHERE user_id IN (\(users))")
        return Set(rows.split(separator: "\n").map(String.init))
    }

    // MARK: What each thread does

    private func signInAgainAndAgain(_ person: Person) {
        var gateway = Installation.Name.gateway
        while !isOver {
            gateway = gateway == .gateway ? .secondGateway : .gateway
            let isUnknown = signIn(person, gateway)
            if isUnknown { seen.withLock { $0.unknown += 1 } }
        }
    }

    /// One sign-in; true when its last request got no answer.
    private func signIn(_ person: Person, _ gateway: Installation.Name) -> Bool {
        var isFinishing = false
        do {
            let client = try system.installation.client(of: gateway)
            guard let ticket = try ticket(person, client) else { return false }
            isFinishing = true
            let done = try person.complete(client, ticket, try person.code())
            isFinishing = done.status >= 500
            if let session = done.string("signedIn", "session", "id") {
                seen.withLock { $0.acknowledged.append(session) }
            }
            return isFinishing
        } catch {
            usleep(20_000)
            return isFinishing
        }
    }

    private func ticket(_ person: Person, _ client: HTTPTestClient) throws -> String? {
        let start = try client.call(
            "SignInService/Start",
            json(["identifier": person.name, "password": person.password, "bearer": true]))
        let ticket = start.string("verify", "ticket")
        if ticket == nil { usleep(20_000) }
        return ticket
    }

    /// Guesses until the authenticator is disabled, compares, and has it enabled again.
    private func guessAgainAndAgain() {
        var told = 0
        while !isOver {
            do {
                let client = try system.installation.client()
                guard let ticket = try ticket(victim, client) else { continue }
                for _ in 0..<10 where !isOver {
                    let answer = try victim.complete(client, ticket, try victim.wrongCode())
                    if answer.reason == "code_wrong" { told += 1 }
                    usleep(50_000)
                }
                told = try compare(told)
            } catch {
                usleep(50_000)
            }
        }
    }

    /// How many guesses count on.
    private func compare(_ told: Int) throws -> Int {
        let own = "user_id = '\(victim.id)' AND kind = 'totp'"
        let row = try system.installation.sql(
            "SELECT failed, reserved, state FROM verification.authenticators WHERE \(own)")
        let columns = row.split(whereSeparator: { $0 == "|" || $0 == "\n" }).map(String.init)
        let (failed, reserved) = (Int(columns[0]) ?? 0, Int(columns[1]) ?? 0)
        // A reservation whose process died stands until a later try; it counts as well.
        let isOver = told > failed + reserved || told > 30 || failed + reserved > 30
        seen.withLock {
            $0.guesses += isOver || columns[2] == "disabled" ? told : 0
            $0.overLimit += isOver ? 1 : 0
        }
        guard isOver || columns[2] == "disabled" else { return told }
        try system.installation.sql(
            """
            UPDATE verification.authenticators SET failed = 0, reserved = 0, round = round + 1,
                state = 'active', delayed_until = NULL WHERE \(own)
            """)
        return 0
    }

    /// Lets codes of the running time step be used again, as if steps were short, and rests be
    /// over.
    private func rewindAgainAndAgain() {
        let users = (people + [victim]).map { "'\($0.id)'" }.joined(separator: ", ")
        while !isOver {
            do {
                try system.installation.sql(
                    """
                    UPDATE verification.authenticators
                    SET last_step = last_step - 2, delayed_until = NULL
                    WHERE user_id IN (\(users)) AND kind = 'totp'
                    """)
                usleep(20_000)
            } catch {
                usleep(50_000)
            }
        }
    }
}
