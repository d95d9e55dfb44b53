import Audit
import Contracts
import Postgres
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// What ends trust in a device, who may see and end it, and what it is called.
struct TrustEndingTests {
    /// Asserts that a trust given before is over after `change`.
    private func ends(
        _ change: @escaping @Sendable (Gatehouse, TestUser, SessionToken) async throws -> Void
    ) async throws {
        try await withGatehouse { house in
            house.allowTrust()
            house.policy.change(.everyone)
            let user = try await house.makeOwner()
            let visit = try await house.visit(user, trusting: true)
            let token = try #require(visit.trust)
            try await change(house, user, try #require(visit.session))
            let next = try await house.on {
                try await $0.signIn(Door(.http, trust: token)).start(
                    StartSignIn(
                        identifier: user.name,
                        password: house.verification.state.withLock {
                            $0.passwords[user.id] ?? ""
                        }, bearer: false),
                    .from())
            }
            #expect(next.name != "signedIn")
            #expect(try house.audited("trusted_device_used") == 0)
        }
    }

    private static func admin(_ house: Gatehouse) async throws -> Call {
        let root = try await house.makeUser("root", roles: [.administrator], factors: 1)
        return .from(try await house.session(root))
    }

    // MARK: Changes of the account

    @Test func `a new password ends trust, also on the device where it is chosen`() async throws {
        try await ends { house, user, session in
            _ = try await house.on {
                try await $0.account().changePassword(
                    ChangePassword(
                        currentPassword: user.password, newPassword: "four quiet grey herons"),
                    .from(session))
            }
        }
    }

    @Test func `a new password ends trust also where the gateway dies before the epoch is raised`()
        async throws
    {
        try await ends { house, user, _ in
            house.verification.state.withLock {
                $0.passwordIDs[user.id] = AuthenticatorID(high: 9, low: 9)
            }
        }
    }

    @Test func `an authenticator that is bound, unbound or disabled ends trust at once`()
        async throws
    {
        try await ends { house, user, _ in house.verification.bind(user.id) }
        try await ends { house, user, _ in
            house.verification.bind(user.id)
            house.verification.unbindNow(user.id, user.authenticator)
        }
        try await ends { house, user, _ in
            house.verification.disable(user.id)
            house.verification.bind(user.id)
        }
    }

    @Test func `L-11 binding and unbinding through a session end trust`() async throws {
        try await ends { house, user, session in
            _ = try await house.on {
                try await $0.account().beginBinding(
                    BeginOwnBinding(verifier: VerificationDouble.totp), .from(session))
            }
            _ = try await house.on {
                try await $0.account().confirmBinding(
                    ConfirmOwnBinding(code: VerificationDouble.rightCode), .from(session))
            }
            #expect(try house.number("SELECT epoch FROM auth.users WHERE id = '\(user.id)'") == 2)
        }
    }

    @Test func `an administrator's resets and disabling end trust`() async throws {
        let acts: [@Sendable (AdminHandlers, UserID, Call) async throws -> Void] = [
            { _ = try await $0.resetPassword(ResetPassword(user: $1, reason: "x"), $2) },
            {
                _ = try await $0.resetAuthenticators(
                    ResetAuthenticators(user: $1, reason: "x"), $2)
            },
            {
                _ = try await $0.disableUser(DisableUser(user: $1, reason: "x"), $2)
                _ = try await $0.enableUser(EnableUser(user: $1, reason: "x"), $2)
            },
        ]
        for act in acts {
            try await ends { house, user, _ in
                let call = try await Self.admin(house)
                try await house.on { try await act($0.admin, user.id, call) }
            }
        }
    }

    // MARK: Policy

    private static func change(
        _ house: Gatehouse, _ call: Call, allowing isAllowed: Bool
    ) async throws {
        let version = house.policy.state.withLock { $0.version }
        let request = UpdateTwoFactorSettings(
            version: version, enforcement: .administrators, verifiers: [VerificationDouble.totp],
            reason: "tests",
            book: RuleBook(base: Requirements(trustedDevices: isAllowed)))
        _ = try await house.on { try await $0.admin.updateTwoFactorSettings(request, call) }
        house.allowTrust(isAllowed)
    }

    @Test func `trust that policy withdraws does not come back with it`() async throws {
        try await withGatehouse { house in
            let call = try await Self.admin(house)
            try await Self.change(house, call, allowing: true)
            let user = try await house.makeOwner()
            let token = try await house.trust(user)
            // What is changed besides leaves it alone.
            try await Self.change(house, call, allowing: true)
            let next = try #require(try await house.visit(user, holding: token).trust)
            try await Self.change(house, call, allowing: false)
            #expect(try house.number("SELECT count(*) FROM auth.trusted_devices") == 0)
            #expect(try await house.visit(user, holding: next).wasAsked)
            try await Self.change(house, call, allowing: true)
            #expect(try await house.visit(user, holding: next).wasAsked)
            #expect(try house.audited("trusted_device_forgotten", user.id) == 1)
        }
    }

    @Test func `a policy that was withdrawn and not cleared after is cleared before the next`()
        async throws
    {
        try await withGatehouse { house in
            let call = try await Self.admin(house)
            try await Self.change(house, call, allowing: true)
            let user = try await house.makeOwner()
            let token = try await house.trust(user)
            // A gateway that died between the saving and the clearing.
            house.policy.state.withLock { $0.book = RuleBook() }
            try await Self.change(house, call, allowing: true)
            #expect(try await house.visit(user, holding: token).wasAsked)
        }
    }

    // MARK: Lists

    @Test func `S-09 one sees and ends one's own trusted devices, and nobody else's`() async throws
    {
        try await withGatehouse { house in
            house.allowTrust()
            let ann = try await house.makeOwner("ann")
            let bob = try await house.makeOwner("bob")
            let here = try await house.visit(ann, trusting: true)
            let elsewhere = try await house.visit(ann, trusting: true)
            let ofBob = try await house.trust(bob)
            let session = try #require(here.session)
            let door = Door(.http, byCookie: true, trust: here.trust)
            func list() async throws -> [TrustedDeviceView] {
                try await house.on {
                    try await $0.account(door).listTrustedDevices(
                        ListOwnTrustedDevices(), .from(session))
                }.devices
            }
            let devices = try await list()
            #expect(devices.count == 2 && devices.map(\.current) == [false, true])
            #expect(devices.allSatisfy { $0.title == "Firefox on Linux" })
            #expect(devices.allSatisfy { $0.place == "127.0.0.1" })
            let others = try await house.on {
                try await $0.trustedDevices.list(of: bob.id, showing: nil)
            }
            let foreign = try #require(others.first).id
            let refused = try await house.refusal {
                try await $0.account(door).forgetTrustedDevice(
                    ForgetOwnTrustedDevice(device: foreign), .from(session))
            }
            #expect(refused == .trustedDeviceNotFound)
            #expect(try await house.spares(bob, ofBob))
            let opened = try await house.visit(ann, holding: elsewhere.trust)
            let hanging = try #require(opened.session)
            _ = try await house.on {
                try await $0.account(door).forgetTrustedDevice(
                    ForgetOwnTrustedDevice(device: devices[0].id), .from(session))
            }
            // What it opened has ended, and the browser that asked is trusted still.
            #expect(try await !house.opens(hanging))
            #expect(door.trustChange == .none)
            #expect(try await list().map(\.current) == [true])
            let all = try await house.on {
                try await $0.account(door).forgetTrustedDevices(
                    ForgetOwnTrustedDevices(), .from(session))
            }
            #expect(all.forgotten == 1 && door.trustChange == .clear)
            #expect(try await list().isEmpty)
            #expect(try await house.opens(session))
            #expect(try house.audited("trusted_device_forgotten", ann.id) == 2)
        }
    }

    @Test func `a session that its owner has raised since does not hang on the device`()
        async throws
    {
        try await withGatehouse { house in
            house.allowTrust()
            let user = try await house.makeOwner()
            let session = try #require(
                try await house.visit(user, holding: try await house.trust(user)).session)
            let raised = try await house.on {
                try await $0.account().stepUp(
                    StepUp(
                        authenticator: user.authenticator, code: VerificationDouble.rightCode),
                    .from(session))
            }
            let token = try #require(raised.session.token)
            let call = try await Self.admin(house)
            _ = try await house.on {
                try await $0.admin.forgetTrustedDevices(
                    ForgetTrustedDevices(user: user.id, reason: "lost"), call)
            }
            #expect(try await house.opens(token))
        }
    }

