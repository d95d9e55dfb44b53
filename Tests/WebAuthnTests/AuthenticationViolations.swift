import Crypto
import Wire

@testable import WebAuthn

/// Each row violates one step of an authentication (WebAuthn §7.2) and no other.
enum AuthenticationViolations {
    typealias Rows = [Violation<AuthenticationScene>]

    static let all =
        form + identity + clientData + ceremony + origin + authenticatorData + flags + signature

    /// Step 3.
    private static let form: Rows = [
        .init("not JSON", .responseMalformed) { $0.editText = { $0 = Array("response".utf8) } },
        .init("text behind it", .responseMalformed) { $0.editText = { $0 += Array("{}".utf8) } },
        .init("a member twice", .responseMalformed) {
            $0.editText = { $0 = Array(#"{"rawId":"AQ","#.utf8) + $0.dropFirst() }
        },
        .init("an array", .responseMalformed) { $0.editText = { $0 = [0x5b] + $0 + [0x5d] } },
        .init("longer than any", .responseMalformed) {
            $0.editText = { $0 += [UInt8](repeating: 0x20, count: 48 * 1024) }
        },
        .init("another type", .responseMalformed) {
            $0.editJSON = { $0[at: "type"] = .string("password") }
        },
        .init("no type", .responseMalformed) { $0.editJSON = { $0[at: "type"] = nil } },
        .init("no id", .responseMalformed) { $0.editJSON = { $0[at: "id"] = nil } },
        .init("two ids", .responseMalformed) { $0.editJSON = { $0[at: "id"] = .octets([1]) } },
        .init("an id with padding", .responseMalformed) {
            $0.editJSON = { $0[at: "rawId"] = .string(Base64.encode(AuthenticationScene.id)) }
        },
        .init("an id with a line break", .responseMalformed) {
            $0.editJSON = { $0[at: "rawId"] = .string("AQ\n") }
        },
        .init("no response", .responseMalformed) { $0.editJSON = { $0[at: "response"] = nil } },
        .init("no signature", .responseMalformed) {
            $0.editJSON = { $0[at: "response.signature"] = nil }
        },
        .init("a signature with stray bits", .responseMalformed) {
            $0.editJSON = { $0[at: "response.signature"] = .string("AB") }
        },
        .init("a signature longer than any", .responseMalformed) {
            $0.editSignature = { $0 = [UInt8](repeating: 0x30, count: 513) }
        },
        .init("no authenticator data", .responseMalformed) {
            $0.editJSON = { $0[at: "response.authenticatorData"] = nil }
        },
        .init("an empty credential id", .responseMalformed) { $0.id = [] },
        .init("a credential id of 1024 bytes", .responseMalformed) {
            $0.id = [UInt8](repeating: 1, count: 1024)
        },
        .init("an empty user handle", .responseMalformed) { $0.userHandle = [] },
        .init("a user handle of 65 bytes", .responseMalformed) {
            $0.userHandle = [UInt8](repeating: 1, count: 65)
        },
        .init("a user handle that is a number", .responseMalformed) {
            $0.editJSON = { $0[at: "response.userHandle"] = .number("1") }
        },
    ]

    /// Steps 5 and 6.
    private static let identity: Rows = [
        .init("a credential that was not asked for", .credentialNotAllowed) {
            $0.options.allowed = [Site.credential([1]), Site.credential([2])]
        },
        .init("the beginning of one that was", .credentialNotAllowed) {
            $0.id.removeLast()
            $0.storedID.removeLast()
        },
        .init("no record", .credentialUnknown) { $0.isStored = false },
        .init("the record of another credential", .credentialUnknown) { $0.storedID = [1] },
        .init("another user's credential", .credentialOfAnotherUser) {
            $0.owner = Site.otherUser
            $0.userHandle = nil
        },
        .init("another user's credential, named as such", .credentialOfAnotherUser) {
            $0.owner = Site.otherUser
            $0.userHandle = Site.otherUser.bytes
        },
        .init("another user named", .userHandleMismatch) { $0.userHandle = Site.otherUser.bytes },
        .init("nobody named by a passkey alone", .userHandleMissing) {
            $0.forgetUser()
            $0.userHandle = nil
        },
        .init("null named by a passkey alone", .userHandleMissing) {
            $0.forgetUser()
            $0.editJSON = { $0[at: "response.userHandle"] = .null }
        },
        .init("another user named by a passkey alone", .userHandleMismatch) {
            $0.forgetUser()
            $0.userHandle = Site.otherUser.bytes
        },
        .init("an unknown passkey alone", .credentialUnknown) {
            $0.forgetUser()
            $0.isStored = false
        },
    ]

    /// Steps 8 and 9.
    private static let clientData: Rows = [
        .init("a stray octet", .clientDataNotUTF8) {
            $0.browser.edit = { $0.insert(0xff, at: $0.count - 2) }
        },
        .init("an overlong form", .clientDataNotUTF8) {
            $0.browser.append(#","a":""#)
            let quoted = $0.browser.edit
            $0.browser.edit = {
                quoted(&$0)
                $0.removeLast()
                $0 += [0xc0, 0xaf, 0x22, 0x7d]
            }
        },
        .init("UTF-16", .clientDataNotUTF8) {
            $0.browser.edit = { $0 = [0xff, 0xfe] + $0.flatMap { [$0, 0] } }
        },
        .init("no JSON", .clientDataMalformed) { $0.browser.edit = { $0 = [] } },
        .init("an array", .clientDataMalformed) { $0.browser.edit = { $0 = [0x5b] + $0 + [0x5d] } },
        .init("octets behind it", .clientDataMalformed) { $0.browser.edit = { $0.append(0) } },
        .init("a comma too many", .clientDataMalformed) { $0.browser.append(",") },
        .init("two byte order marks", .clientDataMalformed) {
            $0.browser.edit = { $0 = [0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf] + $0 }
        },
        .init("the type twice", .clientDataMalformed) {
            $0.browser.append(#","type":"webauthn.get""#)
        },
        .init("the type twice, once in escapes", .clientDataMalformed) {
            $0.browser.append(#","\u0074ype":"webauthn.create""#)
        },
        .init("the challenge twice", .clientDataMalformed) {
            $0.browser.append(#","challenge":"AA""#)
        },
        .init("the origin twice", .clientDataMalformed) {
            $0.browser.append(#","origin":"https://example.net""#)
        },
        .init("an unknown member twice", .clientDataMalformed) {
            $0.browser.append(#","a":1,"a":2"#)
        },
        .init("no type", .clientDataMalformed) { $0.browser["type"] = nil },
        .init("no challenge", .clientDataMalformed) { $0.browser["challenge"] = nil },
        .init("no origin", .clientDataMalformed) { $0.browser["origin"] = nil },
        .init("origins as a list", .clientDataMalformed) {
            $0.browser["origin"] = .array([.string("https://example.org")])
        },
        .init("crossOrigin as text", .clientDataMalformed) {
            $0.browser["crossOrigin"] = .string("false")
        },
        .init("topOrigin null", .clientDataMalformed) { $0.browser["topOrigin"] = .null },
        .init("longer than any", .clientDataMalformed) {
            $0.browser["a"] = .string(String(repeating: "a", count: 4096))
        },
        .init("nested too deep", .clientDataMalformed) {
            $0.browser.append(",\"a\":" + String(repeating: "[", count: 100))
        },
    ]

    /// Steps 10 and 11.
    private static let ceremony: Rows = [
        .init("a registration", .typeMismatch) { $0.browser["type"] = .string("webauthn.create") },
        .init("the type in capitals", .typeMismatch) {
            $0.browser["type"] = .string("WEBAUTHN.GET")
        },
        .init("the type and a zero", .typeMismatch) {
            $0.browser["type"] = .string("webauthn.get\0")
        },
        .init("an empty type", .typeMismatch) { $0.browser["type"] = .string("") },
        .init("another challenge", .challengeMismatch) {
            $0.browser["challenge"] = .octets([UInt8](repeating: 1, count: 32))
        },
        .init("an empty challenge", .challengeMismatch) { $0.browser["challenge"] = .string("") },
        .init("the beginning of the challenge", .challengeMismatch) {
            $0.browser["challenge"] = .octets(Array(Site.challenge.bytes.dropLast()))
        },
        .init("the challenge and more", .challengeMismatch) {
            $0.browser["challenge"] = .octets(Site.challenge.bytes + [0])
        },
        .init("the challenge with padding", .challengeMismatch) {
            $0.browser["challenge"] = .string(Site.challenge.text + "=")
        },
        .init("the challenge in another base64", .challengeMismatch) {
            $0.browser["challenge"] = .string(
                String(Base64.encode(Site.challenge.bytes).dropLast()))
        },
        .init("the challenge in other letters", .challengeMismatch) {
            $0.browser["challenge"] = .string(Site.challenge.text.lowercased())
        },
    ]

    /// Steps 12 to 14; W-140.
    private static let origin: Rows =
        [
            "http://example.org", "https://example.org:8443", "https://example.org:443",
            "https://login.example.org", "https://example.org/", "https://EXAMPLE.ORG",
            "https://example.org.", "https://example.org.example.net", "https://notexample.org",
            "https://example.net", "https://192.0.2.1", "https://[2001:db8::1]", "example.org",
            "null", "", "https://example.org@example.net", "https://example.org\0",
            "https://еxample.org", "android:apk-key-hash:AAAA",
        ].map { origin in
            .init("the origin '\(origin)'", .originNotAllowed) {
                $0.browser["origin"] = .string(origin)
            }
        } + [
            .init("from a frame", .crossOriginRefused) { $0.browser["crossOrigin"] = .bool(true) },
            .init("below another page", .topOriginRefused) {
                $0.browser["topOrigin"] = .string("https://example.com")
            },
            .init("below its own page, said so", .topOriginRefused) {
                $0.browser["topOrigin"] = .string("https://example.org")
            },
        ]

    /// Steps 7 and 15.
    private static let authenticatorData: Rows = [
        .init("no octets", .authenticatorDataMalformed) { $0.authenticator.edit = { $0 = [] } },
        .init("an octet too few", .authenticatorDataMalformed) {
            $0.authenticator.edit = { $0.removeLast() }
        },
        .init("an octet too many", .authenticatorDataMalformed) {
            $0.authenticator.edit = { $0.append(0) }
        },
        .init("longer than any", .authenticatorDataMalformed) {
            $0.authenticator.edit = { $0 += [UInt8](repeating: 0, count: 4096) }
        },
        .init("a flag for a credential and none", .authenticatorDataMalformed) {
            $0.authenticator.flags.insert(.attestedData)
        },
        .init("a credential in an assertion", .authenticatorDataMalformed) {
            $0.authenticator.flags.insert(.attestedData)
            $0.authenticator.attested =
                RegistrationScene.aaguid + [0, 1, 1] + CBOR.map(SigningKey.other.cose).encoded
        },
        .init("a flag for extensions and none", .authenticatorDataMalformed) {
            $0.authenticator.flags.insert(.extensionData)
        },
        .init("extensions without their flag", .authenticatorDataMalformed) {
            $0.authenticator.extensions = AuthenticatorScene.someExtensions
        },
        .init("extensions that are no map", .authenticatorDataMalformed) {
            $0.authenticator.flags.insert(.extensionData)
            $0.authenticator.extensions = CBOR.array([]).encoded
        },
        .init("extensions twice", .authenticatorDataMalformed) {
            $0.authenticator.flags.insert(.extensionData)
            $0.authenticator.extensions =
                AuthenticatorScene.someExtensions + AuthenticatorScene.someExtensions
        },
        .init("extensions of no fixed length", .authenticatorDataMalformed) {
            $0.authenticator.flags.insert(.extensionData)
            $0.authenticator.extensions = [0xbf, 0xff]
        },
        .init("made for another site", .relyingPartyMismatch) {
            $0.authenticator.relyingPartyHash = digest("example.net")
        },
        .init("made for a part of the site", .relyingPartyMismatch) {
            $0.authenticator.relyingPartyHash = digest("login.example.org")
        },
        .init("made for the origin as if it were the site", .relyingPartyMismatch) {
            $0.authenticator.relyingPartyHash = digest("https://example.org")
        },
        .init("made for nobody", .relyingPartyMismatch) {
            $0.authenticator.relyingPartyHash = [UInt8](repeating: 0, count: 32)
        },
        .init("a hash that differs in its last bit", .relyingPartyMismatch) {
            $0.authenticator.relyingPartyHash[31] ^= 1
        },
    ]

    /// Steps 16 to 19.
    private static let flags: Rows = [
        .init("nobody there", .userNotPresent) { $0.authenticator.flags = [.userVerified] },
        .init("no flags at all", .userNotPresent) { $0.authenticator.flags = [] },
        .init("no owner where one is demanded", .userNotVerified) {
            $0.options.userVerification = .required
            $0.authenticator.flags = [.userPresent]
        },
        .init("backed up though not eligible", .backedUpThoughNotEligible) {
            $0.authenticator.flags.insert(.backedUp)
        },
        .init("eligible all of a sudden", .backupEligibilityChanged) {
            $0.authenticator.flags.insert(.backupEligible)
        },
        .init("backed up all of a sudden", .backupEligibilityChanged) {
            $0.authenticator.flags.formUnion([.backupEligible, .backedUp])
        },
        .init("no longer eligible", .backupEligibilityChanged) {
            $0.storedFlags = [.backupEligible, .backedUp]
        },
    ]

    /// Steps 21 and 22.
    private static let signature: Rows = [
        .init("somebody else's signature", .signatureInvalid) { $0.key = .other },
        .init("W-142 another key in the record", .signatureInvalid) {
            $0.storedKey = SigningKey.other.cose
        },
        .init("a key of another algorithm in the record", .signatureInvalid) {
            $0.storedKey = SigningKey.p384.cose
        },
        .init("no signature", .signatureInvalid) { $0.editSignature = { $0 = [] } },
        .init("a bit of the signature", .signatureInvalid) { $0.editSignature = { $0[12] ^= 1 } },
        .init("an octet behind the signature", .signatureInvalid) {
            $0.editSignature = { $0.append(0) }
        },
        .init("a length that is too long", .signatureInvalid) {
            $0.editSignature = { $0 = [0x30, 0x81] + $0.dropFirst() }
        },
        .init("a number with a needless zero", .signatureInvalid) {
            $0.editSignature = { der in
                let r = Array(der[4..<(4 + Int(der[3]))])
                let rest = der[(4 + r.count)...]
                der = [0x30, der[1] + 1, 2, UInt8(r.count) + 1, 0] + r + rest
            }
        },
        .init("both numbers without DER", .signatureInvalid) {
            $0.editSignature = { $0 = [UInt8](repeating: 1, count: 64) }
        },
        .init("zeros in DER", .signatureInvalid) {
            $0.editSignature = { $0 = [0x30, 6, 2, 1, 0, 2, 1, 0] }
        },
        .init("ones in DER", .signatureInvalid) {
            $0.editSignature = { $0 = [0x30, 6, 2, 1, 1, 2, 1, 1] }
        },
        .init("an Edwards signature cut short", .signatureInvalid) {
            $0.use(.edwards)
            $0.editSignature = { $0.removeLast() }
        },
        .init("an Edwards signature with its scalar grown by the order", .signatureInvalid) {
            $0.use(.edwards)
            $0.editSignature = addOrder
        },
        .init("an RSA signature with a zero before it", .signatureInvalid) {
            $0.use(.rsa)
            $0.editSignature = { $0.insert(0, at: 0) }
        },
        .init("authenticator data changed after signing", .signatureInvalid) {
            var other = $0.authenticator
            other.counter += 1
            let data = other.bytes
            $0.editJSON = { $0[at: "response.authenticatorData"] = .octets(data) }
        },
        .init("client data changed after signing", .signatureInvalid) {
            let data = $0.browser.bytes + [0x20]
            $0.editJSON = { $0[at: "response.clientDataJSON"] = .octets(data) }
        },
        .init("UV set after signing", .signatureInvalid) {
            $0.authenticator.flags = [.userPresent]
            var other = $0.authenticator
            other.flags.insert(.userVerified)
            let data = other.bytes
            $0.editJSON = { $0[at: "response.authenticatorData"] = .octets(data) }
        },
        .init("a record whose point is off its curve", .storedKeyUnusable) {
            $0.storedKey[4] = .init(.integer(-3), .bytes([UInt8](repeating: 1, count: 32)))
        },
        .init("a counter that stands", .counterRegressed) { $0.authenticator.counter = 7 },
        .init("a counter that falls", .counterRegressed) { $0.authenticator.counter = 6 },
        .init("a counter that falls to zero", .counterRegressed) { $0.authenticator.counter = 0 },
        .init("a counter that starts anew", .counterRegressed) {
            $0.storedCounter = .max
            $0.authenticator.counter = 1
        },
    ]
}

/// SHA-256 of a site's name.
func digest(_ text: String) -> [UInt8] { Digest.sha256(Array(text.utf8)) }

/// S + L in place of S (RFC 8032 §5.1.7): the same to a verifier that forgets to look.
private func addOrder(_ signature: inout [UInt8]) {
    let order: [UInt8] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ]
    var carry: UInt16 = 0
    for (index, octet) in order.enumerated() {
        let sum = UInt16(signature[32 + index]) + UInt16(octet) + carry
        signature[32 + index] = UInt8(truncatingIfNeeded: sum)
        carry = sum >> 8
    }
}
