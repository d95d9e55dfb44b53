import Contracts
import Crypto
import Testing
import Wire

@testable import VerificationService

/// Seeds as they stand in the database, moved and changed by somebody who may write there.
@Suite struct SealedSeedTests {
    private func reason(_ vault: Vault, _ check: CheckCode) async throws -> Reason? {
        try await vault.refusal { (it) throws(Fault) in
            try await it.checkCode(check, Vault.call)
        }?.reason
    }

    private func sealed(_ vault: Vault, _ bound: BoundUser) throws -> [UInt8] {
        let text = try vault.sql(
            "SELECT encode(sealed, 'hex') FROM verification.authenticators "
                + "WHERE id = '\(bound.authenticator)'")
        return try #require(Base16.decode(Array(text.filter { !$0.isWhitespace }.utf8)))
    }

    private func put(_ vault: Vault, _ bound: BoundUser, _ sealed: [UInt8]) throws {
        try vault.sql(
            "UPDATE verification.authenticators SET sealed = '\\x\(Base16.encode(sealed))' "
                + "WHERE id = '\(bound.authenticator)'")
    }

    @Test func `O-16 seeds of two users changed over open nothing for either`() async throws {
        try await withVault { vault in
            let (alice, mallory) = (try await vault.bind(), try await vault.bind())
            let (hers, his) = (try sealed(vault, alice), try sealed(vault, mallory))
            try put(vault, alice, his)
            try put(vault, mallory, hers)
            for row in [alice, mallory] {
                for code in [alice.code(), mallory.code()] {
                    #expect(try await reason(vault, row.check(code)) == .internal)
                }
                // Nobody guessed, so nobody is counted.
                #expect(try vault.standing(row.user) == "0 0 active")
            }
            try put(vault, alice, hers)
            #expect(try await reason(vault, alice.check(alice.code())) == nil)
        }
    }

    @Test func `O-16 a seed moved to another authenticator of its user opens nothing`()
        async throws
    {
        try await withVault { vault in
            let first = try await vault.bind()
            let second = try await vault.bind(first.user, additional: true)
            try put(vault, first, try sealed(vault, second))
            #expect(try await reason(vault, first.check(second.code())) == .internal)
        }
    }

    @Test func `O-17 a sealed seed that was cut or changed anywhere opens nothing`() async throws {
        try await withVault { vault in
            let bound = try await vault.bind()
            let whole = try sealed(vault, bound)
            let cut = (1...AEAD.tagSize).map { Array(whole.dropLast($0)) }
            // Each octet: of the version, the key's name, the salt, the nonce, the seed, the tag.
            let changed = whole.indices.map { index in
                var other = whole
                other[index] ^= 1
                return other
            }
            for other in cut + changed + [whole + [0]] {
                try put(vault, bound, other)
                #expect(try await reason(vault, bound.check(bound.code())) == .internal)
            }
            #expect(try vault.standing(bound.user) == "0 0 active")
            try put(vault, bound, whole)
            #expect(try await reason(vault, bound.check(bound.code())) == nil)
        }
    }

    @Test func `O-12 of one seed at two users each code works once for each`() async throws {
        try await withVault { vault in
            let (alice, bob) = (try await vault.bind(), try await vault.bind())
            let sealing = vault.replicas[0].handlers.sealing
            let copy = try sealing.seal(
                alice.seed, authenticator: bob.authenticator, of: bob.user)
            try put(vault, bob, copy.sealed.array)
            let code = alice.code()
            #expect(try await reason(vault, alice.check(code)) == nil)
            #expect(try await reason(vault, bob.check(code)) == nil)
            for row in [alice, bob] {
                #expect(try await reason(vault, row.check(code)) == .codeUsed)
            }
        }
    }

    @Test func `O-15 beginning to bind again tells another seed, never the one that is bound`()
        async throws
    {
        try await withVault { vault in
            let bound = try await vault.bind()
            let context = try ContextID.fresh()
            var seeds: Set<[UInt8]> = [Array(bound.seed.revealed())]
            for count in 2...6 {
                let begun = try await vault.on { (it) throws(Fault) in
                    try await it.beginBinding(
                        BeginBinding(
                            user: bound.user, verifier: Vault.verifier, context: context,
                            accountName: "alice", additional: true), Vault.call)
                }
                guard case .totp(let enrolment) = begun.enrolment else { throw Unexpected() }
                seeds.insert(try #require(Base32.decode(Array(enrolment.secret.utf8))))
                #expect(seeds.count == count)
            }
        }
    }
}
