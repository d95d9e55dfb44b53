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

    /// The keys that stand in `text` one after another, as `openssl genpkey -algorithm ed25519`
    /// writes them (PKCS #8 in PEM, not encrypted), with blank lines and lines that begin with `#`
    /// between them. Throws `.malformed` for none, for one of another kind, and for anything else.
    package static func all(pem text: [UInt8]) throws(CryptoFault) -> [SigningKey] {
        var keys: [SigningKey] = []
        var block: [UInt8]?
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            let isFirst = line.elementsEqual("-----BEGIN PRIVATE KEY-----".utf8)
            if isFirst, block == nil { block = [] }
            guard block != nil else {
                guard line.isEmpty || line.first == UInt8(ascii: "#") else { throw .malformed }
                continue
            }
            block? += line + [UInt8(ascii: "\n")]
            if line.elementsEqual("-----END PRIVATE KEY-----".utf8) {
                keys.append(try SigningKey(block: block ?? []))
                block = nil
            }
        }
        guard block == nil, !keys.isEmpty else { throw .malformed }
        return keys
    }

    private convenience init(block: [UInt8]) throws(CryptoFault) {
        let input = block.octets { BIO_new_mem_buf($0, Int32(clamping: $1)) }
        guard let input else { throw Libcrypto.fault("reading a signing key") }
        defer {
            BIO_free(input)
            ERR_clear_error()
        }
        guard let key = PEM_read_bio_PrivateKey(input, nil, nil, nil) else { throw .malformed }
        try self.init(taking: key)
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
