import COpenSSL

/// What this module wants to know of an X.509 certificate. Holds a reference of its own.
final class Certificate {
    let pointer: OpaquePointer

    /// Takes over the reference.
    init(owning pointer: OpaquePointer) { self.pointer = pointer }

    deinit { X509_free(pointer) }
}

extension Certificate {
    /// The one identity of a service's certificate. Everything that RFC 5280 leaves open is
    /// refused, so that no certificate made for something else passes.
    static func identity(ofLeaf leaf: OpaquePointer) throws(LeafRefusal) -> ServiceIdentity {
        let flags = X509_get_extension_flags(leaf)
        guard flags & UInt32(EXFLAG_INVALID) == 0 else { throw .broken }
        guard flags & UInt32(EXFLAG_CA) == 0, X509_check_ca(leaf) == 0 else { throw .authority }
        try checkKeyUsage(leaf, flags)
        let purposes = UInt32(XKU_SSL_SERVER | XKU_SSL_CLIENT)
        guard flags & UInt32(EXFLAG_XKUSAGE) != 0,
            X509_get_extended_key_usage(leaf) & purposes == purposes
        else { throw .purposes }
        return try uri(of: leaf)
    }

    private static func checkKeyUsage(_ leaf: OpaquePointer, _ flags: UInt32) throws(LeafRefusal) {
        let position = X509_get_ext_by_NID(leaf, NID_key_usage, -1)
        guard flags & UInt32(EXFLAG_KUSAGE) != 0, position >= 0,
            X509_EXTENSION_get_critical(X509_get_ext(leaf, position)) == 1
        else { throw .keyUsage }
        let usage = X509_get_key_usage(leaf)
        guard usage & UInt32(KU_DIGITAL_SIGNATURE) != 0,
            usage & UInt32(KU_KEY_CERT_SIGN | KU_CRL_SIGN) == 0
        else { throw .keyUsage }
    }

    private static func uri(of leaf: OpaquePointer) throws(LeafRefusal) -> ServiceIdentity {
        guard let names = tls_alternative_names(leaf) else { throw .noURI }
        defer { tls_free_names(names) }
        var found: [UInt8]?
        for index in 0..<tls_name_count(names) {
            var count: Int32 = 0
            guard let bytes = tls_name_uri(names, index, &count) else { continue }
            guard found == nil else { throw .severalURIs }
            // By length, not up to a zero byte: a URI with one inside is another URI.
            found = Array(UnsafeBufferPointer(start: bytes, count: Int(max(0, count))))
        }
        guard let found else { throw .noURI }
        guard let identity = ServiceIdentity(found) else { throw .identity }
        return identity
    }

    /// The serial number in lower-case hexadecimal digits without leading zeros; "-" before a
    /// negative.
    static func serial(of certificate: OpaquePointer) -> String {
        guard let number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nil) else {
            return ""
        }
        defer { BN_free(number) }
        guard let text = BN_bn2hex(number) else { return "" }
        defer { CRYPTO_free(text, nil, 0) }
        return normalSerial(String(cString: text)) ?? ""
    }

    /// The same form for a serial number as people write it: colons and upper case are fine.
    static func normalSerial(_ text: String) -> String? {
        var digits = text.lowercased().filter { $0 != ":" }
        let sign = digits.hasPrefix("-") ? "-" : ""
        digits.removeFirst(sign.count)
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
            return nil
        }
        let significant = digits.drop { $0 == "0" }
        return significant.isEmpty ? "0" : sign + significant
    }
}

extension Certificate {
    /// All certificates of a PEM text, at least one, in their order.
    static func all(in pem: UnsafeRawBufferPointer) -> [Certificate]? {
        guard let bio = BIO_new_mem_buf(pem.baseAddress, Int32(pem.count)) else { return nil }
        defer { BIO_free(bio) }
        ERR_clear_error()
        var all: [Certificate] = []
        while let pointer = PEM_read_bio_X509(bio, nil, nil, nil) {
            all.append(Certificate(owning: pointer))
        }
        // The end has to be the end, not a certificate that could not be read.
        let isWhole = tls_is_end_of_pem() == 1
        ERR_clear_error()
        return isWhole && !all.isEmpty ? all : nil
    }

    /// How long it is valid still; negative when it no longer is.
    var remainingLife: Duration { Self.remainingLife(of: pointer) }

    static func remainingLife(of certificate: OpaquePointer) -> Duration {
        var days: Int32 = 0
        var seconds: Int32 = 0
        guard ASN1_TIME_diff(&days, &seconds, nil, X509_get0_notAfter(certificate)) == 1 else {
            return .zero
        }
        return .seconds(Int64(days) * 86_400 + Int64(seconds))
    }
}
