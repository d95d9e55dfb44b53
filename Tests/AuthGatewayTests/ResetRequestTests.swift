import Contracts
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// An administrator's second factors go by two others.
struct ResetRequestTests {
    private struct Board: Sendable {
        let asker: TestUser
        let approver: TestUser
        let target: TestUser
        let byAsker: Call
        let byApprover: Call
        let byTarget: Call
    }

    /// Three administrators who are no newcomers.
    private func board(_ house: Gatehouse) async throws -> Board {
        var users: [TestUser] = []
        var calls: [Call] = []
        for name in ["asker", "approver", "target"] {
            let user = try await house.makeUser(name, roles: [.administrator], factors: 1)
            users.append(user)
            calls.append(.from(try await house.session(user)))
        }
        try house.sql("UPDATE auth.users SET roles_since = roles_since - interval '2 days'")
        return Board(
            asker: users[0], approver: users[1], target: users[2], byAsker: calls[0],
            byApprover: calls[1], byTarget: calls[2])
    }

    private func ask(_ house: Gatehouse, _ board: Board) async throws -> ResetRequestView {
        try await house.on {
            try await $0.admin.requestReset(
                RequestReset(user: board.target.id, reason: "lost the key"), board.byAsker)
        }
    }

    private func approve(
        _ house: Gatehouse, _ id: ResetRequestID, _ call: Call
    ) async throws -> Reason? {
        try await house.refusal {
            try await $0.admin.approveReset(ApproveReset(request: id, reason: "knows him"), call)
        }
    }