    @Test func `administrators see and end a user's trusted devices, with a reason`() async throws {
        try await withGatehouse { house in
            house.allowTrust()
            let call = try await Self.admin(house)
            let user = try await house.makeOwner()
            let token = try await house.trust(user)
            let opened = try await house.visit(user, holding: token)
            let list = try await house.on {
                try await $0.admin.listTrustedDevices(ListTrustedDevices(user: user.id), call)
            }
            let device = try #require(list.devices.first)
            #expect(list.devices.count == 1 && !device.current)
            func forget(
                _ device: TrustedDeviceID?, _ reason: String = "gone", of id: UserID = user.id
            ) async throws -> Reason? {
                try await house.refusal {
                    try await $0.admin.forgetTrustedDevices(
                        ForgetTrustedDevices(user: id, device: device, reason: reason), call)
                }
            }
            #expect(try await forget(nil, " ") == .reasonRequired)
            #expect(try await forget(nil, of: .sample) == .userNotFound)
            #expect(try await forget(.sample) == .trustedDeviceNotFound)
            #expect(try await forget(device.id) == nil)
            #expect(try await house.visit(user, holding: opened.trust).wasAsked)
            #expect(try await !house.opens(try #require(opened.session)))
            let row = try house.sql(
                "SELECT payload FROM auth.audit WHERE event = 'trusted_device_forgotten'")
            #expect(row.contains("gone") && row.contains(device.id.description))
        }
    }

    @Test func `a user trusts ten devices, and with one more the one longest not used goes`()
        async throws
    {
        try await withGatehouse { house in
            house.allowTrust()
            let user = try await house.makeOwner()
            var tokens: [TrustToken] = []
            for _ in 0..<11 { tokens.append(try await house.trust(user)) }
            #expect(try house.number("SELECT count(*) FROM auth.trusted_devices") == 10)
            #expect(try await house.visit(user, holding: tokens[0]).wasAsked)
            #expect(try await house.spares(user, tokens[1]))
        }
    }

    // MARK: Titles

    @Test(arguments: [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Linux"
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                + "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge on Windows"
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, "
                + "like Gecko) Version/18.0 Mobile/15E148 Safari/604.1", "Safari on iPhone"
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) "
                + "Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome on Android"
        ),
        ("curl/8.9.1", "curl"), ("", ""), ("<script>alert(1)</script>", ""),
        (String(repeating: "x", count: 400), String(repeating: "x", count: 32)),
        ("é\u{202E}evil", ""),
    ])
    func `H-82 a device is called by words of ours`(agent: String, title: String) {
        #expect(DeviceTitle.of(agent) == title)
    }
}
