import COpenSSL
import Glibc
import Reactor

/// Who we are and whom we believe: our certificate and key, and the authorities of a private PKI.
/// It speaks TLS 1.3 only and keeps nothing between connections. Between services both show their
/// certificates; to the outside we alone do, and where we are the visitor only the other side.
///
/// `reload` reads the files again; connections made before keep what they had. Unchecked: `loaded`
/// and `pending` are touched under `lock`, the rest is constant.
package final class TLSContext: @unchecked Sendable {
    package enum Role: Sendable {
        case server, client
        /// A server to anybody, for browsers: it asks for no certificate, and whether its own is to
        /// be believed is for the client to judge.
        case web
        /// A client of a server that is none of ours, such as a mail server: it proves its host
        /// name by an authority that we believe (RFC 9525), and we show nothing. TLS 1.2 is spoken
        /// too, with forward secrecy and authenticated encryption only.
        case outbound
    }

    package struct Files: Sendable {
        /// PEM: our certificate first, then those between it and the authority. Nil where we
        /// show none.
        package let certificate: String?
        /// PEM, not encrypted, and closed to others.
        package let key: String?
        /// PEM: the authorities that we believe. The system's are never asked. Nil where nobody
        /// has to prove who he is.
        package let authority: String?
        /// Serial numbers, one to a line, of certificates that are refused although they are valid.
        package let denied: String?
    }

    package let role: Role
    package let files: Files
    /// Nil where none is agreed on.
    package let applicationProtocol: String?
    /// Handshakes under way at once; each costs some milliseconds of a loop.
    package let handshakesMax: Int
    private let ownIdentity: String?

    private let lock = Lock()
    private var loaded: Loaded
    private var pending = 0

    /// ALPN: a peer that means another protocol is refused before it can misread us (RFC 7301).
    package static let applicationProtocolDefault = "dubbelslot/1"

    /// Reads and checks the files. `identity` is who we have to be, if that is known; a certificate
    /// of another service, one that has run out, one that our own authority does not vouch for, or
    /// a key of another certificate are refused here rather than by every peer.
    package init(
        role: Role, certificateFile: String, keyFile: String, authorityFile: String,
        deniedFile: String? = nil, identity: String? = nil,
        applicationProtocol: String = TLSContext.applicationProtocolDefault,
        handshakesMax: Int = 256
    ) throws(TLSFault) {
        precondition((1...255).contains(applicationProtocol.utf8.count))
        precondition(role == .server || role == .client, "the other roles have their own ways")
        self.role = role
        files = Files(
            certificate: certificateFile, key: keyFile, authority: authorityFile, denied: deniedFile
        )
        ownIdentity = identity
        self.applicationProtocol = applicationProtocol
        self.handshakesMax = handshakesMax
        loaded = try Loaded(role, files, identity, applicationProtocol)
    }

    /// The server's side of HTTPS; a client that offers protocols has to offer `http/1.1`. A
    /// certificate that has run out and a key of another one are refused.
    /// - Parameter handshakesMax: Counted from the first moment of a connection, so whoever opens
    ///   so many and says nothing keeps others out until they time out.
    package init(
        webCertificateFile: String, keyFile: String, handshakesMax: Int = 2000
    ) throws(TLSFault) {
        role = .web
        files = Files(
            certificate: webCertificateFile, key: keyFile, authority: nil, denied: nil)
        ownIdentity = nil
        applicationProtocol = "http/1.1"
        self.handshakesMax = handshakesMax
        loaded = try Loaded(role, files, nil, applicationProtocol)
    }

    /// The client's side towards servers that are none of ours.
    /// - Parameters:
    ///   - authorityFile: Those whose word on a host's name is taken: `systemAuthorityFile`, or a
    ///     private one. Nobody else is believed.
    ///   - applicationProtocol: Offered by ALPN; a server without ALPN is believed to mean it.
    package init(
        outboundAuthorityFile authorityFile: String, applicationProtocol: String? = nil,
        handshakesMax: Int = 256
    ) throws(TLSFault) {
        role = .outbound
        files = Files(certificate: nil, key: nil, authority: authorityFile, denied: nil)
        ownIdentity = nil
        self.applicationProtocol = applicationProtocol
        self.handshakesMax = handshakesMax
        loaded = try Loaded(role, files, nil, applicationProtocol)
    }

    /// The authorities that Debian's ca-certificates believes, and many others at the same place.
    package static let systemAuthorityFile = "/etc/ssl/certs/ca-certificates.crt"

    /// Reads the files again for connections made from now on. When it throws, what was loaded
    /// before stays in force.
    package func reload() throws(TLSFault) {
        let fresh = try Loaded(role, files, ownIdentity, applicationProtocol)
        lock.withLock { loaded = fresh }
    }

    /// Our own name among services.
    package var identity: ServiceIdentity? { current.identity }

    /// How long our certificate is valid still; for ever where we show none.
    package var remainingLife: Duration {
        current.leaf?.remainingLife ?? .seconds(Int64.max)
    }

    var current: Loaded { lock.withLock { loaded } }

    /// False when too many handshakes are under way.
    func beginHandshake() -> Bool {
        lock.withLock {
            guard pending < handshakesMax else { return false }
            pending += 1
            return true
        }
    }

    func endHandshake() { lock.withLock { pending -= 1 } }
}

