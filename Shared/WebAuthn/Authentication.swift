import Crypto
import Wire

/// Whether a response to `get()` proves a passkey (WebAuthn §7.2). Pure: the caller has consumed
/// the challenge before, and counted the try where the passkey stands beside a password; he has
/// looked for the record by the response's id, and stores the outcome after, where the counter has
/// not moved meanwhile.
package enum Authentication {
    /// What a response is held against.
    package struct Expectation: Sendable {
        package var options: AuthenticationOptions
        /// Who was identified before the ceremony; nil where the passkey itself says who it is.
        package var user: UserHandle?

        package init(_ options: AuthenticationOptions, user: UserHandle?) {
            self.options = options
            self.user = user
        }
    }

    /// What is stored of a credential, and of whom.
    package struct Stored: Sendable, Equatable {
        package let record: PasskeyRecord
        package let owner: UserHandle

        package init(_ record: PasskeyRecord, of owner: UserHandle) {
            self.record = record
            self.owner = owner
        }
    }

    package struct Outcome: Sendable, Equatable {
        /// Whether UV was seen, whatever was asked for: with it this proves two factors, without
        /// it one.
        package let isUserVerified: Bool
        /// What to store from now on (step 24). The counter in it is the new one.
        package let record: PasskeyRecord
    }

    /// The steps in their order; the first that fails is the refusal. `stored` is what was found
    /// under the response's id. Key and algorithm come from it and from nowhere else.
    package static func verify(
        _ response: AuthenticationResponse, by stored: Stored?, against expectation: Expectation
    ) throws(CeremonyRefusal) -> Outcome {
        let options = expectation.options
        guard options.allowed.isEmpty || options.allowed.contains(where: { $0.id == response.id })
        else { throw .credentialNotAllowed }
        let record = try record(for: response, stored, expectation.user)
        let clientData = try ClientData(parsing: response.clientData)
        try clientData.check(
            .authentication, challenge: options.challenge, options.relyingParty)
        guard let data = AuthenticatorData(parsing: response.authenticatorData),
            data.attested == nil
        else { throw .authenticatorDataMalformed }
        try data.check(options.relyingParty, options.userVerification)
        guard data.flags.contains(.backupEligible) == record.flags.contains(.backupEligible) else {
            throw .backupEligibilityChanged
        }
        guard let key = publicKey(of: record) else { throw .storedKeyUnusable }
        let signed = response.authenticatorData + clientData.hash
        guard key.verifies(response.signature, of: signed) else { throw .signatureInvalid }
        guard data.counter > record.counter || data.counter == 0 && record.counter == 0 else {
            throw .counterRegressed
        }
        return Outcome(
            isUserVerified: data.flags.contains(.userVerified),
            record: record.proved(
                counter: data.counter, isBackedUp: data.flags.contains(.backedUp)))
    }

    /// Step 6: whose credential it is.
    private static func record(
        for response: AuthenticationResponse, _ stored: Stored?, _ user: UserHandle?
    ) throws(CeremonyRefusal) -> PasskeyRecord {
        if user == nil, response.userHandle == nil { throw .userHandleMissing }
        guard let stored, stored.record.id == response.id else { throw .credentialUnknown }
        if let user, stored.owner != user { throw .credentialOfAnotherUser }
        if let userHandle = response.userHandle, stored.owner != userHandle {
            throw .userHandleMismatch
        }
        return stored.record
    }

    private static func publicKey(of record: PasskeyRecord) -> PublicKey? {
        do throws(CryptoFault) {
            return try record.key.publicKey()
        } catch {
            return nil
        }
    }
}
