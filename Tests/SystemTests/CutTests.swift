import Fixtures
import Foundation
import Testing

extension FaultTests {
    /// A sign-in is cut at each of its statements in turn: before the server has it, and after it
    /// is done and nobody has heard. That covers every point between two effects, of the calls
    /// between services too, since what follows an answer is the next statement.
    @Suite(.serialized) struct CutTests {
        private let system: System

        init() throws { system = try FaultTests.system.get() }

        @Test(arguments: [Installation.Name.secondGateway, .verification])
        func `K-04 killed before or after any statement a sign-in has one effect or none`(
            name: Installation.Name
        ) throws {
            try cutAtEachStatement(of: name, PostgresProxy.Moment.allCases, killing: true)
        }

        @Test(arguments: [Installation.Name.secondGateway, .verification])
        func `D-03 a sign-in whose commit nobody heard of has one effect or none`(
            name: Installation.Name
        ) throws {
            try cutAtEachStatement(of: name, [.beforeItIsAnswered], killing: false)
        }

        private func cutAtEachStatement(
            of name: Installation.Name, _ moments: [PostgresProxy.Moment], killing: Bool
        ) throws {
            let person = try system.person()
            let bench = try Bench(name, system)
            defer { bench.close() }
            #expect(try bench.signInWhenBack(person, try person.code()).session != nil)
            try calm(person)
            bench.proxy.countAnew()
            #expect(try bench.signIn(person).session != nil)
            let statements = bench.proxy.statements
            #expect(statements >= 3)
            for moment in moments {
                for statement in 1...statements {
                    try calm(person)
                    try cut(statement, moment, killing, bench, person)
                }
            }
            tell("\(name.rawValue): cut at each of \(statements) statements, \(moments.count)×")
        }

        private func cut(
            _ statement: Int, _ moment: PostgresProxy.Moment, _ killing: Bool, _ bench: Bench,
            _ person: Person
        ) throws {
            let place: Comment = "\(bench.name.rawValue), statement \(statement), \(moment)"
            let before = try sessions(of: person)
            let child = bench.child
            bench.proxy.interrupt(at: statement, moment) {
                if killing { _ = child.end(seconds: 0) }
            }
            let code = try person.code()
            let first = try bench.signIn(person, code)
            #expect(!bench.proxy.isArmed, place)
            // Either the answer says that it is unknown, or it says what happened.
            #expect([nil, "unavailable", "deadline_exceeded"].contains(first.reason), place)
            if killing { try bench.serve() }
            // The same code once more: however the first went, both open one session at most.
            let second = try bench.signInWhenBack(person, code)
            let opened = try sessions(of: person).subtracting(before)
            #expect(opened.count <= 1, place)
            let told = [first.session, second.session].compactMap { $0 }
            #expect(told.count <= 1 && opened.isSuperset(of: told), place)
            try calm(person)
            #expect(try bench.signInWhenBack(person, try person.code()).session != nil, place)
        }

        private func sessions(of person: Person) throws -> Set<String> {
            let rows = try system.installation.sql(
                "SELECT id FROM auth.sessions WHERE user_id = '\(person.id)'")
            return Set(rows.split(separator: "\n").map(String.init))
        }

        /// Tries that nobody settled would soon make the person wait.
        private func calm(_ person: Person) throws {
            try system.installation.sql(
                """
                UPDATE verification.authenticators SET failed = 0, reserved = 0,
                    round = round + 1, delayed_until = NULL, last_step = last_step - 2
                WHERE user_id = '\(person.id)'
                """)
        }
    }
}

/// One service of the installation, started by the test in place of its own, with a proxy before
/// its database.
private final class Bench {
    let name: Installation.Name
    let proxy: PostgresProxy
    private(set) var child: ChildProcess
    private let system: System
    private let environment: [String: String]

    init(_ name: Installation.Name, _ system: System) throws {
        self.name = name
        self.system = system
        let port = try system.installation.port("postgres")
        proxy = try PostgresProxy(to: port)
        var environment = try system.installation.environment(of: name)
        environment["DUBBELSLOT_DATABASE"]?.replace("port=\(port)", with: "port=\(proxy.port)")
        // Fewer statements that are none of the sign-in's.
        environment["DUBBELSLOT_LOOPS"] = "1"
        self.environment = environment
        try system.installation.stop(name)
        child = try Installation.serve(name, environment)
    }

    /// Starts the program again, once the one that was killed has let go of its ports.
    func serve() throws {
        _ = child.waitForExit(seconds: 10)
        child = try Installation.serve(name, environment)
    }

    /// Puts the installation's own back.
    func close() {
        _ = child.end()
        do { try system.installation.start(name) } catch { Issue.record(error) }
    }

    struct Answer {
        /// nil after a connection that was cut too.
        var reason: String?
        var session: String?
    }

    /// A whole sign-in, of which any part may fail.
    func signIn(_ person: Person, _ code: String? = nil) throws -> Answer {
        let client = try system.installation.client(of: .secondGateway)
        let code = try code ?? person.code()
        do {
            let start = try client.call(
                "SignInService/Start",
                json(["identifier": person.name, "password": person.password, "bearer": true]))
            guard let ticket = start.string("verify", "ticket") else {
                return Answer(reason: start.reason)
            }
            let done = try person.complete(client, ticket, code)
            return Answer(reason: done.reason, session: done.string("signedIn", "session", "id"))
        } catch is HTTPTestClient.Failed {
            return Answer()
        }
    }

    /// Tries until there is a clear answer.
    func signInWhenBack(_ person: Person, _ code: String) throws -> Answer {
        let start = ContinuousClock.now
        while true {
            let answer = try signIn(person, code)
            let isClear = answer.session != nil || answer.reason?.hasPrefix("code_") == true
            if isClear || Installation.seconds(since: start) > 10 { return answer }
            usleep(50_000)
        }
    }
}