/// What the files said at one time. Unchecked: constant; OpenSSL's context may be used by several
/// threads once it is set up.
final class Loaded: @unchecked Sendable {
    let context: OpaquePointer
    /// Nil where no peer is asked which service it is.
    let identity: ServiceIdentity?
    /// Nil where we show no certificate.
    let leaf: Certificate?
    let denied: Set<String>
    /// In the form of ALPN: a length before the name (RFC 7301 §3.1); empty for no ALPN.
    let protocols: [UInt8]

    private static let denyListMax = 1 << 20
    private static let chainBytesMax = 32 * 1024
    private static let depthMax: Int32 = 4

    init(
        _ role: TLSContext.Role, _ files: TLSContext.Files, _ expected: String?,
        _ protocolName: String?
    ) throws(TLSFault) {
        let isClient = role == .client || role == .outbound
        let method = isClient ? TLS_client_method() : TLS_server_method()
        guard let context = SSL_CTX_new(method) else { throw .library(takeErrors()) }
        var isComplete = false
        defer { if !isComplete { SSL_CTX_free(context) } }
        protocols = protocolName.map { [UInt8($0.utf8.count)] + Array($0.utf8) } ?? []
        try role == .outbound ? Self.setUpOutbound(context) : Self.setUp(context)
        let chain = try files.certificate.map { path throws(TLSFault) in
            try CertificateFiles.certificates(path)
        }
        denied = try Self.serials(files.denied)
        leaf = chain?[0]
        if let authority = files.authority {
            identity = try leaf.map { leaf throws(TLSFault) in
                try Self.ownIdentity(leaf, expected)
            }
            try Self.trust(try CertificateFiles.certificates(authority), in: context, authority)
            SSL_CTX_set_verify(
                context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, verifyCertificate)
        } else {
            identity = nil
            guard leaf.map({ $0.remainingLife > .zero }) != false else {
                throw .ownCertificate("it has run out")
            }
            SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nil)
        }
        if let chain, let key = files.key {
            try Self.present(chain, in: context)
            try Self.useKey(key, in: context)
            if files.authority != nil { try Self.verifyOwn(chain, in: context) }
        }
        self.context = context
        isComplete = true
        if !isClient { SSL_CTX_set_alpn_select_cb(context, selectProtocol, nil) }
    }

    deinit { SSL_CTX_free(context) }

    private static let suites =
        "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
    private static let signatures =
        "ed25519:ECDSA+SHA256:ECDSA+SHA384:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512"

    private static func setUp(_ context: OpaquePointer) throws(TLSFault) {
        let isSet =
            tls_only_1_3(context) == 1
            && tls_set_groups(context, "X25519:P-256") == 1
            && tls_set_signature_algorithms(context, signatures) == 1
            && SSL_CTX_set_ciphersuites(context, suites) == 1
        guard isSet else { throw .library(takeErrors()) }
        setBounds(context)
    }

    /// What the world has: many a mail server knows TLS 1.2 only (RFC 9325 §4.2 for what is left
    /// of it here), and public authorities sign with RSA as PKCS #1 has it.
    private static func setUpOutbound(_ context: OpaquePointer) throws(TLSFault) {
        let isSet =
            tls_1_2_or_1_3(context) == 1
            && tls_set_groups(context, "X25519:P-256:P-384") == 1
            && tls_set_signature_algorithms(
                context, signatures + ":ECDSA+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512") == 1
            && SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1
            && SSL_CTX_set_ciphersuites(context, suites) == 1
        guard isSet else { throw .library(takeErrors()) }
        setBounds(context)
    }

    private static func setBounds(_ context: OpaquePointer) {
        SSL_CTX_set_security_level(context, 2)
        tls_forget_sessions(context)
        tls_set_small_memory(context)
        tls_set_certificates_max(context, chainBytesMax)
        SSL_CTX_set_verify_depth(context, depthMax)
    }

    private static func serials(_ path: String?) throws(TLSFault) -> Set<String> {
        guard let path else { return [] }
        let file = try OwnFile(path, bytesMax: denyListMax, isSecret: false)
        let text = file.withBytes { String(decoding: $0, as: UTF8.self) }
        var serials: Set<String> = []
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            let trimmed = line.filter { $0 != " " && $0 != "\t" }
            guard !trimmed.isEmpty else { continue }
            guard let serial = Certificate.normalSerial(trimmed) else {
                throw .file(path: path, why: "a line is no serial number")
            }
            serials.insert(serial)
        }
        return serials
    }

    private static func ownIdentity(
        _ leaf: Certificate, _ expected: String?
    ) throws(TLSFault) -> ServiceIdentity {
        let identity: ServiceIdentity
        do {
            identity = try Certificate.identity(ofLeaf: leaf.pointer)
        } catch {
            throw .ownCertificate(error.rawValue)
        }
        if let expected, !expected.utf8.elementsEqual(identity.text.utf8) {
            throw .identity(expected: expected, found: identity.text)
        }
        return identity
    }

    private static func trust(
        _ authorities: [Certificate], in context: OpaquePointer, _ path: String
    ) throws(TLSFault) {
        for authority in authorities {
            guard X509_check_ca(authority.pointer) == 1 else {
                throw .file(path: path, why: "a certificate in it is no authority's")
            }
            guard X509_STORE_add_cert(tls_store(context), authority.pointer) == 1 else {
                throw .library(takeErrors())
            }
        }
    }

    private static func present(
        _ chain: [Certificate], in context: OpaquePointer
    ) throws(TLSFault) {
        guard SSL_CTX_use_certificate(context, chain[0].pointer) == 1 else {
            throw .ownCertificate(takeErrors())
        }
        for between in chain.dropFirst() {
            guard tls_add_chain_certificate(context, between.pointer) == 1 else {
                throw .ownCertificate(takeErrors())
            }
        }
    }

    private static func useKey(_ path: String, in context: OpaquePointer) throws(TLSFault) {
        let key = try CertificateFiles.key(path)
        defer { EVP_PKEY_free(key) }
        guard SSL_CTX_use_PrivateKey(context, key) == 1, SSL_CTX_check_private_key(context) == 1
        else {
            ERR_clear_error()
            throw .file(path: path, why: "its key is not that of the certificate")
        }
    }

    private static func verifyOwn(
        _ chain: [Certificate], in context: OpaquePointer
    ) throws(TLSFault) {
        guard let verification = X509_STORE_CTX_new(), let between = tls_new_chain() else {
            throw .library(takeErrors())
        }
        defer {
            X509_STORE_CTX_free(verification)
            tls_free_chain(between)
        }
        for certificate in chain.dropFirst() { _ = tls_chain_add(between, certificate.pointer) }
        guard X509_STORE_CTX_init(verification, tls_store(context), chain[0].pointer, between) == 1
        else { throw .library(takeErrors()) }
        guard X509_verify_cert(verification) == 1 else {
            let code = Int(X509_STORE_CTX_get_error(verification))
            ERR_clear_error()
            throw .ownCertificate(String(cString: X509_verify_cert_error_string(code)))
        }
    }
}

