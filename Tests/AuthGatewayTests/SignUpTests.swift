import Contracts
import Daemon
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// People who make themselves accounts.
struct SignUpTests {
    private func signUp(_ house: Gatehouse, _ email: String) async throws -> Reason? {
        try await house.refusal {
            try await $0.signIn().signUp(SignUp(email: email, locale: "nl"), .from())
        }
    }

    private func confirm(
        _ house: Gatehouse, _ token: SignUpToken, _ name: String,
        _ password: String = "four quiet grey herons", replica: Int = 0
    ) async throws -> Reason? {
        try await house.refusal(replica) {
            try await $0.signIn().confirmSignUp(
                ConfirmSignUp(
                    token: token, name: name, displayName: "", newPassword: password), .from())
        }
    }

    /// The link that was sent last.
    private func token(_ house: Gatehouse) throws -> SignUpToken {
        try #require(house.verification.signUps.last?.token)
    }

    private func mend(_ house: Gatehouse) async throws -> Int {
        try await house.on {
            try await Mending(
                gateway: $0, log: Log(service: "tests", output: NoOutput())
            ).once()
        }
    }

    @Test func `nobody signs up from where nobody signs in`() async throws {
        try await withGatehouse { house in
            house.policy.state.withLock {
                $0.networks = NetworkLists(denied: [NetworkRange("127.0.0.0/8")!])
            }
            #expect(try await signUp(house, "ann@example.org") == .networkRefused)
            let confirm = ConfirmSignUp(
                token: .sample, name: "ann", displayName: "",
                newPassword: "four quiet grey herons")
            let confirmed = try await house.refusal {
                try await $0.signIn().confirmSignUp(confirm, .from())
            }
            #expect(confirmed == .networkRefused)
            let options = try await house.refusal {
                try await $0.signIn().getOptions(GetSignInOptions(), .from())
            }
            #expect(options == .networkRefused)
        }
    }

    @Test func `whoever reads the mail makes himself an account, and signs in`() async throws {
        try await withGatehouse { house in
            #expect(try await signUp(house, "Ann@Example.org") == nil)
            #expect(try house.number("SELECT count(*) FROM auth.users") == 0)
            let mail = try #require(house.verification.signUps.first)
            #expect(mail.receiver?.address == "Ann@Example.org" && mail.receiver?.locale == "nl")
            let token = try token(house)
            #expect(try await confirm(house, token, "ann") == nil)
            #expect(try await confirm(house, token, "bob") == .signUpExpired)
            let start = StartSignIn(
                identifier: "ann@example.org", password: "four quiet grey herons", bearer: true)
            let step = try await house.on { try await $0.signIn().start(start, .from()) }
            #expect(step.name == "signedIn")
            let row = try house.sql("SELECT roles::text || email || locale FROM auth.users")
            #expect(row == "{}Ann@Example.orgnl")
            #expect(try house.audited("user_signed_up", mail.user) == 1)
        }
    }

