import COpenSSL

/// Authenticated encryption: AES-256-GCM (NIST SP 800-38D) with a fresh random nonce of 96 bits
/// and the whole tag of 16 bytes. libcrypto 3.0 would take a tag of one byte as well, so the
/// length is a constant here and never read from data.
///
/// A sealed value is `nonce (12) · ciphertext · tag (16)`. One key seals at most 2^32 values
/// (§8.3); `KeyRing` derives a key per value and never comes near.
package enum AEAD {
    package static let keySize = 32
    package static let nonceSize = 12
    package static let tagSize = 16
    /// What sealing adds.
    package static let overhead = nonceSize + tagSize

    package static func seal(
        _ plaintext: some ByteSource, under key: SecretBytes, binding associated: some ByteSource
    ) throws(CryptoFault) -> [UInt8] {
        guard key.count == keySize else { throw .outOfBounds(what: "a key's size") }
        let nonce = try Random.bytes(nonceSize)
        return nonce + (try encrypt(plaintext, key: key, nonce: nonce, associated: associated))
    }

    /// Throws `.inauthentic` when anything does not fit, `.malformed` when there is too little.
    package static func open(
        _ sealed: some ByteSource, under key: SecretBytes, binding associated: some ByteSource
    ) throws(CryptoFault) -> SecretBytes {
        guard key.count == keySize else { throw .outOfBounds(what: "a key's size") }
        return try sealed.lend { (bytes) throws(CryptoFault) in
            guard bytes.count >= overhead else { throw .malformed }
            return try decrypt(
                UnsafeRawBufferPointer(rebasing: bytes[nonceSize...]), key: key,
                nonce: UnsafeRawBufferPointer(rebasing: bytes[..<nonceSize]),
                associated: associated)
        }
    }

    /// `ciphertext · tag`. Keys of 16, 24 and 32 bytes and any nonce, for foreign test vectors.
    static func encrypt(
        _ plaintext: some ByteSource, key: some ByteSource, nonce: some ByteSource,
        associated: some ByteSource
    ) throws(CryptoFault) -> [UInt8] {
        let context = try CipherContext(.encrypting, key: key, nonce: nonce)
        try context.associate(associated)
        let size = plaintext.lend { $0.count }
        var output = [UInt8](repeating: 0, count: size + tagSize)
        try output.withUnsafeMutableBufferPointer { (output) throws(CryptoFault) in
            try context.process(plaintext, into: output.baseAddress)
            try context.finish()
            try context.takeTag(into: output.baseAddress.map { $0 + size })
        }
        return output
    }

    /// The reverse; not a byte is handed out before the tag is found right.
    static func decrypt(
        _ sealed: some ByteSource, key: some ByteSource, nonce: some ByteSource,
        associated: some ByteSource
    ) throws(CryptoFault) -> SecretBytes {
        try sealed.lend { (bytes) throws(CryptoFault) in
            guard bytes.count >= tagSize else { throw .malformed }
            let size = bytes.count - tagSize
            let context = try CipherContext(.decrypting, key: key, nonce: nonce)
            try context.associate(associated)
            try context.expectTag(UnsafeRawBufferPointer(rebasing: bytes[size...]))
            return try SecretBytes(count: size) { (output) throws(CryptoFault) in
                try context.process(
                    UnsafeRawBufferPointer(rebasing: bytes[..<size]),
                    into: output.assumingMemoryBound(to: UInt8.self).baseAddress)
                try context.finish()
            }
        }
    }
}

/// One encryption or decryption under way.
private final class CipherContext {
    enum Direction: Int32 {
        case decrypting = 0
        case encrypting = 1
    }

    private let context: OpaquePointer
    private let direction: Direction

    init(
        _ direction: Direction, key: some ByteSource, nonce: some ByteSource
    ) throws(CryptoFault) {
        let cipher: OpaquePointer?
        switch key.lend({ $0.count }) {
        case 16: cipher = Libcrypto.aes128GCM
        case 24: cipher = Libcrypto.aes192GCM
        case 32: cipher = Libcrypto.aes256GCM
        default: throw .outOfBounds(what: "a key's size")
        }
        guard let context = EVP_CIPHER_CTX_new() else {
            throw Libcrypto.fault("making a cipher context")
        }
        self.context = context
        self.direction = direction
        try Libcrypto.checked(
            "choosing AES-GCM",
            EVP_CipherInit_ex2(context, cipher, nil, nil, direction.rawValue, nil))
        let nonceCount = nonce.lend { Int32(clamping: $0.count) }
        try Libcrypto.checked(
            "setting the nonce's length",
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, nonceCount, nil))
        let status = key.octets { keyAddress, _ in
            nonce.octets { nonceAddress, _ in
                EVP_CipherInit_ex2(
                    context, nil, keyAddress, nonceAddress, direction.rawValue, nil)
            }
        }
        try Libcrypto.checked("setting key and nonce", status)
    }

    deinit {
        EVP_CIPHER_CTX_free(context)
        ERR_clear_error()
    }

    func associate(_ bytes: some ByteSource) throws(CryptoFault) {
        try update(bytes, nil, "binding associated data")
    }

    func process(
        _ bytes: some ByteSource, into output: UnsafeMutablePointer<UInt8>?
    ) throws(CryptoFault) {
        try update(bytes, output ?? Libcrypto.nowhere, "running AES-GCM")
    }

    private func update(
        _ bytes: some ByteSource, _ output: UnsafeMutablePointer<UInt8>?, _ what: StaticString
    ) throws(CryptoFault) {
        try bytes.octets { (address, count) throws(CryptoFault) in
            guard count > 0 else { return }
            guard let size = Int32(exactly: count) else {
                throw .outOfBounds(what: "the size of a value to seal")
            }
            var written: Int32 = 0
            let status = EVP_CipherUpdate(context, output, &written, address, size)
            try Libcrypto.checked(what, status)
        }
    }

    func finish() throws(CryptoFault) {
        var written: Int32 = 0
        let status = EVP_CipherFinal_ex(context, Libcrypto.nowhere, &written)
        guard status != 1 else { return }
        switch direction {
        case .decrypting: throw .inauthentic
        case .encrypting: throw Libcrypto.fault("finishing AES-GCM")
        }
    }

    func takeTag(into address: UnsafeMutablePointer<UInt8>?) throws(CryptoFault) {
        let status = EVP_CIPHER_CTX_ctrl(
            context, EVP_CTRL_AEAD_GET_TAG, Int32(AEAD.tagSize), address)
        try Libcrypto.checked("taking the tag", status)
    }

    func expectTag(_ tag: UnsafeRawBufferPointer) throws(CryptoFault) {
        let address = UnsafeMutableRawPointer(mutating: tag.baseAddress)
        let status = EVP_CIPHER_CTX_ctrl(
            context, EVP_CTRL_AEAD_SET_TAG, Int32(AEAD.tagSize), address)
        try Libcrypto.checked("setting the tag", status)
    }
}
