import Contracts
import Daemon
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// What breaks off between two services is found and mended, by one gateway.
struct MendingTests {
    private func admin(_ house: Gatehouse) async throws -> Call {
        let user = try await house.makeUser("root", roles: [.administrator], factors: 1)
        return .from(try await house.session(user))
    }

    private func mend(_ house: Gatehouse, replica: Int = 0) async throws -> Int {
        try await house.on(replica) {
            try await Mending(
                gateway: $0, log: Log(service: "tests", output: NoOutput())
            ).once()
        }
    }

    private func makeDue(_ house: Gatehouse) throws {
        try house.sql("UPDATE auth.unfinished SET due_at = clock_timestamp()")
    }

    private func left(_ house: Gatehouse) throws -> Int {
        try house.number("SELECT count(*) FROM auth.unfinished")
    }

    private static func creation(_ name: String) -> CreateUser {
        CreateUser(
            userName: name, displayName: "", email: "\(name)@example.org", phone: "", locale: "",
            roles: [])
    }

    @Test func `what succeeds leaves nothing to mend`() async throws {
        try await withGatehouse { house in
            let call = try await admin(house)
            let request = Self.creation("ann")
            let user = try await house.on { try await $0.admin.createUser(request, call) }.user.id
            try await house.on { gateway in
                _ = try await gateway.admin.resetAuthenticators(
                    ResetAuthenticators(user: user, reason: "lost"), call)
                _ = try await gateway.admin.resetPassword(
                    ResetPassword(user: user, reason: "lost"), call)
                _ = try await gateway.admin.inviteUser(Self.creation("bob"), call)
            }
            #expect(try left(house) == 0)
        }
    }

    @Test func `a user who was made without a password goes, and his name is free`() async throws {
        try await withGatehouse { house in
            let call = try await admin(house)
            let request = Self.creation("ann")
            house.verification.stand.before("setInitialPassword") { throw Fault(.unavailable) }
            #expect(
                try await house.refusal { try await $0.admin.createUser(request, call) }
                    == .unavailable)
            #expect(try await mend(house) == 0)
            try makeDue(house)
            #expect(try await mend(house) == 1)
            _ = try await house.on { try await $0.admin.createUser(request, call) }
        }
    }

    @Test func `a password that was made and never told goes with its user`() async throws {
        try await withGatehouse { house in
            let call = try await admin(house)
            let request = Self.creation("ann")
            house.verification.stand.before("setInitialPassword") {
                // The gateway takes longer than anybody waits.
                try makeDue(house)
                _ = try await mend(house)
            }
            #expect(
                try await house.refusal { try await $0.admin.createUser(request, call) }
                    == .unavailable)
            let nobody = StartSignIn(
                identifier: "ann", password: "initial-password", bearer: true)
            #expect(
                try await house.refusal { try await $0.signIn().start(nobody, .from()) }
                    == .passwordWrong)
        }
    }

    @Test func `an invitation that was not sent is sent`() async throws {
        try await withGatehouse { house in
            let call = try await admin(house)
            house.verification.stand.before("sendInvitation") { throw Fault(.unavailable) }
            let request = Self.creation("ann")
            #expect(
                try await house.refusal { try await $0.admin.inviteUser(request, call) }
                    == .unavailable)
            try makeDue(house)
            #expect(try await mend(house) == 1)
            #expect(house.verification.invited.map(\.receiver.address) == ["ann@example.org"])
            #expect(try left(house) == 0)
        }
    }

    @Test(arguments: ["before", "between", "after"])
    func `a reset of authenticators that breaks off is done, and ends what was begun meanwhile`(
        cut: String
    ) async throws {
        try await withGatehouse { house in
            let call = try await admin(house)
            let user = try await house.makeUser(factors: 1)
            let old = try await house.session(user)
            switch cut {
            case "before":
                house.verification.stand.before("resetAuthenticators") {
                    throw Fault(.unavailable)
                }
            case "between":
                try house.sql(
                    "ALTER TABLE auth.audit ADD CONSTRAINT cut "
                        + "CHECK (event <> 'sessions_ended') NOT VALID")
            case _:
                house.verification.stand.before("resetAuthenticators") {
                    try house.sql(
                        "ALTER TABLE auth.audit ADD CONSTRAINT cut "
                            + "CHECK (event <> 'sessions_ended') NOT VALID")
                }
            }
            let request = ResetAuthenticators(user: user.id, reason: "lost")
            #expect(
                try await house.refusal {
                    try await $0.admin.resetAuthenticators(request, call)
                } != nil)
            #expect(try await house.opens(old))
            try house.sql("ALTER TABLE auth.audit DROP CONSTRAINT IF EXISTS cut")
            try makeDue(house)
            #expect(try await mend(house) == 1)
            #expect(!(try await house.opens(old)))
            #expect(house.verification.factors(of: user.id).isEmpty)
            #expect(try left(house) == 0)
            let told = try house.sql(
                """
                SELECT (actor IS NOT NULL) || ' ' || (payload->>'reason') FROM auth.audit
                WHERE event = 'sessions_ended' AND subject = '\(user.id)'
                """)
            #expect(told == "true lost")
        }
    }

    @Test func `S-02 a reset of a password that breaks off leaves no session open`() async throws {
        try await withGatehouse { house in
            let call = try await admin(house)
            let user = try await house.makeUser(factors: 1)
            let old = try await house.session(user)
            house.verification.stand.before("setInitialPassword") { throw Fault(.unavailable) }
            let request = ResetPassword(user: user.id, reason: "forgotten")
            #expect(
                try await house.refusal { try await $0.admin.resetPassword(request, call) }
                    == .unavailable)
            try makeDue(house)
            #expect(try await mend(house) == 1)
            #expect(!(try await house.opens(old)))
        }
    }

    @Test func `of two gateways each piece of work is done by one`() async throws {
        try await withGatehouse(replicas: 2) { house in
            let call = try await admin(house)
            house.verification.stand.isAway = true
            for number in 0..<6 {
                let request = Self.creation("user\(number)")
                #expect(
                    try await house.refusal { try await $0.admin.inviteUser(request, call) }
                        == .unavailable)
            }
            house.verification.stand.isAway = false
            try makeDue(house)
            let mended = try await withThrowingTaskGroup(of: Int.self) { group in
                for replica in [0, 1, 0, 1] {
                    group.addTask { try await mend(house, replica: replica) }
                }
                return try await group.reduce(0, +)
            }
            #expect(mended == 6)
            #expect(house.verification.invited.count == 6)
        }
    }

    @Test func `what cannot be mended is tried ever less often`() async throws {
        try await withGatehouse { house in
            let call = try await admin(house)
            house.verification.stand.isAway = true
            let request = Self.creation("ann")
            _ = try await house.refusal { try await $0.admin.inviteUser(request, call) }
            var waits: [Double] = []
            for _ in 0..<3 {
                try makeDue(house)
                #expect(try await mend(house) == 0)
                let wait = try house.sql(
                    "SELECT round(extract(epoch FROM due_at - clock_timestamp()) / 60) "
                        + "FROM auth.unfinished")
                waits.append(try #require(Double(wait)))
            }
            #expect(waits == [1, 2, 4])
        }
    }
}
