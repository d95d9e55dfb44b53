import Crypto
import Wire

@testable import WebAuthn

/// An authentication that is right until a row of a table spoils it. Whatever is changed before
/// the signature is signed as well, so that only one step is violated.
struct AuthenticationScene: Sendable {
    static let id: [UInt8] = Array(1...32)

    var options = AuthenticationOptions(
        relyingParty: Site.relyingParty, challenge: Site.challenge,
        allowed: [Site.credential(Self.id)])
    var user: UserHandle? = Site.user
    var key = SigningKey.credential

    /// What is stored.
    var isStored = true
    var storedID = Self.id
    var storedKey = SigningKey.credential.cose
    var storedCounter: UInt32 = 7
    var storedFlags: PasskeyRecord.Flags = [.userVerified]
    var owner = Site.user

    /// What comes in.
    var id = Self.id
    var userHandle: [UInt8]? = Site.user.bytes
    var browser = BrowserScene("webauthn.get")
    var authenticator = AuthenticatorScene(flags: [.userPresent, .userVerified], counter: 8)
    /// After signing.
    var editSignature: @Sendable (inout [UInt8]) -> Void = { _ in }
    var editJSON: @Sendable (inout JSON) -> Void = { _ in }
    var editText: @Sendable (inout [UInt8]) -> Void = { _ in }

    /// A passkey that says itself whose it is.
    mutating func forgetUser() {
        user = nil
        options.allowed = []
    }

    mutating func use(_ key: SigningKey) {
        self.key = key
        storedKey = key.cose
    }

    var response: [UInt8] {
        let clientData = browser.bytes
        let data = authenticator.bytes
        var signature = key.sign(data + Digest.sha256(clientData))
        editSignature(&signature)
        var members: [JSON.Member] = [
            .init("clientDataJSON", .octets(clientData)), .init("authenticatorData", .octets(data)),
            .init("signature", .octets(signature)),
        ]
        if let userHandle { members.append(.init("userHandle", .octets(userHandle))) }
        var json = JSON.object([
            .init("id", .octets(id)), .init("rawId", .octets(id)),
            .init("type", .string("public-key")), .init("response", .object(members)),
            .init("authenticatorAttachment", .string("platform")),
            .init("clientExtensionResults", .object([])),
        ])
        editJSON(&json)
        var text = json.serialized()
        editText(&text)
        return text
    }

    var stored: Authentication.Stored? {
        guard isStored, let id = CredentialID(storedID) else { return nil }
        let item = CBOR.map(storedKey)
        let key: COSEKey
        do {
            key = try COSEKey(item)
        } catch {
            preconditionFailure("a stored key that no registration would take: \(error)")
        }
        let record = PasskeyRecord(
            id: id, key: key, keyBytes: item.encoded, counter: storedCounter,
            aaguid: RegistrationScene.aaguid, flags: storedFlags, attestation: .none,
            transports: [])
        return Authentication.Stored(record, of: owner)
    }

    func run() throws(CeremonyRefusal) -> Authentication.Outcome {
        try Authentication.verify(
            AuthenticationResponse(json: response), by: stored,
            against: Authentication.Expectation(options, user: user))
    }
}
