import COpenSSL

/// A public key that signatures are verified with. Only whole, uncompressed points on the named
/// curve and RSA keys of a sound size become one: libcrypto 3.0 would also load compressed points
/// and the point at infinity.
///
/// `@unchecked Sendable`: libcrypto only reads a key while verifying and counts its references
/// atomically; nothing here changes it after the initialiser.
package final class PublicKey: @unchecked Sendable {
    /// What is signed with: curve or scheme, and digest.
    package enum Algorithm: Sendable, Equatable, CaseIterable {
        /// ECDSA (FIPS 186-4) on P-256, P-384, P-521 with the digest of JOSE (RFC 7518 §3.4).
        case es256, es384, es512
        /// RFC 8032.
        case ed25519
        /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2).
        case rs256
    }

    package let algorithm: Algorithm
    private let key: OpaquePointer

    package static let rsaModulusBitsRange = 2048...4096

    /// ECDSA: `4 · x · y`, each coordinate as long as the curve's field. Throws `.outOfBounds`
    /// for every other form, and for a point that is not on the curve.
    package convenience init(
        _ curve: Curve, uncompressedPoint point: some ByteSource
    ) throws(CryptoFault) {
        let isWhole = point.lend { bytes in
            bytes.count == 1 + 2 * curve.coordinateSize && bytes[0] == 4
        }
        guard isWhole else { throw .outOfBounds(what: "the form of a point") }
        let key: OpaquePointer? = point.octets { address, count in
            var parameters = [
                Parameter.text("group", curve.group), Parameter.octets("pub", address, count),
                OSSL_PARAM_construct_end(),
            ]
            return Self.assemble("EC", &parameters)
        }
        guard let key else { throw .outOfBounds(what: "a point off its curve") }
        self.init(curve.algorithm, key)
    }

    /// Ed25519: 32 bytes.
    package convenience init(ed25519 bytes: some ByteSource) throws(CryptoFault) {
        let key = bytes.octets { address, count in
            count == 32 ? EVP_PKEY_new_raw_public_key_ex(nil, "ED25519", nil, address, count) : nil
        }
        ERR_clear_error()
        guard let key else { throw .outOfBounds(what: "an Ed25519 key") }
        self.init(.ed25519, key)
    }

    /// RSA: both numbers big-endian. The exponent is odd, at least 3 and at most 32 bits long.
    /// Whether the modulus has small factors or is prime is not asked: libcrypto takes longer to
    /// answer that than for a hundred signatures, and who makes such a key gives away his own.
    package convenience init(
        rsaModulus modulus: some ByteSource, exponent: some ByteSource
    ) throws(CryptoFault) {
        let n = modulus.octets { BN_bin2bn($0, Int32(clamping: $1), nil) }
        let e = exponent.octets { BN_bin2bn($0, Int32(clamping: $1), nil) }
        defer {
            BN_free(n)
            BN_free(e)
        }
        guard let n, let e else { throw Libcrypto.fault("reading an RSA key") }
        guard Self.rsaModulusBitsRange.contains(Int(BN_num_bits(n))), BN_is_odd(n) == 1,
            2...32 ~= BN_num_bits(e), BN_is_odd(e) == 1
        else { throw .outOfBounds(what: "an RSA key's size") }
        guard let builder = OSSL_PARAM_BLD_new() else {
            throw Libcrypto.fault("building an RSA key")
        }
        defer { OSSL_PARAM_BLD_free(builder) }
        OSSL_PARAM_BLD_push_BN(builder, Parameter.characters("n"), n)
        OSSL_PARAM_BLD_push_BN(builder, Parameter.characters("e"), e)
        let parameters = OSSL_PARAM_BLD_to_param(builder)
        defer { OSSL_PARAM_free(parameters) }
        guard let key = Self.assemble("RSA", parameters, isChecked: false) else {
            throw .outOfBounds(what: "an RSA key")
        }
        self.init(.rs256, key)
    }

    private init(_ algorithm: Algorithm, _ key: OpaquePointer) {
        self.algorithm = algorithm
        self.key = key
    }

    deinit { EVP_PKEY_free(key) }

    /// Whether `signature` is one of this key over `message`. ECDSA signatures are in DER, the
    /// only form that libcrypto re-encodes and compares; malformed ones are simply not valid.
    package func verifies(_ signature: some ByteSource, of message: some ByteSource) -> Bool {
        guard let context = EVP_MD_CTX_new() else { return false }
        defer {
            EVP_MD_CTX_free(context)
            ERR_clear_error()
        }
        let started = EVP_DigestVerifyInit_ex(
            context, nil, algorithm.digestName, nil, nil, key, nil)
        guard started == 1 else { return false }
        return signature.octets { signatureAddress, signatureCount in
            message.octets { address, count in
                EVP_DigestVerify(context, signatureAddress, signatureCount, address, count) == 1
            }
        }
    }

    private static func assemble(
        _ type: String, _ parameters: UnsafeMutablePointer<OSSL_PARAM>?, isChecked: Bool = true
    ) -> OpaquePointer? {
        defer { ERR_clear_error() }
        guard let context = EVP_PKEY_CTX_new_from_name(nil, type, nil) else { return nil }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_fromdata_init(context) == 1,
            EVP_PKEY_fromdata(context, &key, evp_pkey_public_key(), parameters) == 1, let key
        else { return nil }
        guard isChecked else { return key }
        let check = EVP_PKEY_CTX_new_from_pkey(nil, key, nil)
        defer { EVP_PKEY_CTX_free(check) }
        guard EVP_PKEY_public_check_quick(check) == 1 else {
            EVP_PKEY_free(key)
            return nil
        }
        return key
    }
}

extension PublicKey {
    /// The curves of FIPS 186-4 that ECDSA is verified on.
    package enum Curve: Sendable, Equatable, CaseIterable {
        case p256, p384, p521

        /// Bytes of a coordinate.
        package var coordinateSize: Int {
            switch self {
            case .p256: 32
            case .p384: 48
            case .p521: 66
            }
        }

        var algorithm: Algorithm {
            switch self {
            case .p256: .es256
            case .p384: .es384
            case .p521: .es512
            }
        }

        var group: StaticString {
            switch self {
            case .p256: "P-256"
            case .p384: "P-384"
            case .p521: "P-521"
            }
        }
    }
}

extension PublicKey.Algorithm {
    /// Ed25519 hashes by itself.
    fileprivate var digestName: String? {
        switch self {
        case .es256, .rs256: "SHA256"
        case .es384: "SHA384"
        case .es512: "SHA512"
        case .ed25519: nil
        }
    }
}
