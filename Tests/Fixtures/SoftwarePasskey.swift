import COpenSSL
import Contracts
import Crypto
import Synchronization
import Wire

/// An authenticator of the tests that answers what a browser is asked, with an Ed25519 key of its
/// own (WebAuthn §6.1, §6.5; RFC 9053 §7.2).
package final class SoftwarePasskey: Sendable {
    package struct Failed: Error {}

    package static let origin = "http://localhost:8080"

    package let id: [UInt8]
    private let key: Ed25519Key
    private let state = Mutex(State())

    private struct State {
        var counter: UInt32 = 0
        var handle: [UInt8] = []
    }

    /// What the authenticator and the browser say, for tests that want it otherwise.
    package struct Saying: Sendable {
        package var isUserVerified: Bool
        /// Nil: one more than the last time.
        package var counter: UInt32?
        package var origin: String
        package var namesUser: Bool

        package init(
            isUserVerified: Bool = true, counter: UInt32? = nil,
            origin: String = SoftwarePasskey.origin, namesUser: Bool = true
        ) {
            self.isUserVerified = isUserVerified
            self.counter = counter
            self.origin = origin
            self.namesUser = namesUser
        }
    }

    package init() throws {
        id = try Random.bytes(16)
        key = try Ed25519Key()
    }

    /// Answers a creation's options.
    package func attestation(_ options: String, _ saying: Saying = Saying()) throws
        -> PasskeyAttestation
    {
        let json = try JSON(parsing: Array(options.utf8))
        guard let handle = Base64URL.decode((json["user"]?["id"]?.text ?? "").utf8) else {
            throw Failed()
        }
        state.withLock { $0.handle = handle }
        let cose: [UInt8] =
            [0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20] + key.publicBytes
        let attested = [UInt8](repeating: 0, count: 16) + [0, UInt8(id.count)] + id + cose
        let data = data(json["rp"]?["id"]?.text ?? "", saying, flags: 0x40) + attested
        // {"fmt": "none", "attStmt": {}, "authData": data}
        let object: [UInt8] =
            [0xa3, 0x63] + Array("fmt".utf8) + [0x64] + Array("none".utf8)
            + [0x67] + Array("attStmt".utf8) + [0xa0] + [0x68] + Array("authData".utf8)
            + [0x58, UInt8(data.count)] + data
        return PasskeyAttestation(
            id: Bytes(id), clientDataJson: Bytes(clientData("webauthn.create", json, saying)),
            attestationObject: Bytes(object), transports: ["internal"])
    }

    /// Answers a request's options.
    package func assertion(_ options: String, _ saying: Saying = Saying()) throws
        -> PasskeyAssertion
    {
        let json = try JSON(parsing: Array(options.utf8))
        let data = data(json["rpId"]?.text ?? "", saying, flags: 0)
        let client = clientData("webauthn.get", json, saying)
        let handle = state.withLock { $0.handle }
        return PasskeyAssertion(
            id: Bytes(id), clientDataJson: Bytes(client), authenticatorData: Bytes(data),
            signature: Bytes(try key.sign(data + Digest.sha256(client))),
            userHandle: saying.namesUser ? Bytes(handle) : nil)
    }

    private func clientData(_ type: String, _ options: JSON, _ saying: Saying) -> [UInt8] {
        JSON.object([
            .init("type", .string(type)), .init("challenge", options["challenge"] ?? .null),
            .init("origin", .string(saying.origin)), .init("crossOrigin", .bool(false)),
        ]).serialized()
    }

    private func data(_ relyingParty: String, _ saying: Saying, flags: UInt8) -> [UInt8] {
        let counter = state.withLock { state in
            state.counter = saying.counter ?? state.counter + 1
            return state.counter
        }
        let counted = (0..<4).map { UInt8(truncatingIfNeeded: counter >> (24 - 8 * $0)) }
        return Digest.sha256(Array(relyingParty.utf8))
            + [flags | 0x01 | (saying.isUserVerified ? 0x04 : 0)] + counted
    }
}

/// A private key of RFC 8032.
///
/// `@unchecked Sendable`: libcrypto only reads a key while signing.
private final class Ed25519Key: @unchecked Sendable {
    private let key: OpaquePointer

    init() throws {
        let secret = try Random.bytes(32)
        guard let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, secret, 32) else {
            throw SoftwarePasskey.Failed()
        }
        self.key = key
    }

    deinit { EVP_PKEY_free(key) }

    var publicBytes: [UInt8] {
        var count = 32
        var bytes = [UInt8](repeating: 0, count: count)
        precondition(EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1)
        return bytes
    }

    func sign(_ message: [UInt8]) throws -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else { throw SoftwarePasskey.Failed() }
        defer { EVP_MD_CTX_free(context) }
        var count = 64
        var signature = [UInt8](repeating: 0, count: count)
        guard EVP_DigestSignInit(context, nil, nil, nil, key) == 1,
            EVP_DigestSign(context, &signature, &count, message, message.count) == 1
        else { throw SoftwarePasskey.Failed() }
        return signature
    }
}
