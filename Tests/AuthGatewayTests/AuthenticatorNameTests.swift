import Contracts
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// What users call their authenticators, and what goes along with a proof for them to see.
struct AuthenticatorNameTests {
    private static let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Firefox/144.0"

    @Test func `a name is of up to 64 code points in form C, without controls`() throws {
        let decomposed = String(repeating: "e\u{301}", count: 64)
        let hangul = String(repeating: "\u{1112}\u{1161}\u{11AB}", count: 64)
        for (typed, stored) in [
            ("", ""), ("Work phone", "Work phone"), (" <b>&amp; ", " <b>&amp; "),
            (decomposed, String(repeating: "\u{E9}", count: 64)),
            (hangul, String(repeating: "\u{D55C}", count: 64)),
            (String(repeating: "\u{1F511}", count: 64), String(repeating: "\u{1F511}", count: 64)),
        ] {
            let name = try #require(AuthenticatorName(parsing: typed))
            #expect(name.text.unicodeScalars.elementsEqual(stored.unicodeScalars))
            #expect(typed.utf8.count <= 1024 && name.text.utf8.count <= 256)
        }
        for typed in [
            String(repeating: "x", count: 65), decomposed + "x", "a\nb", "\0", "\u{7f}", "a\u{85}",
            "\u{1b}[2J", "\u{202E}drow", "a\u{2066}b", "a\u{2028}b",
        ] {
            #expect(AuthenticatorName(parsing: typed) == nil)
        }
    }

    @Test func `P-04 one's own is renamed in any session, and another's is none`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 2)
            let other = try await house.makeUser("bob", factors: 1)
            let call = Call.from(try await house.session(user))
            try house.sql(
                "UPDATE auth.sessions SET level = 1, "
                    + "proved_at = clock_timestamp() - interval '1 hour'")
            func rename(_ id: AuthenticatorID, _ name: String) async throws -> Reason? {
                let request = RenameAuthenticator(authenticator: id, name: name)
                return try await house.refusal {
                    try await $0.account().renameAuthenticator(request, call)
                }
            }
            #expect(try await rename(user.authenticator, "Cafe\u{301}") == nil)
            #expect(house.verification.factors(of: user.id).map(\.name) == ["Caf\u{E9}", ""])
            #expect(try await rename(other.authenticator, "mine") == .authenticatorNotFound)
            #expect(try await rename(.sample, "mine") == .authenticatorNotFound)
            #expect(try await rename(user.authenticator, "a\u{0}b") == .malformed)
            let long = String(repeating: "x", count: 65)
            #expect(try await rename(user.authenticator, long) == .malformed)
            #expect(house.verification.factors(of: other.id).map(\.name) == [""])
            #expect(house.verification.factors(of: user.id).map(\.name) == ["Caf\u{E9}", ""])
        }
    }

    @Test func `every proof says from where and with what, in words that we know`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 2)
            let door = Door(.http, agent: Self.agent)
            let start = StartSignIn(identifier: user.name, password: user.password, bearer: true)
            let step = try await house.on { try await $0.signIn(door).start(start, .from()) }
            let complete = house.complete(user, try #require(step.ticket))
            let done = try await house.on {
                try await $0.signIn(door).completeVerification(complete, .from())
            }
            guard case .signedIn(let it) = done.step else { throw Unexpected() }
            let call = Call.from(it.session.token)
            let code = VerificationDouble.rightCode
            let proof = StepUp(authenticator: user.authenticator, code: code)
            let raised = try await house.on {
                try await $0.account(door).stepUp(proof, call)
            }
            let unbind = Unbind(
                authenticator: user.factors[1].id, provedWith: user.authenticator, code: code)
            let later = Call.from(raised.session.token)
            _ = try await house.on { try await $0.account(door).unbind(unbind, later) }
            let origins = house.verification.state.withLock { $0.checks.map(\.origin) }
            let own = ProofOrigin(address: "127.0.0.1", device: "Firefox on Linux")
            #expect(origins == [own, own, own])

            house.verification.bindPasskey(user.id)
            let begun = try await house.on {
                try await $0.signIn().beginPasskey(BeginPasskeySignIn(bearer: true), .from())
            }
            let passkey = CompletePasskeySignIn(
                ticket: begun.ticket, passkey: VerificationDouble.assertion(of: user.id),
                bearer: true)
            _ = try await house.on {
                try await $0.signIn(door).completePasskey(passkey, .from())
            }
            #expect(house.verification.state.withLock { $0.passkeyOrigins } == [own])
            // A service speaks for somebody who is elsewhere.
            let portal = Call(caller: .service(identity: "spiffe://example.test/portal"))
            #expect(Door(.rpc).origin(of: portal) == ProofOrigin(address: "", device: ""))
        }
    }
}
