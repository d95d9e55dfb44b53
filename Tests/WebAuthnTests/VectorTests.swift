import Crypto
import Fixtures
import Foundation
import Testing
import Wire

@testable import WebAuthn

/// The ceremonies of "Test Vectors" in WebAuthn Level 3, as our settings see them: five kinds of
/// attestation and algorithm are not ours, and pages within pages are refused.
@Suite(.enabled(if: Vectors.folder != nil, Vectors.whyAbsent))
struct VectorTests {
    private static let refused: [String: CeremonyRefusal] = [
        "none-es256-crossOrigin": .crossOriginRefused,
        "none-es256-topOrigin": .crossOriginRefused,
        "packed-es512": .algorithmNotOffered, "packed-ed448": .algorithmNotOffered,
        "tpm-es256": .attestationFormatUnknown, "android-key-es256": .attestationFormatUnknown,
        "apple-es256": .attestationFormatUnknown,
    ]
    private static let kinds: [String: AttestationKind] = [
        "none-es256": .none, "none-es256-long-credential-id": .none,
        "packed-self-es256": .packedSelf, "packed-es256": .packedCertificate,
        "packed-es384": .packedCertificate, "packed-rs256": .packedCertificate,
        "packed-eddsa": .packedCertificate, "fido-u2f-es256": .fidoU2F,
    ]

    @Test func `each of the fifteen registrations is decided as it should be`() throws {
        let vectors = try VectorFile.read()
        #expect(vectors.ceremonies.count == 15)
        #expect(
            Set(vectors.ceremonies.map(\.name)) == Set(Self.refused.keys).union(Self.kinds.keys))
        for vector in vectors.ceremonies {
            if let refusal = Self.refused[vector.name] {
                #expect(throws: refusal, "\(vector.name)") { try vector.register() }
                continue
            }
            let outcome = try vector.register()
            #expect(outcome.record.attestation == Self.kinds[vector.name], "\(vector.name)")
            #expect(outcome.record.id.bytes == vector.credentialID)
            #expect(outcome.record.aaguid == vector.aaguid)
            #expect(!outcome.isModelTrusted)
            #expect(PasskeyRecord(decoding: outcome.record.encoded) == outcome.record)
        }
    }

    @Test func `their certificates lead to their root`() throws {
        let vectors = try VectorFile.read()
        for vector in vectors.ceremonies {
            guard let kind = Self.kinds[vector.name] else { continue }
            let isCertified = kind == .packedCertificate || kind == .fidoU2F
            let policy = AttestationPolicy(anchors: [vectors.root])
            let outcome = try vector.register(policy: policy)
            #expect(outcome.isModelTrusted == isCertified, "\(vector.name)")
        }
    }

    @Test func `each of the authentications is decided as it should be`() throws {
        for vector in try VectorFile.read().ceremonies {
            guard Self.refused[vector.name] == nil else { continue }
            let record = try vector.register().record
            let outcome = try vector.authenticate(by: record)
            #expect(outcome.record.counter == 0)
            #expect(outcome.isUserVerified == (vector.authenticatorData[32] & 4 != 0))
        }
    }

    /// What cannot be registered here may come from elsewhere: the record is made by hand.
    @Test func `the refused pages and formats would be refused when they authenticate, too`() throws
    {
        for vector in try VectorFile.read().ceremonies {
            let refusal = Self.refused[vector.name]
            guard refusal == .crossOriginRefused || refusal == .attestationFormatUnknown else {
                continue
            }
            let record = try vector.recordByHand()
            if refusal == .crossOriginRefused {
                #expect(throws: CeremonyRefusal.crossOriginRefused) {
                    try vector.authenticate(by: record)
                }
            } else {
                _ = try vector.authenticate(by: record)
            }
        }
    }

    /// Everything that is signed when a passkey is proved.
    @Test func `W-144 no authentication with one bit changed is accepted`() throws {
        for vector in try VectorFile.read().ceremonies where Self.refused[vector.name] == nil {
            let record = try vector.register().record
            var accepted: [String] = []
            for part in [\VectorCeremony.authenticatorData, \.assertionClientData, \.signature] {
                for mutant in vector.mutants(of: part) {
                    var changed = vector
                    changed[keyPath: part] = mutant.bytes
                    if isAccepted({ try changed.authenticate(by: record) }) {
                        accepted.append("\(vector.name) \(mutant.place)")
                    }
                }
            }
            #expect(accepted == [])
        }
    }

    /// Where the statement is signed, nothing may change but what does not count: neither client
    /// data nor authenticator data, and of the statement only what leads to the same record.
    ///
    /// Where the format is `none`, nothing is signed, and what the browser delivered is believed:
    /// a change is accepted where it makes another claim of the same form (counter, model, flags),
    /// which then is what the record says, or where it lies in a member that nobody reads.
    @Test func `W-144 a registration with one bit changed is refused, or says so in its record`()
        throws
    {
        for vector in try VectorFile.read().ceremonies where Self.refused[vector.name] == nil {
            let record = try vector.register().record
            var wrong: [String] = []
            for part in [\VectorCeremony.attestationObject, \.registrationClientData] {
                for mutant in vector.mutants(of: part) {
                    var changed = vector
                    changed[keyPath: part] = mutant.bytes
                    guard let other = registered(changed) else { continue }
                    if !isAllowed(other, insteadOf: record) {
                        wrong.append("\(vector.name) \(mutant.place)")
                    }
                }
            }
            #expect(wrong == [])
        }
    }

    private func isAllowed(_ other: PasskeyRecord, insteadOf record: PasskeyRecord) -> Bool {
        if other == record { return record.attestation != .packedSelf }
        guard record.attestation == .none || record.attestation == .fidoU2F else { return false }
        // U2F signs neither flags, counter nor model (§8.6).
        let claims = PasskeyRecord(
            id: record.id, key: record.key, keyBytes: record.keyBytes, counter: other.counter,
            aaguid: other.aaguid, flags: other.flags, attestation: record.attestation,
            transports: record.transports)
        let kept = [
            other.counter == record.counter, other.aaguid == record.aaguid,
            other.flags == record.flags,
        ]
        return other == claims && kept.count { !$0 } == 1
    }

    private func registered(_ vector: VectorCeremony) -> PasskeyRecord? {
        switch Result(catching: { try vector.register() }) {
        case .success(let outcome): outcome.record
        case .failure: nil
        }
    }

    private func isAccepted<T>(_ attempt: () throws -> T) -> Bool {
        switch Result(catching: attempt) {
        case .success: true
        case .failure: false
        }
    }
}

