import Contracts
import Crypto
import Fixtures
import OTP
import Testing
import Wire

@testable import VerificationService

/// Codes of imported devices: of other digests, lengths and periods, and of counters. What they
/// show is told by oathtool.
@Suite struct ImportedCodeTests {
    private static let seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

    /// A user who brings this device.
    private func bringing(_ parameters: String, to vault: Vault) async throws -> BoundUser {
        try await vault.makeVerifier()
        let user = try Vault.newUser()
        let kind = parameters.contains("counter=") ? "hotp" : "totp"
        let results = try await vault.take([
            ImportedAuthenticators(
                user: user, totp: ["otpauth://\(kind)/alice?secret=\(Self.seed)\(parameters)"],
                totpVerifier: Vault.verifier)
        ])
        #expect(results.map(\.bound) == [1])
        let id = try vault.sql(
            """
            SELECT id FROM verification.authenticators
            WHERE user_id = '\(user)' AND kind = 'totp'
            """)
        return BoundUser(
            user: user, authenticator: try #require(AuthenticatorID(id)),
            seed: SecretBytes(copying: try #require(Base32.decode(Self.seed.utf8))))
    }

    private func oathtool(_ words: [String]) throws -> String {
        let outcome = try ChildProcess.run("oathtool", words + ["-b", Self.seed])
        try #require(outcome.status == 0, "\(outcome.output)")
        return outcome.output.filter { !$0.isWhitespace }
    }

    private func counted(_ counter: Int) throws -> String {
        try oathtool(["--hotp", "-c", String(counter)])
    }

    /// nil when it was right.
    private func answer(
        _ vault: Vault, _ bound: BoundUser, _ code: String
    ) async throws -> Reason? {
        try await vault.refusal { (it) throws(Fault) in
            try await it.checkCode(bound.check(code), Vault.call)
        }?.reason
    }

    @Test(arguments: [
        ("", ["--totp"]), ("&digits=8", ["--totp", "-d", "8"]),
        ("&algorithm=SHA256", ["--totp=sha256"]),
        ("&algorithm=SHA512&digits=8&period=60", ["--totp=sha512", "-d", "8", "-s", "60"]),
        ("&algorithm=SHA1&digits=7&period=60", ["--totp=sha1", "-d", "7", "-s", "60"]),
    ])
    func `codes of the time are made as its device makes them, and work once`(
        parameters: String, words: [String]
    ) async throws {
        try await withVault { vault in
            let bound = try await bringing(parameters, to: vault)
            let code = try oathtool(words)
            #expect(try await answer(vault, bound, code) == nil)
            #expect(try await answer(vault, bound, code) == .codeUsed)
            #expect(try await answer(vault, bound, String(code.dropLast())) == .codeWrong)
        }
    }

    @Test func `codes of a counter work once and in their order, a few of them ahead`()
        async throws
    {
        try await withVault { vault in
            let bound = try await bringing("&counter=41", to: vault)
            let tries: [(Int, Reason?)] = [
                (40, .codeUsed), (41, nil), (41, .codeUsed), (44, nil), (43, .codeUsed),
                (54, nil), (65, .codeWrong), (55, nil),
            ]
            for (counter, reason) in tries {
                #expect(
                    try await answer(vault, bound, try counted(counter)) == reason, "\(counter)")
            }
            #expect(
                try vault.sql("SELECT last_step FROM verification.authenticators") == "55")
        }
    }

    @Test func `a counter begins at nought`() async throws {
        try await withVault { vault in
            let bound = try await bringing("&counter=0", to: vault)
            #expect(try await answer(vault, bound, try counted(0)) == nil)
            #expect(try await answer(vault, bound, try counted(0)) == .codeUsed)
        }
    }

    @Test func `O-18 a token far ahead is found by two of its codes in a row, by no others`()
        async throws
    {
        try await withVault { vault in
            let bound = try await bringing("&counter=1", to: vault)
            let tries: [(Int, Reason?)] = [
                (30, .codeWrong), (32, .codeWrong), (60, .codeWrong), (61, nil), (62, nil),
            ]
            for (counter, reason) in tries {
                try vault.endRests()
                #expect(
                    try await answer(vault, bound, try counted(counter)) == reason, "\(counter)")
            }
            #expect(try await answer(vault, bound, try counted(90)) == .codeWrong)
            // What is no code at all comes in between.
            #expect(try await answer(vault, bound, "12 345") == .codeWrong)
            #expect(try await answer(vault, bound, try counted(91)) == .codeWrong)
        }
    }

    @Test func `of 64 submissions of one counted code over two replicas exactly one succeeds`()
        async throws
    {
        try await withVault(.init(replicas: 2)) { vault in
            let bound = try await bringing("&counter=7", to: vault)
            let request = bound.check(try counted(7))
            let answers = try await vault.parallel(64) { (it, _) throws(Fault) in
                try await it.checkCode(request, Vault.call)
            }
            #expect(answers.count { $0 == nil } == 1)
            #expect(try vault.standing(bound.user) == "0 0 active")
        }
    }

    @Test func `O-12 a seed that two users share is used by each for himself`() async throws {
        try await withVault { vault in
            let first = try await bringing("&counter=5", to: vault)
            let second = try await bringing("&counter=5", to: vault)
            let code = try counted(5)
            #expect(try await answer(vault, first, code) == nil)
            #expect(try await answer(vault, first, code) == .codeUsed)
            #expect(try await answer(vault, second, code) == nil)
            let sealed = try vault.sql(
                "SELECT count(DISTINCT sealed) FROM verification.authenticators")
            #expect(sealed == "2")
        }
    }
}

extension Vault {
    fileprivate func makeVerifier() async throws {
        try await on { (it) throws(Fault) in try await it.ensureVerifier() }
    }
}
