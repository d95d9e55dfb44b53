import Contracts
import Crypto
import Postgres
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// Browsers that have signed in before: what makes them known, and what ends it.
struct KnownDeviceTests {
    /// Signs in by cookie from a browser that shows `token`; what it is known by afterwards.
    private func signIn(
        _ house: Gatehouse, _ user: TestUser, showing token: DeviceToken? = nil,
        replica: Int = 0
    ) async throws -> (device: DeviceToken, session: SessionToken) {
        let door = Door(.http, device: token)
        let start = StartSignIn(identifier: user.name, password: user.password, bearer: false)
        var step = try await house.on(replica) { try await $0.signIn(door).start(start, .from()) }
        if case .verify(let offer) = step.step {
            let request = house.complete(user, offer.ticket)
            step = try await house.on(replica) {
                try await $0.signIn(door).completeVerification(request, .from())
            }
        }
        guard case .signedIn = step.step, case .set(let session, _) = door.cookie else {
            throw Unexpected()
        }
        return (try #require(door.rotation).new, session)
    }

    private func known(
        _ house: Gatehouse, _ token: DeviceToken?, _ user: UserID
    ) async throws -> DeviceID? {
        try await house.on { try await $0.devices.find(token, of: user) }
    }

    @Test func `a completed sign-in makes the browser known to that user, and to nobody else`()
        async throws
    {
        try await withGatehouse { house in
            let ann = try await house.makeUser("ann")
            let bob = try await house.makeUser("bob")
            let (token, _) = try await signIn(house, ann)
            #expect(try await known(house, token, ann.id) != nil)
            #expect(try await known(house, token, bob.id) == nil)
            #expect(try await known(house, nil, ann.id) == nil)
            #expect(try await known(house, try .fresh(), ann.id) == nil)
            // What is stored is a digest.
            #expect(!(try house.sql("SELECT * FROM auth.known_devices").contains(token.text)))
        }
    }

    @Test func `neither the password alone nor a bearer session makes a browser known`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            let door = Door(.http)
            let start = StartSignIn(
                identifier: user.name, password: user.password, bearer: false)
            _ = try await house.on { try await $0.signIn(door).start(start, .from()) }
            #expect(door.rotation == nil)
            _ = try await house.session(user)
            #expect(try house.number("SELECT count(*) FROM auth.known_devices") == 0)
            #expect(
                try house.number(
                    "SELECT count(*) FROM auth.sessions WHERE device_id IS NOT NULL") == 0)
        }
    }

    @Test func `each sign-in gives a new cookie, and a copy of the old one is worth nothing`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            let (first, _) = try await signIn(house, user)
            let id = try await known(house, first, user.id)
            let (second, _) = try await signIn(house, user, showing: first)
            #expect(first != second)
            #expect(try await known(house, first, user.id) == nil)
            #expect(try await known(house, second, user.id) == id)
            // A planted cookie of somebody else's is given up with the first sign-in.
            let planted = try DeviceToken.fresh()
            let (own, _) = try await signIn(house, user, showing: planted)
            #expect(try await known(house, planted, user.id) == nil)
            #expect(try await known(house, own, user.id) != nil)
        }
    }

    @Test func `a browser that two people use is known to both by one cookie`() async throws {
        try await withGatehouse { house in
            let ann = try await house.makeUser("ann")
            let bob = try await house.makeUser("bob")
            let (ofAnn, _) = try await signIn(house, ann)
            let (ofBoth, _) = try await signIn(house, bob, showing: ofAnn)
            for user in [ann, bob] {
                #expect(try await known(house, ofBoth, user.id) != nil)
                #expect(try await known(house, ofAnn, user.id) == nil)
            }
            #expect(
                try await known(house, ofBoth, ann.id) != known(house, ofBoth, bob.id),
                "counted apart")
        }
    }

    @Test func `a user is known by eight browsers, a browser to eight users, and no more`()
        async throws
    {
        try await withGatehouse { house in
            let ann = try await house.makeUser("ann")
            var tokens: [DeviceToken] = []
            for _ in 0..<9 { tokens.append(try await signIn(house, ann).device) }
            #expect(try await known(house, tokens[0], ann.id) == nil)
            for token in tokens.dropFirst() {
                #expect(try await known(house, token, ann.id) != nil)
            }
            var shared: DeviceToken?
            var users: [TestUser] = []
            for number in 0..<9 {
                let user = try await house.makeUser("user\(number)")
                users.append(user)
                shared = try await signIn(house, user, showing: shared).device
            }
            #expect(try await known(house, shared, users[0].id) == nil)
            for user in users.dropFirst() {
                #expect(try await known(house, shared, user.id) != nil)
            }
        }
    }

    @Test func `disabling and an administrator's reset make every browser unknown`() async throws {
        try await withGatehouse { house in
            let admin = try await house.makeUser("admin", roles: [.administrator], factors: 1)
            let token = try await house.session(admin)
            let user = try await house.makeUser("ann", factors: 1)
            let acts: [@Sendable (AdminHandlers) async throws -> Void] = [
                {
                    _ = try await $0.resetPassword(
                        ResetPassword(user: user.id, reason: "x"), .from(token))
                },
                {
                    _ = try await $0.disableUser(
                        DisableUser(user: user.id, reason: "x"), .from(token))
                    _ = try await $0.enableUser(
                        EnableUser(user: user.id, reason: "x"), .from(token))
                },
                {
                    _ = try await $0.resetAuthenticators(
                        ResetAuthenticators(user: user.id, reason: "x"), .from(token))
                },
            ]
            for (number, act) in acts.enumerated() {
                house.verification.state.withLock {
                    $0.passwords[user.id] = user.password
                    $0.initial.remove(user.id)
                }
                let device = try await signIn(house, user).device
                #expect(try await known(house, device, user.id) != nil)
                try await house.on { try await act($0.admin) }
                #expect(try await known(house, device, user.id) == nil, "act \(number)")
            }
        }
    }

    @Test func `a password that its owner changes keeps the browser he changes it on alone`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let here = try await signIn(house, user)
            let elsewhere = try await signIn(house, user)
            let change = ChangePassword(
                currentPassword: user.password, newPassword: "four quiet grey herons")
            _ = try await house.on {
                try await $0.account().changePassword(change, .from(here.session))
            }
            #expect(try await known(house, here.device, user.id) != nil)
            #expect(try await known(house, elsewhere.device, user.id) == nil)
            #expect(house.verification.state.withLock { $0.replaced.last?.device } != nil)
        }
    }

    @Test func `a sign-in that replaces the password keeps the browser it is on alone`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let here = try await signIn(house, user).device
            let elsewhere = try await signIn(house, user).device
            let id = try await known(house, here, user.id)
            house.verification.state.withLock { _ = $0.initial.insert(user.id) }
            let door = Door(.http, device: here)
            let start = StartSignIn(identifier: "ann", password: user.password, bearer: false)
            let step = try await house.on { try await $0.signIn(door).start(start, .from()) }
            let ticket = try #require(step.ticket)
            house.policy.stand.before("decide") { throw Fault(.unavailable) }
            let change = ChangeSignInPassword(ticket: ticket, newPassword: "a new one")
            let refused = try await house.refusal {
                try await $0.signIn(door).changePassword(change, .from())
            }
            #expect(refused == .unavailable)
            // The session is not open yet, and the epoch has been raised.
            #expect(try await known(house, here, user.id) == id)
            #expect(try await known(house, elsewhere, user.id) == nil)
        }
    }

    @Test func `every check of a sign-in and of its session names the known device`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            let first = try await signIn(house, user)
            let id = try #require(try await known(house, first.device, user.id))
            #expect(house.verification.devices == [nil, nil])
            let second = try await signIn(house, user, showing: first.device)
            #expect(house.verification.devices.suffix(2) == [id, id])
            _ = try await house.on {
                try await $0.account(Door(.http, byCookie: true)).stepUp(
                    StepUp(
                        authenticator: user.authenticator, code: VerificationDouble.rightCode),
                    .from(second.session))
            }
            #expect(house.verification.devices.last == id)
            // A bearer sign-in is no browser's, whatever it sends along.
            let door = Door(.http, device: second.device)
            let start = StartSignIn(identifier: "ann", password: user.password, bearer: true)
            _ = try await house.on { try await $0.signIn(door).start(start, .from()) }
            #expect(house.verification.devices.last == .some(nil))
        }
    }

    @Test func `somebody else's browser, and any for a name that nobody has, is none`()
        async throws
    {
        try await withGatehouse { house in
            let ann = try await house.makeUser("ann")
            let bob = try await house.makeUser("bob")
            let ofBob = try await signIn(house, bob).device
            for (name, token) in [("ann", ofBob), ("nobody", ofBob), ("ann", try .fresh())] {
                let door = Door(.http, device: token)
                let start = StartSignIn(identifier: name, password: "wrong", bearer: false)
                let refused = try await house.refusal {
                    try await $0.signIn(door).start(start, .from())
                }
                #expect(refused == .passwordWrong)
                #expect(house.verification.devices.last == .some(nil))
                #expect(door.rotation == nil)
            }
            _ = ann
        }
    }

    @Test func `browsers that sign in at once, of one user and of two, all become known`()
        async throws
    {
        try await withGatehouse(replicas: 2) { house in
            let users = [try await house.makeUser("ann"), try await house.makeUser("bob")]
            var shared: DeviceToken?
            for user in users { shared = try await signIn(house, user, showing: shared).device }
            let old = shared
            let tokens = try await house.parallel(24) { gateway, number in
                let door = Door(.http, device: old)
                let user = users[number / 2 % 2]
                let start = StartSignIn(
                    identifier: user.name, password: user.password, bearer: false)
                _ = try await gateway.signIn(door).start(start, .from())
                return (user.id, try #require(door.rotation).new)
            }
            // The newest eight of each, whoever was first with the cookie they all showed.
            for user in users {
                var count = 0
                for (id, token) in tokens where id == user.id {
                    if try await known(house, token, user.id) != nil { count += 1 }
                }
                #expect((7...12).contains(count), "\(count)")
                #expect(try await known(house, old, user.id) == nil)
            }
        }
    }

    @Test func `a device expires, and is swept then`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let token = try await signIn(house, user).device
            try house.sql("UPDATE auth.known_devices SET expires_at = clock_timestamp()")
            #expect(try await known(house, token, user.id) == nil)
            #expect(try await house.on { try await $0.devices.sweep() } == 1)
        }
    }
}
