import COpenSSL

/// Certificates and keys as they stand in files, for all who read them.
enum CertificateFiles {
    private static let certificatesMax = 1 << 20
    private static let keyMax = 1 << 16

    /// All certificates of a PEM file, at least one.
    static func certificates(_ path: String) throws(TLSFault) -> [Certificate] {
        let file = try OwnFile(path, bytesMax: certificatesMax, isSecret: false)
        guard let all = file.withBytes({ Certificate.all(in: $0) }) else {
            throw .file(path: path, why: "it does not hold PEM certificates that can be read")
        }
        return all
    }

    /// The bytes of a file that holds certificates.
    static func text(_ path: String) throws(TLSFault) -> [UInt8] {
        let file = try OwnFile(path, bytesMax: certificatesMax, isSecret: false)
        return file.withBytes { Array($0) }
    }

    /// The key of a PEM file that is closed to others; whoever asks frees it.
    static func key(_ path: String) throws(TLSFault) -> OpaquePointer {
        let file = try OwnFile(path, bytesMax: keyMax, isSecret: true)
        let key = file.withBytes { bytes -> OpaquePointer? in
            guard let bio = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)) else {
                return nil
            }
            defer { BIO_free(bio) }
            // Without an answer of ours OpenSSL would ask the terminal for a passphrase.
            return PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil)
        }
        guard let key else {
            ERR_clear_error()
            throw .file(path: path, why: "it holds no PEM key that is not encrypted")
        }
        return key
    }

    static func isKey(_ path: String, of certificate: Certificate) throws(TLSFault) -> Bool {
        let key = try key(path)
        defer {
            EVP_PKEY_free(key)
            ERR_clear_error()
        }
        return X509_check_private_key(certificate.pointer, key) == 1
    }
}

/// The certificates of a file, for those who only watch their time.
package enum CertificateLife {
    /// How long the first to run out is valid still; negative when it no longer is.
    package static func remaining(inFile path: String) throws(TLSFault) -> Duration {
        try CertificateFiles.certificates(path).map(\.remainingLife).min() ?? .zero
    }
}
