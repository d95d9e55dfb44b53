import Crypto
import Wire

/// Whether a response to `create()` makes a passkey (WebAuthn §7.1). Pure: the caller has consumed
/// the challenge before, and stores the record after, where its id is new.
package enum Registration {
    /// What a response is held against.
    package struct Expectation: Sendable {
        package var options: RegistrationOptions
        package var attestation: AttestationPolicy
        /// False: only keys that stay on their device are taken (step 18).
        package var acceptsBackupEligible: Bool
        /// When certificates must be valid.
        package var now: Timestamp

        package init(
            _ options: RegistrationOptions, attestation: AttestationPolicy = AttestationPolicy(),
            acceptsBackupEligible: Bool = true, now: Timestamp
        ) {
            self.options = options
            self.attestation = attestation
            self.acceptsBackupEligible = acceptsBackupEligible
            self.now = now
        }
    }

    package struct Outcome: Sendable, Equatable {
        package let record: PasskeyRecord
        /// Whether the model (`record.aaguid`) is certified by a trust anchor, and not merely
        /// claimed.
        package let isModelTrusted: Bool
    }

    /// The steps in their order; the first that fails is the refusal.
    package static func verify(
        _ response: RegistrationResponse, against expectation: Expectation
    ) throws(CeremonyRefusal) -> Outcome {
        let options = expectation.options
        let clientData = try ClientData(parsing: response.clientData)
        try clientData.check(
            .registration, challenge: options.challenge, options.relyingParty)
        let object = try AttestationObject(parsing: response.attestationObject)
        guard let data = AuthenticatorData(parsing: object.authenticatorData),
            let credential = data.attested
        else { throw .authenticatorDataMalformed }
        guard credential.id == response.id else { throw .credentialMismatch }
        try data.check(options.relyingParty, options.userVerification)
        guard expectation.acceptsBackupEligible || !data.flags.contains(.backupEligible) else {
            throw .backupEligibleRefused
        }
        let (key, publicKey) = try key(of: credential, among: options.algorithms)
        let attestation = try AttestationVerification(
            authenticatorData: object.authenticatorData, clientDataHash: clientData.hash,
            relyingPartyHash: data.relyingPartyHash, credential: credential, key: key,
            publicKey: publicKey, now: expectation.now
        ).verify(object)
        let isModelTrusted = try expectation.attestation.assess(attestation, at: expectation.now)
        guard let id = CredentialID(credential.id) else { throw .credentialIDTooLong }
        guard !options.excluded.contains(where: { $0.id == id }) else {
            throw .credentialAlreadyRegistered
        }
        let record = PasskeyRecord(
            id: id, key: key, keyBytes: credential.keyBytes, counter: data.counter,
            aaguid: credential.aaguid, flags: PasskeyRecord.Flags(data.flags),
            attestation: attestation.kind, transports: response.transports)
        return Outcome(record: record, isModelTrusted: isModelTrusted)
    }

    /// Step 20, and that the key is one at all.
    private static func key(
        of credential: AttestedCredential, among offered: [COSEAlgorithm]
    ) throws(CeremonyRefusal) -> (COSEKey, PublicKey) {
        let key: COSEKey
        do throws(COSEKey.Refusal) {
            key = try COSEKey(credential.key)
        } catch {
            switch error {
            case .algorithmUnknown: throw .algorithmNotOffered
            case .malformed: throw .publicKeyMalformed
            }
        }
        guard offered.contains(key.algorithm) else { throw .algorithmNotOffered }
        do throws(CryptoFault) {
            return (key, try key.publicKey())
        } catch {
            throw .publicKeyMalformed
        }
    }
}

extension AuthenticatorData {
    /// Steps 14 to 17 of a registration, 15 to 18 of an authentication.
    func check(
        _ relyingParty: RelyingParty, _ userVerification: UserVerification
    ) throws(CeremonyRefusal) {
        guard relyingPartyHash == relyingParty.hash else { throw .relyingPartyMismatch }
        guard flags.contains(.userPresent) else { throw .userNotPresent }
        guard userVerification != .required || flags.contains(.userVerified) else {
            throw .userNotVerified
        }
        guard flags.contains(.backupEligible) || !flags.contains(.backedUp) else {
            throw .backedUpThoughNotEligible
        }
    }
}
