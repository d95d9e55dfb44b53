import Crypto
import Wire

@testable import WebAuthn

/// Each row violates one step of a registration (WebAuthn §7.1) and no other. What both
/// ceremonies share is spoiled here in fewer ways.
enum RegistrationViolations {
    typealias Rows = [Violation<RegistrationScene>]

    static let all =
        form + clientData + object + authenticatorData + flags + key + statement
        + AttestationViolations.all

    /// Step 3.
    private static let form: Rows = [
        .init("another type", .responseMalformed) {
            $0.editJSON = { $0[at: "type"] = .string("public_key") }
        },
        .init("two ids", .responseMalformed) { $0.editJSON = { $0[at: "rawId"] = .octets([1]) } },
        .init("an assertion's response", .responseMalformed) {
            $0.editJSON = {
                $0[at: "response.attestationObject"] = nil
                $0[at: "response.signature"] = .octets([1])
            }
        },
        .init("no client data", .responseMalformed) {
            $0.editJSON = { $0[at: "response.clientDataJSON"] = nil }
        },
        .init("an attestation object in another base64", .responseMalformed) {
            $0.editJSON = { $0[at: "response.attestationObject"] = .string("o2Nm+/==") }
        },
        .init("an attestation object longer than any", .responseMalformed) {
            $0.editBytes = { $0 += [UInt8](repeating: 0, count: 16 * 1024) }
        },
        .init("transports as text", .responseMalformed) {
            $0.editJSON = { $0[at: "response.transports"] = .string("usb") }
        },
        .init("a transport that is a number", .responseMalformed) {
            $0.editJSON = { $0[at: "response.transports"] = .array([.number("1")]) }
        },
        .init("an empty transport", .responseMalformed) { $0.transports = [""] },
        .init("a transport in capitals", .responseMalformed) { $0.transports = ["USB"] },
        .init("a transport of 33 letters", .responseMalformed) {
            $0.transports = [String(repeating: "a", count: 33)]
        },
        .init("nine transports", .responseMalformed) { $0.transports = (1...9).map { "t\($0)" } },
    ]