    @Test func `C-13 no administrator resets another one alone, nor himself`() async throws {
        try await withGatehouse { house in
            let board = try await board(house)
            let alone = ResetAuthenticators(user: board.target.id, reason: "lost")
            #expect(
                try await house.refusal {
                    try await $0.admin.resetAuthenticators(alone, board.byAsker)
                } == .approvalRequired)
            let own = RequestReset(user: board.asker.id, reason: "lost")
            #expect(
                try await house.refusal { try await $0.admin.requestReset(own, board.byAsker) }
                    == .ownAccount)
            let request = try await ask(house, board)
            #expect(
                try await approve(house, request.id, board.byAsker)
                    == .approvalRequired)
            #expect(
                try await approve(house, request.id, board.byTarget)
                    == .approvalRequired)
            #expect(house.verification.factors(of: board.target.id).count == 1)
        }
    }

    @Test func `C-13 with a second one the factors go, the sessions end, and both stand there`()
        async throws
    {
        try await withGatehouse { house in
            let board = try await board(house)
            let session = try await house.session(board.target)
            let request = try await ask(house, board)
            let listed = try await house.on {
                try await $0.admin.listResetRequests(ListResetRequests(), board.byApprover)
            }
            #expect(listed.requests == [request])
            #expect(request.askedByName == "asker" && request.userName == "target")
            #expect(try await approve(house, request.id, board.byApprover) == nil)
            #expect(house.verification.factors(of: board.target.id).isEmpty)
            #expect(!(try await house.opens(session)))
            let audit = try house.sql(
                """
                SELECT (actor = '\(board.approver.id)') || ' ' || (subject = '\(board.target.id)')
                    || ' ' || (payload->>'asked_by' = '\(board.asker.id)')
                    || ' ' || (payload->>'asked_for')
                FROM auth.audit WHERE event = 'reset_approved'
                """)
            #expect(audit == "true true true lost the key")
            #expect(try house.audited("reset_requested", board.target.id) == 1)
            #expect(try await approve(house, request.id, board.byApprover) == .resetRequestExpired)
            #expect(try house.number("SELECT count(*) FROM auth.unfinished") == 0)
        }
    }

    @Test func `a request is approved once, by however many at once`() async throws {
        try await withGatehouse(replicas: 2) { house in
            let board = try await board(house)
            let request = try await ask(house, board)
            let answers = try await house.parallel(8) { gateway, _ in
                do {
                    _ = try await gateway.admin.approveReset(
                        ApproveReset(request: request.id, reason: "x"), board.byApprover)
                    return true
                } catch is Fault {
                    return false
                }
            }
            #expect(answers.filter { $0 }.count == 1)
            #expect(try house.audited("reset_approved") == 1)
        }
    }

    @Test func `P-02 asking, approving and refusing want fresh proofs and reasons`() async throws {
        try await withGatehouse { house in
            let board = try await board(house)
            let id = try await ask(house, board).id
            for (reason, met) in [(" ", Reason.reasonRequired), ("x", .stepUpRequired)] {
                if met == .stepUpRequired {
                    try house.sql(
                        "UPDATE auth.sessions SET proved_at = clock_timestamp() "
                            + "- interval '301 s'")
                }
                let found = [
                    try await house.refusal {
                        try await $0.admin.requestReset(
                            RequestReset(user: board.target.id, reason: reason), board.byAsker)
                    },
                    try await house.refusal {
                        try await $0.admin.approveReset(
                            ApproveReset(request: id, reason: reason), board.byApprover)
                    },
                    try await house.refusal {
                        try await $0.admin.refuseReset(
                            RefuseReset(request: id, reason: reason), board.byTarget)
                    },
                ]
                #expect(found == [met, met, met])
            }
        }
    }

    @Test func `a request that is too old, refused, or of somebody who left waits no more`()
        async throws
    {
        try await withGatehouse { house in
            let board = try await board(house)
            var request = try await ask(house, board)
            try house.sql("UPDATE auth.reset_requests SET expires_at = clock_timestamp()")
            #expect(try await approve(house, request.id, board.byApprover) == .resetRequestExpired)
            request = try await ask(house, board)
            let refuse = RefuseReset(request: request.id, reason: "that was not me")
            _ = try await house.on { try await $0.admin.refuseReset(refuse, board.byTarget) }
            #expect(try await approve(house, request.id, board.byApprover) == .resetRequestExpired)
            request = try await ask(house, board)
            let later = try await ask(house, board)
            #expect(try await approve(house, request.id, board.byApprover) == .resetRequestExpired)
            try house.sql(
                "UPDATE auth.users SET state = 'disabled' WHERE id = '\(board.asker.id)'")
            #expect(
                try await approve(house, later.id, board.byApprover)
                    == .approvalRequired)
            #expect(house.verification.factors(of: board.target.id).count == 1)
        }
    }

    @Test func `C-13 nobody makes his own second administrator`() async throws {
        try await withGatehouse { house in
            let board = try await board(house)
            let puppet = try await house.makeUser("puppet", roles: [.administrator], factors: 1)
            let byPuppet = Call.from(try await house.session(puppet))
            let id = try await ask(house, board).id
            #expect(try await approve(house, id, byPuppet) == .approvalRequired)
            #expect(try await approve(house, id, board.byApprover) == nil)
        }
    }

    @Test func `all administrators with an address are told, but the one who asks`() async throws {
        try await withGatehouse { house in
            let board = try await board(house)
            for user in [board.asker, board.approver, board.target] {
                try house.sql(
                    "UPDATE auth.users SET email = '\(user.name)@example.org', "
                        + "email_key = '\(user.name)@example.org' WHERE id = '\(user.id)'")
            }
            _ = try await ask(house, board)
            let told = house.verification.notices.filter { $0.event == .resetRequested }
            #expect(Set(told.map(\.user)) == [board.approver.id, board.target.id])
            house.verification.stand.before("sendNotice") { throw Fault(.unavailable) }
            try house.sql("DELETE FROM auth.reset_requests")
            #expect(
                try await house.refusal {
                    try await $0.admin.requestReset(
                        RequestReset(user: board.target.id, reason: "x"), board.byAsker)
                } == .unavailable)
            #expect(try house.number("SELECT count(*) FROM auth.reset_requests") == 0)
        }
    }

    @Test func `a plain user is reset by one administrator, and nobody asks for more`() async throws
    {
        try await withGatehouse { house in
            let board = try await board(house)
            let user = try await house.makeUser(factors: 1)
            let request = RequestReset(user: user.id, reason: "x")
            #expect(
                try await house.refusal { try await $0.admin.requestReset(request, board.byAsker) }
                    == .administratorRequired)
        }
    }

    // MARK: Nobody to approve

    @Test func `a lone administrator is restored on the machine itself`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser("root", roles: [.administrator], factors: 1)
            let plain = try await house.makeUser("ann", factors: 1)
            let old = try await house.session(user)
            let call = Call(caller: .service(identity: "restore-admin"))
            func restore(_ name: String) async throws -> (UserID, String) {
                let name = try #require(UserName(parsing: name))
                return try await house.on { try await $0.restoreAdministrator(name, call) }
            }
            let (id, password) = try await restore("ROOT")
            #expect(id == user.id)
            #expect(!(try await house.opens(old)))
            #expect(house.verification.factors(of: user.id).isEmpty)
            #expect(try house.audited("administrator_restored", user.id) == 1)
            let start = StartSignIn(identifier: "root", password: password, bearer: true)
            let step = try await house.on { try await $0.signIn().start(start, .from()) }
            #expect(step.name == "bind")
            try house.sql("UPDATE auth.users SET state = 'disabled' WHERE id = '\(user.id)'")
            _ = try await restore("root")
            #expect(!(try await house.account(user).disabled))
            for name in ["ann", "nobody"] {
                await #expect(throws: Fault.self) { _ = try await restore(name) }
            }
            #expect(house.verification.factors(of: plain.id).count == 1)
        }
    }
}
