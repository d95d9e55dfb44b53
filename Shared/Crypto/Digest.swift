import COpenSSL

/// Hashes of FIPS 180-4. They do not throw: `Libcrypto.check()` has found the algorithms at the
/// start, and a library that then cannot hash can serve nobody.
package enum Digest {
    /// 20 bytes. Only where a standard asks for it: no collision resistance.
    package static func sha1(_ bytes: some ByteSource) -> [UInt8] {
        hash(Libcrypto.sha1, 20, bytes)
    }

    /// 32 bytes.
    package static func sha256(_ bytes: some ByteSource) -> [UInt8] {
        hash(Libcrypto.sha256, 32, bytes)
    }

    /// 64 bytes.
    package static func sha512(_ bytes: some ByteSource) -> [UInt8] {
        hash(Libcrypto.sha512, 64, bytes)
    }

    private static func hash(
        _ algorithm: OpaquePointer?, _ size: Int, _ bytes: some ByteSource
    ) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: size) { output, count in
            let status = bytes.octets { address, length in
                EVP_Digest(address, length, output.baseAddress, nil, algorithm, nil)
            }
            precondition(status == 1, "libcrypto cannot hash")
            count = size
        }
    }
}

/// Message authentication (RFC 2104, FIPS 198-1). Does not throw, for the reason `Digest` gives.
package enum HMAC {
    package enum Algorithm: Sendable, Equatable, CaseIterable {
        case sha1, sha256, sha512

        /// Bytes of the tag.
        package var size: Int {
            switch self {
            case .sha1: 20
            case .sha256: 32
            case .sha512: 64
            }
        }

        var name: String {
            switch self {
            case .sha1: "SHA1"
            case .sha256: "SHA256"
            case .sha512: "SHA512"
            }
        }
    }

    /// The whole tag, `algorithm.size` bytes. Compare it with `constantTimeEquals`.
    package static func authenticate(
        _ algorithm: Algorithm, key: some ByteSource, message: some ByteSource
    ) -> [UInt8] {
        let size = algorithm.size
        return [UInt8](unsafeUninitializedCapacity: size) { output, count in
            let tag = key.octets { keyAddress, keyCount in
                message.octets { address, length in
                    EVP_Q_mac(
                        nil, "HMAC", nil, algorithm.name, nil, keyAddress, keyCount, address,
                        length, output.baseAddress, size, &count)
                }
            }
            precondition(tag != nil && count == size, "libcrypto cannot authenticate")
        }
    }
}

/// Key derivation from a uniformly random secret (RFC 5869); for passwords there is
/// `PasswordHash`.
package enum HKDF {
    /// `count` bytes, at most 255 times the size of the digest (RFC 5869 §2.3).
    package static func derive(
        _ algorithm: HMAC.Algorithm, secret: some ByteSource, salt: some ByteSource,
        info: some ByteSource, count: Int
    ) throws(CryptoFault) -> SecretBytes {
        guard count > 0, count <= 255 * algorithm.size else {
            throw .outOfBounds(what: "the length of a derived key")
        }
        guard let context = EVP_KDF_CTX_new(Libcrypto.hkdf) else {
            throw Libcrypto.fault("making an HKDF context")
        }
        defer { EVP_KDF_CTX_free(context) }
        return try SecretBytes(count: count) { (output) throws(CryptoFault) in
            let status = secret.octets { secretAddress, secretCount in
                salt.octets { saltAddress, saltCount in
                    info.octets { infoAddress, infoCount in
                        var parameters = [
                            Parameter.digest(algorithm),
                            Parameter.octets("key", secretAddress, secretCount),
                            Parameter.octets("salt", saltAddress, saltCount),
                            Parameter.octets("info", infoAddress, infoCount),
                            OSSL_PARAM_construct_end(),
                        ]
                        return EVP_KDF_derive(
                            context, output.assumingMemoryBound(to: UInt8.self).baseAddress,
                            count, &parameters)
                    }
                }
            }
            try Libcrypto.checked("deriving a key", status)
        }
    }
}

/// libcrypto's parameters keep the addresses they are given: names are static texts, values
/// outlive the call by standing around it.
enum Parameter {
    static func octets(
        _ name: StaticString, _ address: UnsafePointer<UInt8>, _ count: Int
    ) -> OSSL_PARAM {
        OSSL_PARAM_construct_octet_string(
            characters(name), UnsafeMutableRawPointer(mutating: address), count)
    }

    static func text(_ name: StaticString, _ value: StaticString) -> OSSL_PARAM {
        OSSL_PARAM_construct_utf8_string(
            characters(name), UnsafeMutablePointer(mutating: characters(value)),
            value.utf8CodeUnitCount)
    }

    static func digest(_ algorithm: HMAC.Algorithm) -> OSSL_PARAM {
        switch algorithm {
        case .sha1: text("digest", "SHA1")
        case .sha256: text("digest", "SHA256")
        case .sha512: text("digest", "SHA512")
        }
    }

    static func characters(_ text: StaticString) -> UnsafePointer<CChar> {
        UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