    /// Steps 5 to 11.
    private static let clientData: Rows = [
        .init("a stray octet", .clientDataNotUTF8) {
            $0.browser.edit = { $0.insert(0x80, at: 5) }
        },
        .init("no JSON", .clientDataMalformed) { $0.browser.edit = { $0.removeLast() } },
        .init("the type twice", .clientDataMalformed) {
            $0.browser.append(#","type":"webauthn.create""#)
        },
        .init("the challenge twice", .clientDataMalformed) {
            $0.browser.append(#","challenge":"""#)
        },
        .init("crossOrigin as a number", .clientDataMalformed) {
            $0.browser["crossOrigin"] = .number("0")
        },
        .init("an authentication", .typeMismatch) {
            $0.browser["type"] = .string("webauthn.get")
        },
        .init("the type with a blank", .typeMismatch) {
            $0.browser["type"] = .string("webauthn.create ")
        },
        .init("another challenge", .challengeMismatch) {
            $0.browser["challenge"] = .octets([UInt8](repeating: 0, count: 32))
        },
        .init("the challenge with padding", .challengeMismatch) {
            $0.browser["challenge"] = .string(Site.challenge.text + "=")
        },
        .init("another origin", .originNotAllowed) {
            $0.browser["origin"] = .string("https://example.net")
        },
        .init("another port", .originNotAllowed) {
            $0.browser["origin"] = .string("https://example.org:8443")
        },
        .init("a part of the site", .originNotAllowed) {
            $0.browser["origin"] = .string("https://evil.example.org")
        },
        .init("a blank behind the origin", .originNotAllowed) {
            $0.browser["origin"] = .string("https://example.org ")
        },
        .init("from a frame", .crossOriginRefused) { $0.browser["crossOrigin"] = .bool(true) },
        .init("below another page", .topOriginRefused) {
            $0.browser["topOrigin"] = .string("https://example.com")
        },
    ]

    /// Step 13.
    private static let object: Rows = [
        .init("no octets", .attestationObjectMalformed) { $0.editBytes = { $0 = [] } },
        .init("cut short", .attestationObjectMalformed) { $0.editBytes = { $0.removeLast() } },
        .init("octets behind it", .attestationObjectMalformed) { $0.editBytes = { $0.append(0) } },
        .init("an array", .attestationObjectMalformed) { $0.editBytes = { $0 = [0x80] } },
        .init("of no fixed length", .attestationObjectMalformed) {
            $0.editBytes = { $0 = [0xbf] + $0.dropFirst() + [0xff] }
        },
        .init("a head longer than needed", .attestationObjectMalformed) {
            $0.editBytes = { $0 = [0xb8, 3] + $0.dropFirst() }
        },
        .init("tagged", .attestationObjectMalformed) {
            $0.editBytes = { $0 = [0xd9, 0xd9, 0xf7] + $0 }
        },
        .init("another order", .attestationObjectMalformed) { $0.editObject = { $0.reverse() } },
        .init("a member twice", .attestationObjectMalformed) {
            $0.editObject = { $0.insert($0[0], at: 0) }
        },
        .init("a member more", .attestationObjectMalformed) {
            $0.editObject = { $0.append(.init(.text("authDatb"), .null)) }
        },
        .init("no format", .attestationObjectMalformed) { $0.editObject = { $0.remove(at: 0) } },
        .init("no statement", .attestationObjectMalformed) {
            $0.editObject = { $0.remove(at: 1) }
        },
        .init("no authenticator data", .attestationObjectMalformed) {
            $0.editObject = { $0.remove(at: 2) }
        },
        .init("a format of octets", .attestationObjectMalformed) {
            $0.editObject = { $0[0] = .init(.text("fmt"), .bytes(Array("none".utf8))) }
        },
        .init("a statement that is an array", .attestationObjectMalformed) {
            $0.editObject = { $0[1] = .init(.text("attStmt"), .array([])) }
        },
        .init("authenticator data as text", .attestationObjectMalformed) {
            $0.editObject = { $0[2] = .init(.text("authData"), .text("")) }
        },
        .init("nested too deep", .attestationObjectMalformed) {
            $0.editObject = {
                let deep = CBOR.array([.array([.array([.array([])])])])
                $0[1] = .init(.text("attStmt"), .map([.init(.text("a"), deep)]))
            }
        },
    ]

    private static let authenticatorData: Rows = [
        .init("an octet too few", .authenticatorDataMalformed) {
            $0.authenticator.edit = { $0.removeLast() }
        },
        .init("an octet too many", .authenticatorDataMalformed) { $0.tail = [0] },
        .init("longer than any", .authenticatorDataMalformed) {
            $0.tail = [UInt8](repeating: 0, count: 4096)
        },
        .init("no credential", .authenticatorDataMalformed) {
            $0.authenticator.flags = [.userPresent, .userVerified]
        },
        .init("a flag for a credential and none", .authenticatorDataMalformed) {
            $0.authenticator.edit = { $0 = Array($0.prefix(37)) }
        },
        .init("an empty id", .authenticatorDataMalformed) {
            $0.id = []
        },
        .init("an id that is longer than all", .authenticatorDataMalformed) {
            $0.idLength = 0xffff
        },
        .init("an id whose length is one too small", .authenticatorDataMalformed) {
            $0.idLength = 31
        },
        .init("a key that is no map", .authenticatorDataMalformed) {
            $0.authenticator.edit = { $0 = Array($0.prefix(37 + 18 + 32)) + [0x40] }
        },
        .init("a key in another order", .authenticatorDataMalformed) {
            $0.cose = $0.key.cose.reversed()
        },
        .init("a part of the key twice", .authenticatorDataMalformed) {
            $0.cose = $0.key.cose + [$0.key.cose[4]]
        },
        .init("a flag for extensions and none", .authenticatorDataMalformed) {
            $0.authenticator.flags.insert(.extensionData)
        },
        .init("extensions without their flag", .authenticatorDataMalformed) {
            $0.tail = AuthenticatorScene.someExtensions
        },
        .init("another credential than the response names", .credentialMismatch) {
            $0.editJSON = {
                $0[at: "id"] = .octets([1])
                $0[at: "rawId"] = .octets([1])
            }
        },
        .init("made for another site", .relyingPartyMismatch) {
            $0.authenticator.relyingPartyHash = digest("example.net")
        },
        .init("made for a part of the site", .relyingPartyMismatch) {
            $0.authenticator.relyingPartyHash = digest("www.example.org")
        },
    ]

    /// Steps 15 to 18, 25 and 26.
    private static let flags: Rows = [
        .init("nobody there", .userNotPresent) {
            $0.authenticator.flags = [.userVerified, .attestedData]
        },
        .init("no owner where one is demanded", .userNotVerified) {
            $0.options.userVerification = .required
            $0.authenticator.flags = [.userPresent, .attestedData]
        },
        .init("backed up though not eligible", .backedUpThoughNotEligible) {
            $0.authenticator.flags.insert(.backedUp)
        },
        .init("eligible where keys must stay", .backupEligibleRefused) {
            $0.acceptsBackupEligible = false
            $0.authenticator.flags.insert(.backupEligible)
        },
        .init("an id of 1024 bytes", .credentialIDTooLong) {
            $0.id = [UInt8](repeating: 1, count: 1024)
        },
        .init("one of those to exclude", .credentialAlreadyRegistered) {
            $0.options.excluded = [Site.credential([1]), Site.credential($0.id)]
        },
    ]

    /// Step 20.
    private static let key: Rows = [
        .init("an algorithm not offered", .algorithmNotOffered) {
            $0.options.algorithms = [.es384, .edDSA, .rs256]
        },
        .init("ES512", .algorithmNotOffered) { $0.setKey(3, .integer(-36)) },
        .init("ES256K", .algorithmNotOffered) { $0.setKey(3, .integer(-47)) },
        .init("RS1", .algorithmNotOffered) { $0.setKey(3, .integer(-65535)) },
        .init("HMAC", .algorithmNotOffered) { $0.setKey(3, .integer(5)) },
        .init("an algorithm in words", .algorithmNotOffered) { $0.setKey(3, .text("ES256")) },
        .init("no algorithm", .algorithmNotOffered) { $0.setKey(3, nil) },
        .init("an algorithm of another type of key", .publicKeyMalformed) {
            $0.setKey(3, .integer(-257))
        },
        .init("another type of key", .publicKeyMalformed) { $0.setKey(1, .integer(3)) },
        .init("no type", .publicKeyMalformed) { $0.setKey(1, nil) },
        .init("ES256 on another curve", .publicKeyMalformed) { $0.setKey(-1, .integer(2)) },
        .init("ES256 on secp256k1", .publicKeyMalformed) { $0.setKey(-1, .integer(8)) },
        .init("no curve", .publicKeyMalformed) { $0.setKey(-1, nil) },
        .init("a compressed point", .publicKeyMalformed) { $0.setKey(-3, .bool(true)) },
        .init("no second coordinate", .publicKeyMalformed) { $0.setKey(-3, nil) },
        .init("a coordinate cut short", .publicKeyMalformed) {
            $0.setKey(-2, .bytes(Array($0.key.point[2..<33])))
        },
        .init("a coordinate with a zero before it", .publicKeyMalformed) {
            $0.setKey(-2, .bytes([0] + $0.key.point[1..<33]))
        },
        .init("a point off its curve", .publicKeyMalformed) {
            $0.setKey(-3, .bytes([UInt8](repeating: 1, count: 32)))
        },
        .init("the point at zero", .publicKeyMalformed) {
            $0.setKey(-2, .bytes([UInt8](repeating: 0, count: 32)))
            $0.setKey(-3, .bytes([UInt8](repeating: 0, count: 32)))
        },
        .init("a coordinate not below the prime", .publicKeyMalformed) {
            $0.setKey(-2, .bytes([UInt8](repeating: 0xff, count: 32)))
        },
        .init("a key's id beside it", .publicKeyMalformed) {
            $0.cose = $0.key.cose
            $0.cose?.insert(.init(.integer(2), .bytes([1])), at: 1)
        },
        .init("a private key beside it", .publicKeyMalformed) {
            $0.cose = $0.key.cose + [.init(.integer(-4), .bytes([1]))]
        },
        .init("an Edwards key of 31 bytes", .publicKeyMalformed) {
            $0.key = .edwards
            $0.setKey(-2, .bytes([UInt8](repeating: 1, count: 31)))
        },
        .init("an Edwards key on Ed448", .publicKeyMalformed) {
            $0.key = .edwards
            $0.setKey(-1, .integer(7))
        },
        .init("an RSA key of 1024 bits", .publicKeyMalformed) {
            $0.key = .rsa
            $0.setKey(-1, .bytes([UInt8](repeating: 0xff, count: 128)))
        },
        .init("an RSA key of 4104 bits", .publicKeyMalformed) {
            $0.key = .rsa
            $0.setKey(-1, .bytes([UInt8](repeating: 0xff, count: 513)))
        },
        .init("an RSA key with a zero before it", .publicKeyMalformed) {
            $0.key = .rsa
            let modulus = $0.key.cose[2].value.bytes ?? []
            $0.setKey(-1, .bytes([0] + modulus))
        },
        .init("an RSA key with exponent 1", .publicKeyMalformed) {
            $0.key = .rsa
            $0.setKey(-2, .bytes([1]))
        },
        .init("an RSA key with an exponent of 40 bits", .publicKeyMalformed) {
            $0.key = .rsa
            $0.setKey(-2, .bytes([1, 0, 0, 0, 1]))
        },
    ]

    /// Steps 21 to 24 without certificates.
    private static let statement: Rows =
        ["tpm", "android-key", "apple", "android-safetynet", "compound", "None", "none ", ""].map {
            format in
            .init("the format '\(format)'", .attestationFormatUnknown) {
                $0.statement = .other(format)
            }
        } + [
            .init("something said with none", .attestationStatementMalformed) {
                $0.editStatement = { $0 = [.init(.text("sig"), .bytes([1]))] }
            },
            .init("none where something must be said", .attestationNotAccepted) {
                $0.policy.accepted = [.packedSelf, .packedCertificate, .fidoU2F]
            },
            .init("self-signed where a certificate must be", .attestationNotAccepted) {
                $0.statement = .packedSelf
                $0.policy.accepted = [.none, .packedCertificate]
            },
            .init("packed without anything", .attestationStatementMalformed) {
                $0.statement = .other("packed")
            },
            .init("packed without a signature", .attestationStatementMalformed) {
                $0.statement = .packedSelf
                $0.editStatement = { $0.removeLast() }
            },
            .init("packed with a signature as text", .attestationStatementMalformed) {
                $0.statement = .packedSelf
                $0.editStatement = { $0[1] = .init(.text("sig"), .text("")) }
            },
            .init("packed with an algorithm as text", .attestationStatementMalformed) {
                $0.statement = .packedSelf
                $0.editStatement = { $0[0] = .init(.text("alg"), .text("ES256")) }
            },
            .init("packed with a member more", .attestationStatementMalformed) {
                $0.statement = .packedSelf
                $0.editStatement = { $0.append(.init(.text("ecdaaKeyId"), .bytes([]))) }
            },
            .init("self-signed by another algorithm", .attestationAlgorithmMismatch) {
                $0.statement = .packedSelf
                $0.editStatement = { $0[0] = .init(.text("alg"), .integer(-8)) }
            },
            .init("self-signed with another key", .attestationSignatureInvalid) {
                $0.statement = .packedSelf
                $0.editStatement = {
                    $0[1] = .init(.text("sig"), .bytes(SigningKey.other.sign([1])))
                }
            },
            .init("a counter changed after self-signing", .attestationSignatureInvalid) {
                $0.statement = .packedSelf
                $0.editObject = {
                    var data = $0[2].value.bytes ?? []
                    data[36] += 1
                    $0[2] = .init(.text("authData"), .bytes(data))
                }
            },
            .init("client data changed after self-signing", .attestationSignatureInvalid) {
                $0.statement = .packedSelf
                let data = $0.browser.bytes + [0x20]
                $0.editJSON = { $0[at: "response.clientDataJSON"] = .octets(data) }
            },
        ]
}