/// The file as its ceremonies.
private struct VectorFile {
    let ceremonies: [VectorCeremony]
    let root: X509Certificate

    static func read() throws -> VectorFile {
        let data = try #require(Vectors.data("webauthn-l3.json"))
        let json = try JSON(parsing: data)
        let ceremonies = try #require(json["vectors"]?.elements).map(VectorCeremony.init)
        let root = try octets(json["attestationRoot"], "attestation_ca_cert")
        return VectorFile(ceremonies: ceremonies, root: try X509Certificate(der: root))
    }

    static func octets(_ json: JSON?, _ name: String) throws -> [UInt8] {
        let text = try #require(json?[name]?.text)
        return try #require(Base16.decode(text.utf8))
    }
}

private struct VectorCeremony {
    let name: String
    let creationChallenge: [UInt8]
    let credentialID: [UInt8]
    let aaguid: [UInt8]
    var registrationClientData: [UInt8]
    var attestationObject: [UInt8]
    let requestChallenge: [UInt8]
    var authenticatorData: [UInt8]
    var assertionClientData: [UInt8]
    var signature: [UInt8]

    init(_ json: JSON) throws {
        let creation = json["registration"]
        let request = json["authentication"]
        name = try #require(json["name"]?.text)
        creationChallenge = try VectorFile.octets(creation, "challenge")
        credentialID = try VectorFile.octets(creation, "credential_id")
        aaguid = try VectorFile.octets(creation, "aaguid")
        registrationClientData = try VectorFile.octets(creation, "clientDataJSON")
        attestationObject = try VectorFile.octets(creation, "attestationObject")
        requestChallenge = try VectorFile.octets(request, "challenge")
        authenticatorData = try VectorFile.octets(request, "authenticatorData")
        assertionClientData = try VectorFile.octets(request, "clientDataJSON")
        signature = try VectorFile.octets(request, "signature")
    }

    /// The part with each of its bits changed.
    func mutants(
        of part: WritableKeyPath<Self, [UInt8]>
    ) -> [(bytes: [UInt8], place: String)] {
        self[keyPath: part].indices.flatMap { index in
            (0..<8).map { bit in
                var mutant = self[keyPath: part]
                mutant[index] ^= 1 << bit
                return (mutant, "\(index).\(bit)")
            }
        }
    }

    func register(
        policy: AttestationPolicy = AttestationPolicy()
    ) throws -> Registration.Outcome {
        let response = try RegistrationResponse(
            id: credentialID, clientData: registrationClientData,
            attestationObject: attestationObject, transports: [])
        let options = RegistrationOptions(
            relyingParty: Site.relyingParty, challenge: Site.challenge(creationChallenge),
            user: Site.user, userName: "ann", displayName: "Ann")
        return try Registration.verify(
            response,
            against: Registration.Expectation(options, attestation: policy, now: Site.now))
    }

    func authenticate(by record: PasskeyRecord) throws -> Authentication.Outcome {
        let response = try AuthenticationResponse(
            id: credentialID, clientData: assertionClientData,
            authenticatorData: authenticatorData, signature: signature, userHandle: nil)
        let options = AuthenticationOptions(
            relyingParty: Site.relyingParty, challenge: Site.challenge(requestChallenge),
            allowed: [record.descriptor])
        return try Authentication.verify(
            response, by: Authentication.Stored(record, of: Site.user),
            against: Authentication.Expectation(options, user: Site.user))
    }

    func recordByHand() throws -> PasskeyRecord {
        let object = try AttestationObject(parsing: attestationObject)
        let data = try #require(AuthenticatorData(parsing: object.authenticatorData))
        let credential = try #require(data.attested)
        return PasskeyRecord(
            id: try #require(CredentialID(credential.id)), key: try COSEKey(credential.key),
            keyBytes: credential.keyBytes, counter: data.counter, aaguid: credential.aaguid,
            flags: PasskeyRecord.Flags(data.flags), attestation: .none, transports: [])
    }
}
