import COpenSSL
import Wire

/// An X.509 certificate (RFC 5280) that somebody presents: what it says, and whether it hangs on
/// one that is trusted.
///
/// `@unchecked Sendable`: never changed after the initialiser; what libcrypto computes of it
/// later it keeps under its own lock, and counts references atomically.
package final class X509Certificate: @unchecked Sendable {
    private let pointer: OpaquePointer

    /// DER, one certificate and nothing behind it. Throws `.malformed`.
    package init(der: some ByteSource) throws(CryptoFault) {
        let pointer: OpaquePointer? = der.octets { address, count in
            var next: UnsafePointer<UInt8>? = address
            guard let pointer = d2i_X509(nil, &next, count) else { return nil }
            guard next == address + count else {
                X509_free(pointer)
                return nil
            }
            return pointer
        }
        ERR_clear_error()
        guard let pointer else { throw .malformed }
        self.pointer = pointer
    }

    deinit { X509_free(pointer) }
}

extension X509Certificate {
    /// 1 to 3; the field holds one less.
    package var version: Int { X509_get_version(pointer) + 1 }

    /// Whether the basic constraints are there, sound, and say that this certifies no others.
    package var isEndEntity: Bool {
        let flags = X509_get_extension_flags(pointer)
        ERR_clear_error()
        return flags & UInt32(EXFLAG_BCONS) != 0 && flags & UInt32(EXFLAG_CA | EXFLAG_INVALID) == 0
    }

    /// Parts of a subject's name.
    package enum Attribute: Sendable, CaseIterable {
        case country, organization, organizationalUnit, commonName

        fileprivate var number: Int32 {
            switch self {
            case .country: NID_countryName
            case .organization: NID_organizationName
            case .organizationalUnit: NID_organizationalUnitName
            case .commonName: NID_commonName
            }
        }
    }

    /// The bytes of this attribute of the subject; nil unless it stands there exactly once, as
    /// UTF8String or PrintableString.
    package func subject(_ attribute: Attribute) -> [UInt8]? {
        let name = X509_get_subject_name(pointer)
        let first = X509_NAME_get_index_by_NID(name, attribute.number, -1)
        guard first >= 0, X509_NAME_get_index_by_NID(name, attribute.number, first) < 0,
            let value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, first)),
            [V_ASN1_UTF8STRING, V_ASN1_PRINTABLESTRING].contains(ASN1_STRING_type(value))
        else { return nil }
        return Self.contents(of: value)
    }

    /// The extensions of this kind, by its dotted number.
    package func extensions(_ identifier: String) -> [Extension] {
        guard let object = OBJ_txt2obj(identifier, 1) else { return [] }
        defer { ASN1_OBJECT_free(object) }
        var found: [Extension] = []
        var index = X509_get_ext_by_OBJ(pointer, object, -1)
        while index >= 0, let it = X509_get_ext(pointer, index) {
            let value = X509_EXTENSION_get_data(it).map(Self.contents) ?? []
            found.append(Extension(value: value, isCritical: X509_EXTENSION_get_critical(it) == 1))
            index = X509_get_ext_by_OBJ(pointer, object, index)
        }
        return found
    }

    package struct Extension: Sendable, Equatable {
        /// What stands in its OCTET STRING.
        package let value: [UInt8]
        package let isCritical: Bool
    }

    /// Whether `now` lies between both ends of its validity.
    package func isValid(at now: Timestamp) -> Bool {
        var seconds = Int(now.seconds)
        return X509_cmp_time(X509_get0_notBefore(pointer), &seconds) == -1
            && X509_cmp_time(X509_get0_notAfter(pointer), &seconds) == 1
    }

    private static func contents(of text: UnsafeMutablePointer<ASN1_STRING>) -> [UInt8] {
        let count = Int(max(0, ASN1_STRING_length(text)))
        return Array(UnsafeBufferPointer(start: ASN1_STRING_get0_data(text), count: count))
    }
}

