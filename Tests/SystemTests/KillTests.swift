import Fixtures
import Foundation
import Testing

/// Faults of an installation of their own, a test at a time.
@Suite(.serialized) enum FaultTests {
    /// One for all: whoever breaks something puts it right again.
    static let system = Result { try System() }

    /// The whole number that an environment variable holds.
    static func setting(_ name: String, default standard: Int) -> Int {
        Int(ProcessInfo.processInfo.environment[name] ?? "") ?? standard
    }

    /// A line that is seen while the tests run.
    static func tell(_ line: String) {
        FileHandle.standardOutput.write(Data("↳ \(line)\n".utf8))
    }
}

extension FaultTests {
    /// Each of the four processes is killed again and again while people sign in. What was
    /// acknowledged stays, nothing happens twice, and sign-ins work again within two seconds of
    /// the process being started. `DUBBELSLOT_KILLS` says how often each is killed.
    @Suite(.serialized) struct KillTests {
        private static let kills = setting("DUBBELSLOT_KILLS", default: 2)

        @Test func `K-01 a gateway that is killed loses and doubles nothing`() throws {
            try killAgainAndAgain(.gateway)
        }

        @Test func `K-02 a verification service that is killed loses and doubles nothing`() throws {
            try killAgainAndAgain(.verification)
        }

        @Test func `K-03 a policy service that is killed loses and doubles nothing`() throws {
            try killAgainAndAgain(.policy)
        }

        @Test func `D-02 a PostgreSQL that is killed loses and doubles nothing`() throws {
            try killAgainAndAgain(.postgres)
        }

        private func killAgainAndAgain(_ name: Installation.Name) throws {
            let system = try FaultTests.system.get()
            let load = try SignInLoad(system)
            var times: [Double] = []
            var failure: (any Error)?
            do {
                for round in 1...Self.kills {
                    usleep(UInt32.random(in: 100_000...600_000))
                    times.append(try killOnce(name, load))
                    if round % 10 == 0 { tell("\(name.rawValue): \(round) of \(Self.kills) kills") }
                }
            } catch {
                failure = error
            }
            let outcome = try load.end()
            if let failure { throw failure }
            tell(Self.report(name, times, outcome))
            outcome.check()
            #expect(times.max() ?? 0 <= 2, "back after \(times.max() ?? 0) s")
        }

        /// Seconds from when it was ready again until somebody had signed in.
        private func killOnce(_ name: Installation.Name, _ load: SignInLoad) throws -> Double {
            let installation = load.system.installation
            try installation.kill(name)
            try installation.start(name)
            return load.secondsUntilSignIn(since: .now)
        }

        private static func report(
            _ name: Installation.Name, _ times: [Double], _ outcome: SignInLoad.Outcome
        ) -> String {
            let sorted = times.sorted()
            let at = { (part: Double) in
                String(format: "%.2f s", sorted[Int(Double(sorted.count - 1) * part)])
            }
            return """
                \(name.rawValue) killed \(times.count) times: \(outcome.acknowledged) sign-ins, \
                lost \(outcome.lost), doubled \(outcome.doubled), over the limit \
                \(outcome.overLimit); back after a median of \(at(0.5)), p95 \(at(0.95)), at most \
                \(at(1))
                """
        }
    }
}
