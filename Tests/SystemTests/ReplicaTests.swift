import Fixtures
import Foundation
import Testing

extension FaultTests {
    /// Two of each service and a standby of the database: a service replaced, a new version, and
    /// the loss of the primary, while people sign in. In this order, because a primary that is lost
    /// stays so.
    @Suite(.serialized) struct ReplicaTests {
        private static let own = Result { try ScaledSystem() }
        private let system: ScaledSystem

        init() throws {
            system = try Self.own.get()
        }

        @Test func `K-06 all six replaced one after another refuse and lose no sign-in`() throws {
            let load = try CounterLoad(system)
            var times: [(ended: Double, ready: Double)] = []
            let replaced = Result {
                usleep(500_000)
                for replica in ScaledSystem.Replica.allCases {
                    times.append(try system.replace(replica))
                }
                usleep(500_000)
            }
            let told = load.end()
            try replaced.get()
            #expect(told.refused == [])
            try told.check(load.people, system.installation.sql)
            tell(
                String(
                    format: """
                        six processes replaced under load: %d sign-ins, %d refused; at most \
                        %.2f s to end (2 s of them notice), %.2f s to be ready
                        """, told.accepted.count, told.refused.count,
                    times.map { $0.ended }.max() ?? 0, times.map { $0.ready }.max() ?? 0))
        }

        /// The next version has a migration more, which only adds.
        @Test func `D-13 a new version comes in while people sign in, and the old one stays out`()
            throws
        {
            let new = try NextVersion()
            let old: [ScaledSystem.Replica] = [.verification, .policy, .gateway]
            for replica in old {
                let refusal = try system.run(replica, ["serve"], new.settings(replica))
                #expect(refusal.status != 0, "the new version on the old schema")
                #expect(refusal.output.contains("the database lacks \(new.title(replica))"))
            }
            let load = try CounterLoad(system)
            let rolled = Result {
                for replica in old {
                    let migrated = try system.run(
                        replica, ["migrate"],
                        try new.settings(replica).merging(owner(replica)) { $1 })
                    #expect(migrated.status == 0, "\(migrated.output)")
                }
                for replica in [ScaledSystem.Replica.secondVerification, .secondPolicy] {
                    _ = try system.replace(replica, new.settings(replica))
                }
                _ = try system.replace(.secondGateway, new.settings(.secondGateway))
                usleep(1_000_000)
            }
            let told = load.end()
            for replica in old {
                let refusal = try system.run(replica, ["serve"])
                #expect(refusal.status != 0, "the old version on the new schema")
                #expect(refusal.output.contains("has migration \(new.title(replica)), which is"))
                try system.installation.sql(new.forgotten(replica))
            }
            try rolled.get()
            #expect(told.refused == [])
            try told.check(load.people, system.installation.sql)
            tell(
                "schema extended and one of each replaced by its next version: "
                    + "\(told.accepted.count) sign-ins, \(told.refused.count) refused")
        }

        private func owner(_ replica: ScaledSystem.Replica) throws -> [String: String] {
            let name = "secrets/\(replica.schema)-owner.password"
            let port = try system.installation.port("postgres")
            return [
                "DUBBELSLOT_MIGRATION_DATABASE": "host=127.0.0.1 port=\(port) dbname=dubbelslot "
                    + "user=dubbelslot_\(replica.schema)_owner",
                "DUBBELSLOT_MIGRATION_DATABASE_PASSWORD_FILE": system.installation.file(name),
            ]
        }

