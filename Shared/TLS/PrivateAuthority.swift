import COpenSSL
import Crypto

/// A certificate authority for the services of one installation, and nobody else: its name
/// constraints permit identities of one trust domain only (RFC 5280 §4.2.1.10). Keys are P-256,
/// signatures ECDSA with SHA-256.
package struct PrivateAuthority {
    /// For whom a leaf is.
    package enum Subject: Sendable, Hashable {
        /// The one URI of a service (SPIFFE X509-SVID §2).
        case service(ServiceIdentity)
        /// A server that is none of ours, such as the database.
        case host(ServerName)
    }

    /// A certificate and its key, both PEM.
    package struct Issued: Sendable {
        package let certificate: [UInt8]
        package let key: SecretBytes
    }

    /// Its own certificate and key, to be kept.
    package let issued: Issued
    private let certificate: Certificate
    private let key: PrivateKey

    /// Ten years: whoever replaces an authority has every machine to visit.
    package static let lifetime = Duration.seconds(3650 * 86_400)
    package static let leafLifetime = Duration.seconds(365 * 86_400)
    /// Random bits of a serial number; CA/Browser Forum Baseline Requirements §7.1 want 64.
    private static let serialBits: Int32 = 127
    /// A machine whose clock is a little late believes a fresh certificate all the same.
    private static let lead = 300
    /// X.509 version 3, as it is written (RFC 5280 §4.1.2.1).
    private static let version = 2

    /// Makes a new one.
    package init(
        trustDomain: String, lifetime: Duration = PrivateAuthority.lifetime
    ) throws(TLSFault) {
        key = try PrivateKey()
        certificate = try Self.blank(
            name: "Dubbelslot private authority", of: key, lifetime: lifetime)
        try Self.setIssuer(of: certificate, to: certificate)
        try Self.extend(
            certificate, by: certificate,
            [
                (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"),
                (NID_key_usage, "critical,keyCertSign,cRLSign"),
                (NID_name_constraints, "critical,permitted;URI:\(trustDomain)"),
                (NID_subject_key_identifier, "hash"),
            ])
        try key.sign(certificate)
        issued = Issued(certificate: try certificate.pem, key: try key.pem)
    }

    /// One that was kept. A key of another certificate, and a certificate that is no authority's
    /// or has run out, are refused.
    package init(certificateFile: String, keyFile: String) throws(TLSFault) {
        let all = try CertificateFiles.certificates(certificateFile)
        certificate = all[0]
        key = try PrivateKey(file: keyFile)
        guard X509_check_ca(certificate.pointer) == 1 else {
            throw .file(path: certificateFile, why: "a certificate in it is no authority's")
        }
        guard key.belongs(to: certificate) else {
            throw .file(path: keyFile, why: "its key is not that of the certificate")
        }
        guard certificate.remainingLife > .zero else {
            throw .file(path: certificateFile, why: "the authority has run out")
        }
        issued = Issued(certificate: try certificate.pem, key: try key.pem)
    }

    /// A new key and its certificate, which does not outlive the authority.
    package func issue(
        to subject: Subject, lifetime: Duration = PrivateAuthority.leafLifetime
    ) throws(TLSFault) -> Issued {
        let leafKey = try PrivateKey()
        let leaf = try Self.blank(
            name: subject.commonName, of: leafKey,
            lifetime: min(lifetime, certificate.remainingLife))
        try Self.setIssuer(of: leaf, to: certificate)
        try Self.extend(
            leaf, by: certificate,
            [
                (NID_basic_constraints, "critical,CA:FALSE"),
                (NID_key_usage, "critical,digitalSignature"),
                (NID_ext_key_usage, "serverAuth,clientAuth"),
                (NID_subject_alt_name, subject.alternativeName),
                (NID_subject_key_identifier, "hash"),
                (NID_authority_key_identifier, "keyid"),
            ])
        try key.sign(leaf)
        return Issued(certificate: try leaf.pem, key: try leafKey.pem)
    }

    /// Whether it is this one's signature that a certificate has.
    func hasIssued(_ leaf: Certificate) -> Bool {
        defer { ERR_clear_error() }
        return X509_check_issued(certificate.pointer, leaf.pointer) == X509_V_OK
            && X509_verify(leaf.pointer, key.pointer) == 1
    }

    /// How long it can vouch for others still.
    package var remainingLife: Duration { certificate.remainingLife }

    private static func blank(
        name: String, of key: PrivateKey, lifetime: Duration
    ) throws(TLSFault) -> Certificate {
        guard let pointer = X509_new() else { throw .library(takeErrors()) }
        let certificate = Certificate(owning: pointer)
        let seconds = Int(clamping: lifetime.components.seconds)
        guard X509_set_version(pointer, version) == 1,
            X509_gmtime_adj(X509_getm_notBefore(pointer), -lead) != nil,
            X509_gmtime_adj(X509_getm_notAfter(pointer), seconds) != nil,
            X509_set_pubkey(pointer, key.pointer) == 1
        else { throw .library(takeErrors()) }
        try setSerial(of: certificate)
        // The reference that is given out belongs to the certificate.
        guard let subject = X509_get_subject_name(pointer),
            tls_set_common_name(subject, name) == 1
        else { throw .library(takeErrors()) }
        return certificate
    }

    private static func setSerial(of certificate: Certificate) throws(TLSFault) {
        guard let number = BN_new() else { throw .library(takeErrors()) }
        defer { BN_free(number) }
        guard BN_rand(number, serialBits, 0, 0) == 1,
            BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate.pointer)) != nil
        else { throw .library(takeErrors()) }
    }

    private static func setIssuer(
        of certificate: Certificate, to issuer: Certificate
    ) throws(TLSFault) {
        guard
            X509_set_issuer_name(
                certificate.pointer, X509_get_subject_name(issuer.pointer)) == 1
        else { throw .library(takeErrors()) }
    }

    private static func extend(
        _ certificate: Certificate, by issuer: Certificate, _ extensions: [(Int32, String)]
    ) throws(TLSFault) {
        for (name, words) in extensions {
            guard tls_add_extension(certificate.pointer, issuer.pointer, name, words) == 1 else {
                throw .library(takeErrors())
            }
        }
    }
}

