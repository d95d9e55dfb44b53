/// Why a ceremony is refused: one case for each step that the server takes (WebAuthn Level 3 §7.1
/// "Registering a New Credential", §7.2 "Verifying an Authentication Assertion"; R and A with the
/// number of the step there). For the log and for branching within a service: the caller outside
/// is told one and the same for all of them.
package enum CeremonyRefusal: Error, Sendable, Equatable, CaseIterable {
    /// R3, A3: not the JSON form of a response, or over its limits.
    case responseMalformed

    /// A5: none of those that were asked for.
    case credentialNotAllowed
    /// A6: no record of this credential.
    case credentialUnknown
    /// A6: the record is not of the user who was identified before.
    case credentialOfAnotherUser
    /// A6: nobody was identified before, and the response names nobody.
    case userHandleMissing
    /// A6: the response names another user than the record's.
    case userHandleMismatch

    /// R5, A8
    case clientDataNotUTF8
    /// R6, A9: not JSON, a member twice, or one that is missing or of another type.
    case clientDataMalformed
    /// R7, A10: another ceremony.
    case typeMismatch
    /// R8, A11: another challenge.
    case challengeMismatch
    /// R9, A12: an origin that is not on the list.
    case originNotAllowed
    /// R10, A13: from within a frame of another origin.
    case crossOriginRefused
    /// R11, A14: below a page of another origin.
    case topOriginRefused

    /// R13: not CBOR in canonical form with exactly `fmt`, `attStmt` and `authData`.
    case attestationObjectMalformed
    /// R13, A7: not the form of §6.1; also a credential that is missing, or where none belongs.
    case authenticatorDataMalformed
    /// R13: the credential is not the one that the response is named after.
    case credentialMismatch

    /// R14, A15: made for another relying party.
    case relyingPartyMismatch
    /// R15, A16: UP is not set.
    case userNotPresent
    /// R16, A17: UV is demanded and not set.
    case userNotVerified
    /// R17, A18: BS without BE.
    case backedUpThoughNotEligible
    /// R18: BE is set where only keys that stay on their device are taken.
    case backupEligibleRefused
    /// A19: BE is not what it was at registration.
    case backupEligibilityChanged

    /// R20: an algorithm that was not offered.
    case algorithmNotOffered
    /// R20: not a key of its algorithm (§5.8.5, §6.5.1.1).
    case publicKeyMalformed
    /// R21: a format that we do not know.
    case attestationFormatUnknown
    /// R22: not the statement of its format.
    case attestationStatementMalformed
    /// R22: an algorithm that is not the key's, or that we do not take.
    case attestationAlgorithmMismatch
    /// R22: a certificate that cannot be read, or is not as §8.2.1 or §8.6 demand.
    case attestationCertificateUnfit
    /// R22: the certificate is of another model than the authenticator.
    case attestationModelMismatch
    /// R22: the certificate is not valid yet, or no longer.
    case attestationCertificateOutOfDate
    /// R22: the signature of the statement.
    case attestationSignatureInvalid
    /// R24: attestation of a kind that the policy does not take.
    case attestationNotAccepted
    /// R24: no chain to a trust anchor.
    case attestationNotTrusted

    /// R25: more than 1023 bytes.
    case credentialIDTooLong
    /// R26: registered before; by the list of those to exclude, or by whoever stores it.
    case credentialAlreadyRegistered

    /// A21: the key of the record is none. Ours to answer for.
    case storedKeyUnusable
    /// A21
    case signatureInvalid
    /// A22: the counter has not grown: perhaps two authenticators hold the key.
    case counterRegressed
}
