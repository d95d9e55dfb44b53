import COpenSSL

/// A private Ed25519 key (RFC 8032) that signs.
///
/// `@unchecked Sendable`: libcrypto only reads a key while signing and counts its references
/// atomically; nothing here changes it after the initialiser.
package final class SigningKey: @unchecked Sendable {
    package static let signatureSize = 64

    private let key: OpaquePointer
    /// The public half, 32 bytes.
    package let publicBytes: [UInt8]

    /// The keys that stand in `pem` one after another, as `openssl genpkey -algorithm ed25519`
    /// writes them (PKCS #8, not encrypted). Throws `.malformed` for none, for one of another kind
    /// and for anything that is not PEM.
    package static func all(pem: some ByteSource) throws(CryptoFault) -> [SigningKey] {
        let input = pem.octets { BIO_new_mem_buf($0, Int32(clamping: $1)) }
        guard let input else { throw Libcrypto.fault("reading a signing key") }
        defer {
            BIO_free(input)
            ERR_clear_error()
        }
        var keys: [SigningKey] = []
        // Without a way to ask for one, a key that wants a passphrase is refused.
        let nobody:
            @convention(c) (
                UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?
            ) -> Int32 = { _, _, _, _ in -1 }
        while let key = PEM_read_bio_PrivateKey(input, nil, nobody, nil) {
            keys.append(try SigningKey(taking: key))
        }
        // The end of the text is the one refusal that is none.
        guard !keys.isEmpty, ERR_peek_last_error() & 0x7f_ffff == UInt(PEM_R_NO_START_LINE)
        else { throw .malformed }
        return keys
    }

    private init(taking key: OpaquePointer) throws(CryptoFault) {
        var bytes = [UInt8](repeating: 0, count: 32)
        var count = bytes.count
        guard EVP_PKEY_get_id(key) == EVP_PKEY_ED25519,
            EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1, count == bytes.count
        else {
            EVP_PKEY_free(key)
            throw .malformed
        }
        self.key = key
        publicBytes = bytes
    }

    deinit { EVP_PKEY_free(key) }

    /// Pure Ed25519 over `message` (RFC 8032 §5.1.6); the same message gives the same signature.
    package func sign(_ message: some ByteSource) throws(CryptoFault) -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else { throw Libcrypto.fault("signing") }
        defer { EVP_MD_CTX_free(context) }
        try Libcrypto.checked(
            "beginning to sign", EVP_DigestSignInit_ex(context, nil, nil, nil, nil, key, nil))
        var signature = [UInt8](repeating: 0, count: Self.signatureSize)
        var count = signature.count
        let status = message.octets { EVP_DigestSign(context, &signature, &count, $0, $1) }
        try Libcrypto.checked("signing", status)
        guard count == Self.signatureSize else { throw .malformed }
        return signature
    }
}

extension SigningKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "a signing key" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
