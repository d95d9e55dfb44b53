import Crypto
import Testing
import Wire

@testable import WebAuthn

@Suite struct RegistrationTests {
    @Test(arguments: [
        ("es256", SigningKey.credential), ("es384", .p384), ("edDSA", .edwards), ("rs256", .rsa),
    ])
    func `a right response makes a record`(name: String, key: SigningKey) throws {
        var scene = RegistrationScene()
        scene.key = key
        let (record, isModelTrusted) = try outcome(of: scene)
        #expect(record.id.bytes == RegistrationScene.id)
        #expect(record.key.algorithm == key.algorithm)
        #expect(record.keyBytes == CBOR.map(key.cose).encoded)
        #expect(record.counter == 1)
        #expect(record.aaguid == RegistrationScene.aaguid)
        #expect(record.flags == [.userVerified])
        #expect(record.attestation == .none)
        #expect(record.transports == ["internal"])
        #expect(!isModelTrusted)
        #expect(PasskeyRecord(decoding: record.encoded) == record)
    }

    @Test func `the flags that were seen are kept`() throws {
        var scene = RegistrationScene()
        scene.authenticator.flags = [.userPresent, .attestedData, .backupEligible, .backedUp]
        #expect(try scene.run().record.flags == [.backupEligible, .backedUp])
        scene.authenticator.flags = [.userPresent, .attestedData, .backupEligible]
        #expect(try scene.run().record.flags == [.backupEligible])
    }

    @Test func `a statement says which kind it is of`() throws {
        var scene = RegistrationScene()
        for key in [SigningKey.credential, .p384, .edwards, .rsa] {
            scene.key = key
            scene.statement = .packedSelf
            #expect(try scene.run().record.attestation == .packedSelf)
            for signer in [SigningKey.model, .p384, .edwards, .rsa] {
                scene.certify { $0.key = signer }
                let outcome = try scene.run()
                #expect(outcome.record.attestation == .packedCertificate)
                #expect(!outcome.isModelTrusted)
            }
        }
        scene.key = .credential
        scene.statement = .u2f([CertificateForm()])
        #expect(try scene.run().record.attestation == .fidoU2F)
    }

    @Test func `a certificate need not name its model, and one of U2F says nothing at all`() throws
    {
        var scene = RegistrationScene()
        scene.certify { $0.model = nil }
        _ = try scene.run()
        var form = CertificateForm()
        form.version = 0
        form.subject = []
        form.isAuthority = nil
        form.model = nil
        scene.statement = .u2f([form])
        _ = try scene.run()
    }

    @Test func `a chain to an anchor makes the model trusted`() throws {
        let authority = try X509Certificate(der: CertificateForm.authority.der)
        var scene = RegistrationScene()
        scene.policy.anchors = [authority]
        scene.certify { _ in }
        #expect(try scene.run().isModelTrusted)
        scene.statement = .u2f([CertificateForm()])
        #expect(try scene.run().isModelTrusted)
        let (leaf, between) = AttestationViolations.under { _ in }
        // What does not belong between them does no harm.
        scene.statement = .packed([leaf, .authority, between, CertificateForm()])
        #expect(try scene.run().isModelTrusted)
        scene.statement = .packed([leaf])
        #expect(throws: CeremonyRefusal.attestationNotTrusted) { try scene.run() }
        let certificate = CertificateForm().der
        scene.certify { _ in }
        scene.editStatement = { $0[2] = .init(.text("x5c"), .array([.bytes(certificate)])) }
        scene.policy.anchors = [try X509Certificate(der: certificate)]
        #expect(try scene.run().isModelTrusted)
    }

    @Test func `what has no certificate needs no anchor`() throws {
        var scene = RegistrationScene()
        scene.policy.anchors = [try X509Certificate(der: CertificateForm.authority.der)]
        #expect(!(try scene.run().isModelTrusted))
        scene.statement = .packedSelf
        #expect(!(try scene.run().isModelTrusted))
    }

    @Test func `what browsers and authenticators may add is let be`() throws {
        var scene = RegistrationScene()
        scene.statement = .packedSelf
        scene.authenticator.flags.insert(.extensionData)
        scene.authenticator.extensions = AuthenticatorScene.someExtensions
        scene.browser["a"] = .object([.init("b", .null)])
        scene.transports = ["usb", "nfc", "usb", "smart-card", "some-day"]
        let record = try scene.run().record
        #expect(record.transports == ["nfc", "smart-card", "some-day", "usb"])
        scene.editJSON = { $0[at: "response.transports"] = nil }
        #expect(try scene.run().record.transports == [])
    }

    @Test func `an id may have 1023 bytes`() throws {
        var scene = RegistrationScene()
        for count in [1, 1023] {
            scene.id = [UInt8](repeating: 7, count: count)
            let record = try scene.run().record
            #expect(record.id.bytes.count == count)
            #expect(PasskeyRecord(decoding: record.encoded) == record)
        }
    }

    @Test(arguments: RegistrationViolations.all)
    func `W-71 to W-130, W-143 a violated step is refused by its name`(
        violation: Violation<RegistrationScene>
    ) {
        var scene = RegistrationScene()
        violation.spoil(&scene)
        #expect(throws: violation.refusal) { try scene.run() }
    }

    @Test func `W-71 to W-130 are at least sixty, each another`() {
        let names = RegistrationViolations.all.map(\.testDescription)
        #expect(names.count >= 60)
        #expect(Set(names).count == names.count)
    }

    @Test func `every refusal there is stands in one of the tables`() {
        let met = Set(
            RegistrationViolations.all.map(\.refusal) + AuthenticationViolations.all.map(\.refusal))
        #expect(Set(CeremonyRefusal.allCases) == met)
    }

    private func outcome(of scene: RegistrationScene) throws -> (PasskeyRecord, Bool) {
        let outcome = try scene.run()
        return (outcome.record, outcome.isModelTrusted)
    }
}
