import Contracts
import RPC
import Reactor
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// From where people sign in, and administrators act.
struct NetworkListTests {
    private static let office = NetworkRange("192.0.2.0/24")!
    private static let home = NetworkRange("127.0.0.0/8")!
    private static let inOffice = UInt32(0xc000_0207)
    private static let elsewhere = UInt32(0xc633_6407)

    private static func call(from word: UInt32, _ token: SessionToken? = nil) -> Call {
        Call(
            caller: .outside(.ipv4(word, port: 5)), bearer: token.map { Bytes(utf8: $0.text) })
    }

    private func set(_ lists: NetworkLists, _ house: Gatehouse) {
        house.policy.state.withLock { $0.networks = lists }
    }

    private func start(
        _ name: String, _ password: String, from word: UInt32, _ house: Gatehouse
    ) async throws -> Reason? {
        let request = StartSignIn(identifier: name, password: password, bearer: true)
        let call = Self.call(from: word)
        return try await house.refusal { try await $0.signIn().start(request, call) }
    }

    @Test func `a network that is denied begins nothing, whatever is typed there`()
        async throws
    {
        try await withGatehouse { house in
            let ann = try await house.makeUser("ann")
            set(NetworkLists(denied: [Self.office]), house)
            let calls = house.verification.stand.traces.count
            let call = Self.call(from: Self.inOffice)
            let passkey = VerificationDouble.assertion(of: ann.id)
            let reasons = [
                try await start("ann", ann.password, from: Self.inOffice, house),
                try await start("ann", "wrong", from: Self.inOffice, house),
                try await start("nobody", "wrong", from: Self.inOffice, house),
                try await house.refusal {
                    try await $0.signIn().beginPasskey(BeginPasskeySignIn(bearer: true), call)
                },
                try await house.refusal {
                    try await $0.signIn().completePasskey(
                        CompletePasskeySignIn(ticket: .fresh(), passkey: passkey, bearer: true),
                        call)
                },
                try await house.refusal {
                    try await $0.signIn().beginPasswordReset(
                        BeginPasswordReset(identifier: "ann"), call)
                },
                try await house.refusal {
                    try await $0.signIn().completePasswordReset(
                        CompletePasswordReset(token: .fresh(), newPassword: "whatever it is"), call)
                },
            ]
            #expect(reasons.allSatisfy { $0 == .networkRefused }, "\(reasons)")
            // Nothing was looked up or hashed for it.
            #expect(house.verification.stand.traces.count == calls)
            #expect(try house.audited("network_refused") == reasons.count)
            #expect(try await start("ann", ann.password, from: Self.elsewhere, house) == nil)
        }
    }

    @Test func `only what comes from an allowed network begins, and no address is in none`()
        async throws
    {
        try await withGatehouse { house in
            let ann = try await house.makeUser("ann")
            set(NetworkLists(allowed: [Self.office]), house)
            #expect(try await start("ann", ann.password, from: Self.inOffice, house) == nil)
            let refused = try await start("ann", ann.password, from: Self.elsewhere, house)
            #expect(refused == .networkRefused)
            let request = StartSignIn(identifier: "ann", password: ann.password, bearer: true)
            let service = Call(caller: .service(identity: "spiffe://test/portal"))
            let unknown = try await house.refusal {
                try await $0.signIn(Door(.rpc)).start(request, service)
            }
            #expect(unknown == .networkRefused)
        }
    }

    @Test func `an administrator is nobody where he may not be, and is not locked from there`()
        async throws
    {
        try await withGatehouse { house in
            let root = try await house.makeUser("root", roles: [.administrator], factors: 1)
            let ann = try await house.makeUser("ann")
            set(NetworkLists(administratorsFrom: [Self.office]), house)
            let outside = try await start("root", root.password, from: Self.elsewhere, house)
            #expect(outside == .passwordWrong)
            // His tries are not used up: the decoy's are.
            let tried = house.verification.state.withLock { $0.tried }
            #expect(tried == [UserID.nobody(SignInKey("root"))])
            #expect(try house.audited("network_refused", root.id) == 1)
            #expect(try await start("root", root.password, from: Self.inOffice, house) == nil)
            #expect(try await start("ann", ann.password, from: Self.elsewhere, house) == nil)
        }
    }