extension PrivateAuthority.Subject {
    /// For people who read certificates; nobody decides by it. X.520 allows 64 characters.
    fileprivate var commonName: String {
        switch self {
        case .service(let identity):
            String(identity.text.split(separator: "/").last?.suffix(64) ?? "service")
        case .host(let name): String(name.text.suffix(64))
        }
    }

    /// Neither an identity nor a host's name can hold a comma, which would begin another name.
    fileprivate var alternativeName: String {
        switch self {
        case .service(let identity): "URI:\(identity.text)"
        case .host(let name): name.isAddress ? "IP:\(name.text)" : "DNS:\(name.text)"
        }
    }
}

extension Certificate {
    fileprivate var pem: [UInt8] {
        get throws(TLSFault) {
            guard let bio = BIO_new(BIO_s_mem()) else { throw .library(takeErrors()) }
            defer { BIO_free(bio) }
            guard PEM_write_bio_X509(bio, pointer) == 1 else { throw .library(takeErrors()) }
            return written(bio)
        }
    }
}

/// A key that signs or proves. Holds a reference of its own.
private final class PrivateKey {
    let pointer: OpaquePointer

    init() throws(TLSFault) {
        guard let pointer = tls_new_key() else { throw .library(takeErrors()) }
        self.pointer = pointer
    }

    init(file: String) throws(TLSFault) { pointer = try CertificateFiles.key(file) }

    deinit { EVP_PKEY_free(pointer) }

    func belongs(to certificate: Certificate) -> Bool {
        defer { ERR_clear_error() }
        return X509_check_private_key(certificate.pointer, pointer) == 1
    }

    func sign(_ certificate: Certificate) throws(TLSFault) {
        guard X509_sign(certificate.pointer, pointer, EVP_sha256()) > 0 else {
            throw .library(takeErrors())
        }
    }

    /// PKCS #8, not encrypted.
    var pem: SecretBytes {
        get throws(TLSFault) {
            // Memory of this kind is wiped where it is freed.
            guard let bio = BIO_new(BIO_s_secmem()) else { throw .library(takeErrors()) }
            defer { BIO_free(bio) }
            guard PEM_write_bio_PKCS8PrivateKey(bio, pointer, nil, nil, 0, nil, nil) == 1 else {
                throw .library(takeErrors())
            }
            var bytes = written(bio)
            return SecretBytes(taking: &bytes)
        }
    }
}

private func written(_ bio: OpaquePointer) -> [UInt8] {
    var count = 0
    guard let bytes = tls_written(bio, &count) else { return [] }
    return Array(UnsafeRawBufferPointer(start: bytes, count: count))
}
