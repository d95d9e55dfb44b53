import COpenSSL

/// PBKDF2 with HMAC (RFC 8018 §5.2). New records are never made with it: it only checks what was
/// imported.
package enum PBKDF2 {
    /// What a hash costs, bounded for the reason that `PasswordHash.Parameters` are.
    package struct Parameters: Sendable, Equatable {
        package let algorithm: HMAC.Algorithm
        package let iterations: Int

        /// From the least that RFC 8018 §4.2 asks for. The upper end bounds a text's length;
        /// what may be imported is bounded by `PasswordDerivation.cost`.
        package static let iterationsRange = 1_000...9_999_999

        package init?(_ algorithm: HMAC.Algorithm, iterations: Int) {
            guard Self.iterationsRange.contains(iterations) else { return nil }
            self.algorithm = algorithm
            self.iterations = iterations
        }
    }

    /// The derived key of `count` bytes. Blocks for as long as the parameters say.
    static func derive(
        _ password: some ByteSource, salt: some ByteSource, _ parameters: Parameters, count: Int
    ) throws(CryptoFault) -> SecretBytes {
        try derive(
            password, salt: salt, parameters.algorithm, iterations: parameters.iterations,
            count: count)
    }

    /// Unbounded parameters, for foreign test vectors.
    static func derive(
        _ password: some ByteSource, salt: some ByteSource, _ algorithm: HMAC.Algorithm,
        iterations: Int, count: Int
    ) throws(CryptoFault) -> SecretBytes {
        guard let rounds = Int32(exactly: iterations), let size = Int32(exactly: count) else {
            throw .outOfBounds(what: "what PBKDF2 is asked for")
        }
        return try SecretBytes(count: count) { (output) throws(CryptoFault) in
            let status = password.octets { passwordAddress, passwordCount in
                salt.octets { saltAddress, saltCount in
                    PKCS5_PBKDF2_HMAC(
                        UnsafeRawPointer(passwordAddress).assumingMemoryBound(to: CChar.self),
                        Int32(clamping: passwordCount), saltAddress, Int32(clamping: saltCount),
                        rounds, algorithm.digest, size,
                        output.assumingMemoryBound(to: UInt8.self).baseAddress)
                }
            }
            try Libcrypto.checked("running PBKDF2", status)
        }
    }
}

extension HMAC.Algorithm {
    fileprivate var digest: OpaquePointer? {
        switch self {
        case .sha1: Libcrypto.sha1
        case .sha256: Libcrypto.sha256
        case .sha512: Libcrypto.sha512
        }
    }
}