extension X509Certificate {
    /// The certified key, built anew by the rules of `PublicKey`; nil when it is of another kind,
    /// of an unsound size, or on a curve that is spelled out instead of named.
    package func publicKey() -> PublicKey? {
        defer { ERR_clear_error() }
        guard let key = X509_get0_pubkey(pointer) else { return nil }
        do throws(CryptoFault) {
            switch EVP_PKEY_get_base_id(key) {
            case EVP_PKEY_EC:
                guard let curve = Self.curve(of: key),
                    let point = X509_get0_pubkey_bitstr(pointer)
                else { return nil }
                return try PublicKey(curve, uncompressedPoint: Self.contents(of: point))
            case EVP_PKEY_RSA:
                return try PublicKey(
                    rsaModulus: Self.number("n", of: key), exponent: Self.number("e", of: key))
            case EVP_PKEY_ED25519:
                guard let bits = X509_get0_pubkey_bitstr(pointer) else { return nil }
                return try PublicKey(ed25519: Self.contents(of: bits))
            default: return nil
            }
        } catch {
            return nil
        }
    }

    private static func curve(of key: OpaquePointer) -> PublicKey.Curve? {
        var isSpelledOut: Int32 = 1
        guard
            EVP_PKEY_get_int_param(
                key, Parameter.characters("decoded-from-explicit"), &isSpelledOut) == 1,
            isSpelledOut == 0
        else { return nil }
        var name = [CChar](repeating: 0, count: 64)
        var count = 0
        guard EVP_PKEY_get_group_name(key, &name, name.count, &count) == 1 else { return nil }
        let text = String(decoding: name.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
        switch text {
        case "prime256v1": return .p256
        case "secp384r1": return .p384
        case "secp521r1": return .p521
        default: return nil
        }
    }

    /// Empty when the key has none of this name.
    private static func number(_ name: StaticString, of key: OpaquePointer) -> [UInt8] {
        var number: OpaquePointer?
        guard EVP_PKEY_get_bn_param(key, Parameter.characters(name), &number) == 1 else {
            return []
        }
        defer { BN_free(number) }
        let count = Int(BN_num_bits(number) + 7) / 8
        return [UInt8](unsafeUninitializedCapacity: count) { output, written in
            written = Int(BN_bn2bin(number, output.baseAddress))
        }
    }
}

extension X509Certificate {
    /// Whether this hangs on one of the anchors at `now`, which need not be self-signed and may be
    /// this certificate itself. `others` may stand between, in any order; those with an unsound
    /// key are left out before anything is reckoned with them, and the chain is no longer than
    /// they are many, so that the time this takes is bounded.
    package func isTrusted(
        by anchors: [X509Certificate], through others: [X509Certificate], at now: Timestamp
    ) -> Bool {
        defer { ERR_clear_error() }
        guard let store = X509_STORE_new(), let context = X509_STORE_CTX_new(),
            let chain = tls_new_chain()
        else { return false }
        defer {
            X509_STORE_CTX_free(context)
            X509_STORE_free(store)
            tls_free_chain(chain)
        }
        for anchor in anchors where X509_STORE_add_cert(store, anchor.pointer) != 1 {
            return false
        }
        for other in others where other.publicKey() != nil {
            guard tls_chain_add(chain, other.pointer) == 1 else { return false }
        }
        guard X509_STORE_CTX_init(context, store, pointer, chain) == 1,
            let parameters = X509_STORE_CTX_get0_param(context)
        else { return false }
        X509_VERIFY_PARAM_set_time(parameters, Int(now.seconds))
        X509_VERIFY_PARAM_set_flags(parameters, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        X509_VERIFY_PARAM_set_depth(parameters, Int32(clamping: others.count + 1))
        // Level 2: 112 bits of security, so neither SHA-1 nor RSA of 1024 bits.
        X509_VERIFY_PARAM_set_auth_level(parameters, 2)
        return X509_verify_cert(context) == 1
    }
}
