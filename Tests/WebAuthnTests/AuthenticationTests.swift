import Crypto
import Testing
import Wire

@testable import WebAuthn

@Suite struct AuthenticationTests {
    @Test(arguments: [
        ("es256", SigningKey.credential), ("es384", .p384), ("edDSA", .edwards), ("rs256", .rsa),
    ])
    func `a right response proves the passkey`(name: String, key: SigningKey) throws {
        var scene = AuthenticationScene()
        scene.use(key)
        let outcome = try scene.run()
        #expect(outcome.isUserVerified)
        #expect(outcome.record.counter == 8)
        #expect(outcome.record.key == scene.stored?.record.key)
    }

    @Test(arguments: [SigningKey.credential, .p384, .edwards, .rsa])
    func `what was made is proved, by the record as it is stored`(key: SigningKey) throws {
        var creation = RegistrationScene()
        creation.key = key
        var scene = AuthenticationScene()
        scene.key = key
        let stored = try creation.run().record.encoded
        let record = try #require(PasskeyRecord(decoding: stored))
        let outcome = try Authentication.verify(
            AuthenticationResponse(json: scene.response),
            by: Authentication.Stored(record, of: Site.user),
            against: Authentication.Expectation(scene.options, user: scene.user))
        #expect(outcome.record.counter == 8)
        #expect(outcome.record.encoded != stored)
    }

    @Test func `what was seen is told, whatever was asked for`() throws {
        for verification in [UserVerification.preferred, .discouraged] {
            var scene = AuthenticationScene()
            scene.options.userVerification = verification
            scene.authenticator.flags = [.userPresent]
            #expect(!(try scene.run().isUserVerified))
            scene.authenticator.flags = [.userPresent, .userVerified]
            #expect(try scene.run().isUserVerified)
        }
    }

    @Test func `a passkey says by itself whose it is`() throws {
        var scene = AuthenticationScene()
        scene.forgetUser()
        #expect(try scene.run().record.id.bytes == AuthenticationScene.id)
    }

    @Test func `a user who was identified need not be named, and any of his passkeys may answer`()
        throws
    {
        var scene = AuthenticationScene()
        scene.userHandle = nil
        scene.options.allowed = [Site.credential([9]), Site.credential(scene.id)]
        _ = try scene.run()
        scene.editJSON = { $0[at: "response.userHandle"] = .null }
        _ = try scene.run()
        scene.options.allowed = []
        _ = try scene.run()
    }

    @Test func `an authenticator without a counter says zero for ever`() throws {
        var scene = AuthenticationScene()
        scene.storedCounter = 0
        scene.authenticator.counter = 0
        #expect(try scene.run().record.counter == 0)
        scene.authenticator.counter = 1
        #expect(try scene.run().record.counter == 1)
        scene.storedCounter = .max - 1
        scene.authenticator.counter = .max
        #expect(try scene.run().record.counter == .max)
    }

    @Test func `the backup of a key may come and go`() throws {
        var scene = AuthenticationScene()
        scene.storedFlags = [.backupEligible]
        scene.authenticator.flags = [.userPresent, .backupEligible, .backedUp]
        #expect(try scene.run().record.flags == [.backupEligible, .backedUp])
        scene.storedFlags = [.userVerified, .backupEligible, .backedUp]
        scene.authenticator.flags = [.userPresent, .backupEligible]
        #expect(try scene.run().record.flags == [.userVerified, .backupEligible])
    }

    @Test func `that its user is verified is not believed before it is authorised`() throws {
        var scene = AuthenticationScene()
        scene.storedFlags = []
        let record = try scene.run().record
        #expect(record.flags == [])
        #expect(record.userVerificationAuthorized().flags == [.userVerified])
    }

    @Test func `what browsers and authenticators may add is let be`() throws {
        var scene = AuthenticationScene()
        scene.authenticator.flags.insert(.extensionData)
        scene.authenticator.flags.formUnion(AuthenticatorFlags(rawValue: 0b10_0010))
        scene.authenticator.extensions = AuthenticatorScene.someExtensions
        scene.browser["other_keys_can_be_added_here"] = .string("do not compare")
        scene.browser["tokenBinding"] = .object([.init("status", .string("supported"))])
        scene.browser["crossOrigin"] = nil
        _ = try scene.run()
        scene.browser.edit = { $0 = [0xef, 0xbb, 0xbf, 0x20] + $0 + [0x0a] }
        _ = try scene.run()
        scene.options.relyingParty = Site.party(["https://a.example.org", "https://example.org"])
        _ = try scene.run()
    }

    @Test(arguments: AuthenticationViolations.all)
    func `W-01 to W-70, W-141, W-142 a violated step is refused by its name`(
        violation: Violation<AuthenticationScene>
    ) {
        var scene = AuthenticationScene()
        violation.spoil(&scene)
        #expect(throws: violation.refusal) { try scene.run() }
    }

    @Test func `W-01 to W-70 are at least seventy, each another`() {
        #expect(AuthenticationViolations.all.count >= 70)
        #expect(
            Set(AuthenticationViolations.all.map(\.testDescription)).count
                == AuthenticationViolations.all.count)
    }
}