    @Test func `L-23 an address that somebody has is answered alike, and its owner is told`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            try house.sql(
                "UPDATE auth.users SET email = 'ann@example.org', email_key = 'ann@example.org'")
            for email in ["ann@example.org", "new@example.org", "ANN@example.org"] {
                let answer = try await house.on {
                    try await $0.signIn().signUp(SignUp(email: email), .from())
                }
                #expect(answer == SignUpSent())
            }
            let mails = house.verification.signUps
            #expect(mails.map { $0.token == nil } == [true, false, true])
            #expect(mails.allSatisfy { $0.receiver != nil && $0.user != user.id })
            #expect(
                try house.number("SELECT count(*) FROM auth.sign_ups WHERE digest IS NOT NULL")
                    == 1)
        }
    }

    @Test func `C-10 however often it is asked for, an address gets three mails a day`()
        async throws
    {
        try await withGatehouse { house in
            for _ in 0..<6 {
                let refusal = try await signUp(house, "ann@example.org")
                #expect(refusal == nil)
            }
            let mails = house.verification.signUps
            #expect(mails.map { $0.receiver != nil } == [true, true, true, false, false, false])
            // The last link that was sent works, those before do not.
            let tokens = mails.prefix(3).compactMap(\.token)
            #expect(try await confirm(house, tokens[0], "ann") == .signUpExpired)
            #expect(try await confirm(house, tokens[2], "ann") == nil)
        }
    }

    @Test func `L-20 a name that is taken is refused behind the link alone, which stays good`()
        async throws
    {
        try await withGatehouse { house in
            _ = try await house.makeUser("Zoë")
            #expect(try await signUp(house, "zoe@example.org") == nil)
            let token = try token(house)
            for (name, reason) in [
                ("ZOE\u{308}", Reason.userNameTaken), ("a@b", .userNameInvalid),
                ("+31 201234567", .userNameInvalid),
            ] {
                #expect(try await confirm(house, token, name) == reason)
            }
            #expect(try await confirm(house, token, "zoe2", "short") == .passwordTooShort)
            #expect(try await confirm(house, token, "zoe2") == nil)
            let chosen = try #require(
                house.verification.state.withLock { $0.accounts.chosen.last })
            #expect(chosen.contextWords == ["zoe2", "zoe2", "zoe@example.org"])
            #expect(!chosen.secondFactorAsked)
        }
    }

    @Test func `one link makes one account, however often it is used at once`() async throws {
        try await withGatehouse(replicas: 2) { house in
            #expect(try await signUp(house, "ann@example.org") == nil)
            let token = try token(house)
            let answers = try await house.parallel(16) { gateway, number in
                do {
                    _ = try await gateway.signIn().confirmSignUp(
                        ConfirmSignUp(
                            token: token, name: "ann\(number)", displayName: "",
                            newPassword: "four quiet grey herons"), .from())
                    return true
                } catch is Fault {
                    return false
                }
            }
            #expect(answers.filter { $0 }.count == 1)
            #expect(try house.number("SELECT count(*) FROM auth.users") == 1)
        }
    }

    @Test func `an address that an administrator gave away meanwhile is not taken twice`()
        async throws
    {
        try await withGatehouse { house in
            #expect(try await signUp(house, "ann@example.org") == nil)
            let token = try token(house)
            _ = try await house.makeUser("bob")
            try house.sql(
                "UPDATE auth.users SET email = 'ann@example.org', email_key = 'ann@example.org'")
            #expect(try await confirm(house, token, "ann") == .signUpExpired)
            #expect(try house.number("SELECT count(*) FROM auth.users") == 1)
        }
    }

    @Test func `a sign-up that nobody confirms leaves nothing, here or elsewhere`() async throws {
        try await withGatehouse { house in
            #expect(try await signUp(house, "canary@example.org") == nil)
            #expect(try await signUp(house, "other@example.org") == nil)
            let token = try token(house)
            // It breaks off between the password and the user.
            try house.sql(
                "ALTER TABLE auth.audit ADD CONSTRAINT cut "
                    + "CHECK (event <> 'user_signed_up') NOT VALID")
            #expect(try await confirm(house, token, "ann") != nil)
            let made = house.verification.state.withLock { $0.accounts.chosen.map(\.user) }
            #expect(made.count == 1)
            #expect(try await mend(house) == 0)
            try house.sql(
                "UPDATE auth.sign_ups SET expires_at = clock_timestamp() - interval '2 hours'")
            #expect(try await confirm(house, token, "ann") == .signUpExpired)
            // Begun anew it would be under an identifier that is being swept.
            let sent = house.verification.signUps.count
            #expect(try await signUp(house, "other@example.org") == nil)
            #expect(house.verification.signUps[sent].receiver == nil)
            #expect(try await mend(house) == 2)
            #expect(house.verification.erased == made)
            #expect(try house.number("SELECT count(*) FROM auth.sign_ups") == 0)
            #expect(try house.number("SELECT count(*) FROM auth.users") == 0)
        }
    }

    @Test func `it is off unless an operator turns it on`() async throws {
        var reader = SettingsReader(SettingsSource(environment: [:]))
        #expect(!GatewaySettings(&reader).allowsSignUp)
        var given = SettingsReader(SettingsSource(environment: ["DUBBELSLOT_SIGN_UP": "on"]))
        #expect(GatewaySettings(&given).allowsSignUp)
        try await withGatehouse { house in
            let closed = try await house.on { gateway in
                Gateway(
                    pool: gateway.accounts.pool, verification: gateway.verification,
                    policy: gateway.policy, policyVersions: PolicyVersions(), defaultLocale: "en",
                    knownDeviceLifetime: .seconds(1))
            }
            let reasons = [
                try await house.refusal { _ in
                    try await closed.signIn().signUp(SignUp(email: "a@example.org"), .from())
                },
                try await house.refusal { _ in
                    try await closed.signIn().confirmSignUp(
                        ConfirmSignUp(
                            token: .sample, name: "ann", displayName: "", newPassword: "x"),
                        .from())
                },
            ]
            #expect(reasons == [.signUpClosed, .signUpClosed])
            for (gateway, isOpen) in [(closed, false), (house.replicas[0].gateway, true)] {
                let options = try await house.on { _ in
                    try await gateway.signIn().getOptions(GetSignInOptions(), .from())
                }
                #expect(options == SignInOptions(signUp: isOpen))
            }
            #expect(house.verification.signUps.isEmpty)
        }
    }
}
