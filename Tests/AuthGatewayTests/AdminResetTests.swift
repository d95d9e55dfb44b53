import Contracts
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// What administrators reset, and the settings they change, against what runs at the same time.
struct AdminResetTests {
    private func admin(_ house: Gatehouse) async throws -> Call {
        let user = try await house.makeUser("root", roles: [.administrator], factors: 1)
        return .from(try await house.session(user))
    }

    @Test func `a reset ends what was begun before it and while it ran`() async throws {
        try await withGatehouse { house in
            let call = try await admin(house)
            for (round, method) in ["setInitialPassword", "resetAuthenticators"].enumerated() {
                let user = try await house.makeUser("user \(round)", factors: 1)
                let old = try await house.session(user)
                let between = Mutex<SessionToken?>(nil)
                // Somebody who knows the old password and factor signs in while they are replaced.
                house.verification.stand.before(method) {
                    let token = try await house.session(user)
                    between.withLock { $0 = token }
                }
                try await house.on { gateway in
                    if round == 0 {
                        _ = try await gateway.admin.resetPassword(
                            ResetPassword(user: user.id, reason: "forgotten"), call)
                    } else {
                        _ = try await gateway.admin.resetAuthenticators(
                            ResetAuthenticators(user: user.id, reason: "lost"), call)
                    }
                }
                #expect(!(try await house.opens(old)))
                let token = try #require(between.withLock { $0 })
                #expect(!(try await house.opens(token)))
                #expect(try house.audited("sessions_ended", user.id) == 1)
            }
        }
    }

    @Test func `a reset that verification does not make changes nothing`() async throws {
        try await withGatehouse { house in
            let call = try await admin(house)
            let user = try await house.makeUser(factors: 1)
            let token = try await house.session(user)
            house.verification.stand.isAway = true
            let reason = try await house.refusal {
                try await $0.admin.resetAuthenticators(
                    ResetAuthenticators(user: user.id, reason: "lost"), call)
            }
            #expect(reason == .unavailable)
            #expect(try await house.opens(token))
        }
    }

    @Test func `P-06 settings want a verifier that exists and the version that was read`()
        async throws
    {
        try await withGatehouse { house in
            let call = try await admin(house)
            func update(_ version: UInt64, _ verifiers: [VerifierUID]) async throws -> Reason? {
                let request = UpdateTwoFactorSettings(
                    version: version, enforcement: .everyone, verifiers: verifiers, reason: "x")
                return try await house.refusal {
                    try await $0.admin.updateTwoFactorSettings(request, call)
                }
            }
            #expect(try await update(1, []) == .verifierRequired)
            #expect(try await update(1, [VerifierUID("gone")!]) == .verifierNotFound)
            #expect(try await update(1, [VerificationDouble.totp]) == nil)
            #expect(try await update(1, [VerificationDouble.totp]) == .versionConflict)
        }
    }

    @Test func `P-07 settings older than those just made are not shown and not decided by`()
        async throws
    {
        try await withGatehouse { house in
            let call = try await admin(house)
            let request = UpdateTwoFactorSettings(
                version: 1, enforcement: .everyone, verifiers: [VerificationDouble.totp],
                reason: "x")
            _ = try await house.on { try await $0.admin.updateTwoFactorSettings(request, call) }
            house.policy.state.withLock { $0.version = 1 }
            let list = ListOwnAuthenticators()
            let reasons = [
                try await house.refusal {
                    try await $0.admin.getTwoFactorSettings(GetTwoFactorSettings(), call)
                },
                try await house.refusal { try await $0.account().listAuthenticators(list, call) },
            ]
            #expect(reasons == [.unavailable, .unavailable])
        }
    }

    @Test func `a verifier that the settings name is not deleted`() async throws {
        try await withGatehouse { house in
            let call = try await admin(house)
            func delete(_ uids: [VerifierUID]) async throws -> Reason? {
                let request = DeleteVerifiers(uids: uids, deleteBindings: true)
                return try await house.refusal {
                    try await $0.admin.deleteVerifiers(request, call)
                }
            }
            let both = [VerificationDouble.spare, VerificationDouble.totp]
            #expect(try await delete(both) == .verifierInUse)
            #expect(house.verification.state.withLock { $0.verifiers.count } == 2)
            #expect(try await delete([VerificationDouble.spare]) == nil)
            house.policy.stand.isAway = true
            #expect(try await delete([VerificationDouble.totp]) == .unavailable)
        }
    }

    // MARK: The first administrator

    @Test func `the first administrator can be made again wherever making him broke off`()
        async throws
    {
        try await withGatehouse { house in
            let name = try #require(UserName(parsing: "admin"))
            for moment in ["createVerifier", "setInitialPassword"] {
                house.verification.stand.before(moment) { throw Fault(.unavailable) }
                let reason = try await house.refusal {
                    try await $0.createAdministrator(name, nil, .from())
                }
                #expect(reason == .unavailable)
                #expect(!(try await house.on { try await $0.accounts.hasAdministrator() }))
            }
            let (id, password) = try await house.on {
                try await $0.createAdministrator(name, "prepared outside", .from())
            }
            #expect(password == "prepared outside")
            #expect(try await house.on { try await $0.accounts.hasAdministrator() })
            #expect(try house.audited("administrator_created", id) == 1)
            let start = StartSignIn(identifier: "admin", password: password, bearer: true)
            let step = try await house.on { try await $0.signIn().start(start, .from()) }
            #expect(step.name == "bind")
            let again = try await house.refusal {
                try await $0.createAdministrator(name, nil, .from())
            }
            #expect(again == .userNameTaken)
        }
    }
}