    @Test func `whoever moves while he signs in is judged where he is`() async throws {
        try await withGatehouse { house in
            let ann = try await house.makeUser("ann", factors: 1)
            let ticket = try await house.verifying(ann)
            set(NetworkLists(denied: [Self.office]), house)
            let request = house.complete(ann, ticket)
            let there = Self.call(from: Self.inOffice)
            let reason = try await house.refusal {
                try await $0.signIn().completeVerification(request, there)
            }
            #expect(reason == .networkRefused)
            let done = try await house.on {
                try await $0.signIn().completeVerification(request, .from())
            }
            #expect(done.name == "signedIn")
        }
    }

    @Test func `L-16 an administrator's session serves where he may be, also while policy is away`()
        async throws
    {
        try await withGatehouse(replicas: 2) { house in
            let root = try await house.makeUser("root", roles: [.administrator], factors: 1)
            let ann = try await house.makeUser("ann")
            let tokens = (try await house.session(root), try await house.session(ann))
            set(NetworkLists(administratorsFrom: [Self.home]), house)
            let get = { @Sendable (token: SessionToken, word: UInt32, replica: Int) in
                let call = Self.call(from: word, token)
                return try await house.refusal(replica) {
                    try await $0.account().get(GetAccount(), call)
                }
            }
            let here = UInt32(0x7f00_0001)
            #expect(try await get(tokens.0, here, 0) == nil)
            #expect(try await get(tokens.0, Self.elsewhere, 0) == .networkRefused)
            #expect(try await get(tokens.1, Self.elsewhere, 0) == nil)
            #expect(try house.audited("network_refused", root.id) == 1)
            house.policy.stand.isAway = true
            #expect(try await get(tokens.0, here, 0) == nil)
            #expect(try await get(tokens.0, Self.elsewhere, 0) == .networkRefused)
            #expect(try await get(tokens.1, Self.elsewhere, 0) == nil)
            // A gateway that has never heard of any list does not know that there is none.
            #expect(try await get(tokens.0, here, 1) == .unavailable)
        }
    }

    @Test func `P-08 lists by which the one who saves them could not come back are not saved`()
        async throws
    {
        try await withGatehouse { house in
            let root = try await house.makeUser("root", roles: [.administrator], factors: 1)
            let call = Call.from(try await house.session(root))
            let update = { @Sendable (lists: NetworkLists, version: UInt64) in
                UpdateTwoFactorSettings(
                    version: version, enforcement: .administrators,
                    verifiers: [VerificationDouble.totp], reason: "tests",
                    book: RuleBook(networks: lists))
            }
            for lists in [
                NetworkLists(denied: [Self.home]), NetworkLists(allowed: [Self.office]),
                NetworkLists(administratorsFrom: [Self.office]),
            ] {
                let change = update(lists, 1)
                let reason = try await house.refusal {
                    try await $0.admin.updateTwoFactorSettings(change, call)
                }
                #expect(reason == .ownNetwork, "\(lists)")
            }
            try house.sql("UPDATE auth.users SET roles_since = roles_since - interval '2 days'")
            house.policy.propose(.sample)
            house.policy.state.withLock {
                $0.pending[0].settings = update(NetworkLists(allowed: [Self.office]), 1)
            }
            let approved = try await house.refusal {
                try await $0.admin.approveSettings(
                    ApproveSettings(change: .sample, reason: "seen"), call)
            }
            #expect(approved == .ownNetwork)
            let good = update(
                NetworkLists(
                    denied: [Self.office], allowed: [Self.home], administratorsFrom: [Self.home]),
                1)
            let saved = try await house.on {
                try await $0.admin.updateTwoFactorSettings(good, call)
            }
            #expect(saved.version == 2)
        }
    }

    @Test func `H-74 a proxy is told that an administrator is not where he may be`() async throws {
        try await ForwardAuthTests.withProxiedEdge { edge in
            let house = edge.house
            let root = try await house.makeUser("root", roles: [.administrator], factors: 1)
            let token = try await house.session(root)
            set(NetworkLists(administratorsFrom: [Self.office]), house)
            for (client, status) in [("192.0.2.7", 200), ("198.51.100.7", 403)] {
                let fields = ForwardAuthTests.fields(
                    "wiki.example",
                    ["X-Forwarded-For": client, "Authorization": "Bearer \(token.text)"])
                let answer = try await edge.send("GET", "/forward-auth", fields, "")
                #expect(answer.status == status, "\(client)")
                #expect(answer.reason == (status == 403 ? "network_refused" : nil))
            }
        }
    }
}