        /// `DUBBELSLOT_LOSS=silent`: not killed, but nothing reaches it or comes from it any more.
        /// For root, in a network of one's own (`unshare --net`).
        @Test func `D-02 with the primary lost nothing acknowledged is, and no code works twice`()
            throws
        {
            let isSilent = ProcessInfo.processInfo.environment["DUBBELSLOT_LOSS"] == "silent"
            let newcomers = try Newcomers(system)
            let load = try CounterLoad(system)
            newcomers.await(changed: 3)
            let lostAt = ContinuousClock.now
            if isSilent {
                try system.installation.cutOffPostgres()
            } else {
                try system.installation.killPostgres()
            }
            let before = load.soFar
            try system.standby.promote()
            let promoted = Installation.seconds(since: lostAt)
            let waited = load.secondsUntilSignIn(begunAfter: lostAt)
            usleep(2_000_000)
            let told = load.end()
            let bound = newcomers.end()
            #expect(waited <= 15, "back after \(waited) s")
            try told.check(load.people, system.standby.sql)
            #expect(before.accepted.count > 0 && !bound.changed.isEmpty)
            try bound.check(system)
            try expectNoCodeTwice(before.accepted)
            tell(
                String(
                    format: """
                        primary lost: standby promoted after %.2f s, a sign-in begun and done \
                        after %.2f s; %d sign-ins, %d bindings and %d new passwords \
                        acknowledged, none lost
                        """, promoted, waited, told.accepted.count, bound.bound.count,
                    bound.changed.count))
        }

        /// Of each person the codes that worked last before the loss.
        private func expectNoCodeTwice(_ accepted: [CounterLoad.Accepted]) throws {
            let client = HTTPTestClient(port: system.door)
            for (person, own) in Dictionary(grouping: accepted, by: \.person) {
                for old in own.suffix(3) {
                    let (ticket, authenticator) = try CounterLoad.start(person, client)
                    let again = try CounterLoad.complete(
                        client, ticket, authenticator, old.counter)
                    #expect(
                        ["code_used", "code_wrong"].contains(again.reason),
                        "\(old.counter) of \(person): \(again.text)")
                }
            }
        }
    }
}

extension ScaledSystem.Replica {
    /// What the database calls its part.
    var schema: String {
        switch name {
        case .verification: "verification"
        case .policy: "policy"
        case .gateway, .secondGateway, .postgres: "auth"
        }
    }
}

/// Migrations of a version that does not exist yet: those of this one, and one that adds.
private struct NextVersion {
    private let folder = TemporaryFolder("next")
    private let numbers: [String: Int]

    private static let services = [
        (schema: "auth", name: "AuthGateway", table: "sessions"),
        (schema: "verification", name: "VerificationService", table: "authenticators"),
        (schema: "policy", name: "PolicyService", table: "settings"),
    ]

    init() throws {
        var numbers: [String: Int] = [:]
        for service in Self.services {
            let own = folder.file(service.schema)
            try FileManager.default.copyItem(
                atPath: RepositoryRoot.path("Services/\(service.name)/Migrations"), toPath: own)
            let number = try FileManager.default.contentsOfDirectory(atPath: own).count + 1
            numbers[service.schema] = number
            try folder.write(
                "\(service.schema)/\(Self.title(number)).sql",
                """
                ALTER TABLE \(service.schema).\(service.table)
                    ADD COLUMN next_version text NOT NULL DEFAULT 'unknown';

                """)
        }
        self.numbers = numbers
    }

    private static func title(_ number: Int) -> String {
        String(format: "%04d", number) + "_next_version"
    }

    func title(_ replica: ScaledSystem.Replica) -> String {
        Self.title(numbers[replica.schema] ?? 0)
    }

    func settings(_ replica: ScaledSystem.Replica) -> [String: String] {
        ["DUBBELSLOT_MIGRATIONS": folder.file(replica.schema)]
    }

    /// Takes it back, for the tests to come.
    func forgotten(_ replica: ScaledSystem.Replica) -> String {
        let table = Self.services.first { $0.schema == replica.schema }?.table ?? ""
        return """
            DELETE FROM \(replica.schema).migration WHERE name = 'next_version';
            ALTER TABLE \(replica.schema).\(table) DROP COLUMN next_version
            """
    }
}