/// Called by OpenSSL for each certificate of the peer's chain, from the authority down.
private func verifyCertificate(_ isWell: Int32, _ verification: OpaquePointer?) -> Int32 {
    guard isWell == 1, let verification, let tls = tls_of_verification(verification),
        let owner = tls_owner(tls),
        let certificate = X509_STORE_CTX_get_current_cert(verification)
    else { return 0 }
    let engine = Unmanaged<TLSEngine>.fromOpaque(owner).takeUnretainedValue()
    let isLeaf = X509_STORE_CTX_get_error_depth(verification) == 0
    guard engine.accepts(certificate, isLeaf: isLeaf) else {
        X509_STORE_CTX_set_error(verification, X509_V_ERR_APPLICATION_VERIFICATION)
        return 0
    }
    return 1
}

/// Called by OpenSSL with the protocols a client offers.
private func selectProtocol(
    _ tls: OpaquePointer?, _ selected: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
    _ selectedCount: UnsafeMutablePointer<UInt8>?, _ offered: UnsafePointer<UInt8>?,
    _ offeredCount: UInt32, _ argument: UnsafeMutableRawPointer?
) -> Int32 {
    guard let tls, let owner = tls_owner(tls), let offered else {
        return SSL_TLSEXT_ERR_ALERT_FATAL
    }
    let engine = Unmanaged<TLSEngine>.fromOpaque(owner).takeUnretainedValue()
    guard let position = engine.positionOfProtocol(offered, Int(offeredCount)) else {
        return SSL_TLSEXT_ERR_ALERT_FATAL
    }
    // The choice has to outlive the call: it points into the client's own list, which does.
    selected?.pointee = offered + position + 1
    selectedCount?.pointee = offered[position]
    return SSL_TLSEXT_ERR_OK
}
