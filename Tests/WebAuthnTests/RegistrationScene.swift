import Crypto
import Wire

@testable import WebAuthn

/// A registration that is right until a row of a table spoils it. Whatever is changed before the
/// statement is signed as well, so that only one step is violated.
struct RegistrationScene: Sendable {
    static let aaguid: [UInt8] = Array(0xa0...0xaf)
    static let id: [UInt8] = Array(1...32)

    var options = RegistrationOptions(
        relyingParty: Site.relyingParty, challenge: Site.challenge, user: Site.user,
        userName: "ann", displayName: "Ann")
    var policy = AttestationPolicy()
    var acceptsBackupEligible = true
    var now = Site.now

    /// How the authenticator attests.
    var statement = Statement.none
    var key = SigningKey.credential
    /// In place of the key's own.
    var cose: [CBOR.Entry]?
    var aaguid = Self.aaguid
    var id = Self.id
    /// In place of the id's own.
    var idLength: UInt16?
    var browser = BrowserScene("webauthn.create")
    var authenticator = AuthenticatorScene(
        flags: [.userPresent, .userVerified, .attestedData], counter: 1)
    /// Behind the key.
    var tail: [UInt8] = []
    /// After signing.
    var editStatement: @Sendable (inout [CBOR.Entry]) -> Void = { _ in }
    var editObject: @Sendable (inout [CBOR.Entry]) -> Void = { _ in }
    var editBytes: @Sendable (inout [UInt8]) -> Void = { _ in }
    var editJSON: @Sendable (inout JSON) -> Void = { _ in }
    var transports = ["internal"]

    enum Statement: Sendable {
        case none
        case packedSelf
        /// The chain, the signing certificate first.
        case packed([CertificateForm], SigningKey = .model)
        case u2f([CertificateForm], SigningKey = .model)
        case other(String)
    }

    /// Attested by a model's certificate.
    mutating func certify(_ change: (inout CertificateForm) -> Void) {
        var form = CertificateForm()
        change(&form)
        statement = .packed([form], form.key)
    }

    /// The key's map with one of its values changed; nil takes it out.
    mutating func setKey(_ label: Int64, _ value: CBOR?) {
        var entries = cose ?? key.cose
        entries = entries.compactMap { entry in
            guard entry.key == .integer(label) else { return entry }
            return value.map { CBOR.Entry(entry.key, $0) }
        }
        cose = entries
    }

    private var authenticatorData: [UInt8] {
        var scene = authenticator
        let length = idLength ?? UInt16(id.count)
        if scene.flags.contains(.attestedData) {
            scene.attested =
                aaguid + [UInt8(length >> 8), UInt8(length & 0xff)] + id
                + CBOR.map(cose ?? key.cose).encoded + tail
        }
        return scene.bytes
    }

    private func statement(_ data: [UInt8], _ hash: [UInt8]) -> (String, [CBOR.Entry]) {
        switch statement {
        case .none: return ("none", [])
        case .other(let format): return (format, [])
        case .packedSelf:
            let signature = key.sign(data + hash)
            return (
                "packed",
                [
                    .init(.text("alg"), .integer(key.algorithm.rawValue)),
                    .init(.text("sig"), .bytes(signature)),
                ]
            )
        case .packed(let chain, let signer):
            return (
                "packed",
                [
                    .init(.text("alg"), .integer(signer.algorithm.rawValue)),
                    .init(.text("sig"), .bytes(signer.sign(data + hash))),
                    .init(.text("x5c"), .array(chain.map { .bytes($0.der) })),
                ]
            )
        case .u2f(let chain, let signer):
            let signed = [0] + Site.relyingParty.hash + hash + id + key.point
            return (
                "fido-u2f",
                [
                    .init(.text("sig"), .bytes(signer.sign(signed))),
                    .init(.text("x5c"), .array(chain.map { .bytes($0.der) })),
                ]
            )
        }
    }

    var response: [UInt8] {
        let clientData = browser.bytes
        let data = authenticatorData
        var (format, entries) = statement(data, Digest.sha256(clientData))
        editStatement(&entries)
        var object: [CBOR.Entry] = [
            .init(.text("fmt"), .text(format)), .init(.text("attStmt"), .map(entries)),
            .init(.text("authData"), .bytes(data)),
        ]
        editObject(&object)
        var bytes = CBOR.map(object).encoded
        editBytes(&bytes)
        var json = JSON.object([
            .init("id", .octets(id)), .init("rawId", .octets(id)),
            .init("type", .string("public-key")),
            .init(
                "response",
                .object([
                    .init("clientDataJSON", .octets(clientData)),
                    .init("attestationObject", .octets(bytes)),
                    .init("transports", .array(transports.map(JSON.string))),
                ])),
            .init("clientExtensionResults", .object([])),
        ])
        editJSON(&json)
        return json.serialized()
    }

    func run() throws(CeremonyRefusal) -> Registration.Outcome {
        try Registration.verify(
            RegistrationResponse(json: response),
            against: Registration.Expectation(
                options, attestation: policy, acceptsBackupEligible: acceptsBackupEligible,
                now: now))
    }
}
