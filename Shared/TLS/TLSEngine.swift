import COpenSSL
import Wire

/// One TLS connection without a socket: sealed bytes in and out through memory that is lent for
/// each call. OpenSSL takes from the input one record after another and keeps none it does not work
/// on.
final class TLSEngine {
    /// Whom a client means to reach.
    enum Expectation: Equatable {
        /// The URI of a service of ours.
        case service(String)
        /// A name, or an address in text, of a server in the world.
        case host(String)

        var host: String? {
            switch self {
            case .service: nil
            case .host(let host): host
            }
        }
    }

    enum Progress: Equatable {
        case done
        /// It goes on when more sealed bytes have come.
        case needsInput
        /// The peer has said that it sends no more.
        case inputEnded
        case failed(String)
    }

    private let loaded: Loaded
    private let role: TLSContext.Role
    private let tls: OpaquePointer

    /// Who the peer is, once its certificate is verified.
    private(set) var peer: ServiceIdentity?
    /// How long that certificate was valid still then.
    private(set) var peerLife: Duration?
    private var refusal: LeafRefusal?

    private var input = UnsafeRawBufferPointer(start: nil, count: 0)
    private var output: UnsafeMutablePointer<OutputBuffer>?

    /// `host` is whose name an outbound client wants proved; for other roles nobody's.
    init(_ loaded: Loaded, _ role: TLSContext.Role, host: String? = nil) throws(TLSFault) {
        self.loaded = loaded
        self.role = role
        guard let method = Self.method, let bio = BIO_new(method) else {
            throw .library(takeErrors())
        }
        guard let tls = SSL_new(loaded.context) else {
            BIO_free(bio)
            throw .library(takeErrors())
        }
        self.tls = tls
        let address = Unmanaged.passUnretained(self).toOpaque()
        BIO_set_data(bio, address)
        BIO_set_init(bio, 1)
        // The connection owns it from here, for both directions.
        SSL_set_bio(tls, bio, bio)
        tls_set_owner(tls, address)
        switch role {
        case .server, .web: SSL_set_accept_state(tls)
        case .client, .outbound:
            SSL_set_connect_state(tls)
            // It answers 0 for success, against the custom.
            guard SSL_set_alpn_protos(tls, loaded.protocols, UInt32(loaded.protocols.count)) == 0
            else {
                throw .library(takeErrors())
            }
        }
        if role == .outbound { try expect(host ?? "") }
    }

    /// Has OpenSSL compare the certificate with the name or address: only with its alternative
    /// names, and a wildcard stands for one whole label (RFC 9525 §6.3).
    private func expect(_ host: String) throws(TLSFault) {
        SSL_set_hostflags(
            tls,
            UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        guard let name = ServerName(host) else { throw .library("\(host) is no name of a host") }
        let isSet =
            if name.isAddress {
                X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host) == 1
            } else {
                SSL_set1_host(tls, host) == 1 && tls_set_server_name(tls, host) == 1
            }
        guard isSet else { throw .library(takeErrors()) }
    }

    deinit { SSL_free(tls) }
}

extension TLSEngine {
    /// Goes on with the handshake; takes from the front of `input` what it uses.
    func shakeHands(
        _ input: inout UnsafeRawBufferPointer, _ output: inout OutputBuffer
    ) -> Progress {
        let code = lending(&input, &output) { SSL_do_handshake(tls) }
        guard code == 1 else { return progress(code) }
        return verified()
    }

    /// Opens records into `room`; says how many bytes it wrote and why it stopped.
    func open(
        _ input: inout UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer,
        _ output: inout OutputBuffer
    ) -> (count: Int, Progress) {
        var count = 0
        while count < room.count {
            var part = 0
            let code = lending(&input, &output) {
                SSL_read_ex(
                    tls, room.baseAddress.unsafelyUnwrapped + count, room.count - count, &part)
            }
            guard code == 1 else { return (count, progress(code)) }
            count += part
        }
        return (count, .done)
    }

    /// Seals everything.
    func seal(_ bytes: UnsafeRawBufferPointer, _ output: inout OutputBuffer) -> Progress {
        guard !bytes.isEmpty else { return .done }
        var input = UnsafeRawBufferPointer(start: nil, count: 0)
        var written = 0
        let code = lending(&input, &output) {
            SSL_write_ex(tls, bytes.baseAddress, bytes.count, &written)
        }
        guard code == 1 else { return progress(code) }
        return written == bytes.count ? .done : .failed("sealed only \(written) bytes")
    }

    /// Says to the peer that nothing follows.
    func sealEnd(_ output: inout OutputBuffer) {
        var input = UnsafeRawBufferPointer(start: nil, count: 0)
        // It answers 0, as the peer has not said the same yet: that is no failure.
        _ = lending(&input, &output) { SSL_shutdown(tls) }
        ERR_clear_error()
    }

    /// True when opened bytes wait inside that did not fit.
    var hasOpened: Bool { SSL_pending(tls) > 0 }

    private func lending(
        _ input: inout UnsafeRawBufferPointer, _ output: inout OutputBuffer, _ body: () -> Int32
    ) -> Int32 {
        // What another connection of this thread left in the queue would be taken for ours.
        ERR_clear_error()
        return withUnsafeMutablePointer(to: &output) { pointer in
            self.input = input
            self.output = pointer
            let code = body()
            input = self.input
            self.input = UnsafeRawBufferPointer(start: nil, count: 0)
            self.output = nil
            return code
        }
    }

    private func progress(_ code: Int32) -> Progress {
        switch SSL_get_error(tls, code) {
        case SSL_ERROR_WANT_READ: return .needsInput
        case SSL_ERROR_ZERO_RETURN: return .inputEnded
        default: return .failed(reason())
        }
    }

    private func reason() -> String {
        let queue = takeErrors()
        if let refusal { return "the peer's certificate is refused: \(refusal.rawValue)" }
        let code = SSL_get_verify_result(tls)
        guard code == Int(X509_V_OK) else {
            let text = String(cString: X509_verify_cert_error_string(code))
            return "the peer's certificate is refused: \(text)"
        }
        return queue
    }

    /// What a refusal of the handshake is called: a server in the world that is not believed is
    /// told apart from one that is not the one that was meant.
    func fault(_ reason: String, expecting host: String?) -> TLSFault {
        let code = SSL_get_verify_result(tls)
        guard let host, code != Int(X509_V_OK) else { return .handshake(reason) }
        if code == Int(X509_V_ERR_HOSTNAME_MISMATCH) || code == Int(X509_V_ERR_IP_ADDRESS_MISMATCH)
        {
            return .identity(expected: host, found: "a certificate for other names")
        }
        return .certificate(reason)
    }

    private func verified() -> Progress {
        // OpenSSL would not have finished otherwise; whoever changes its settings shall not rely on
        // that.
        let asksNobody = loaded.identity == nil
        let hasPeer =
            switch role {
            case .server, .client: peer != nil
            case .web: true
            case .outbound: tls_has_peer(tls) == 1
            }
        let version = SSL_version(tls)
        let isRecent =
            version == TLS1_3_VERSION || role == .outbound && version == TLS1_2_VERSION
        guard SSL_get_verify_result(tls) == Int(X509_V_OK), hasPeer, isRecent,
            SSL_session_reused(tls) == 0
        else { return .failed("the peer is not verified") }
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(tls, &name, &count)
        let selected = UnsafeBufferPointer(start: name, count: Int(count))
        // A client that offers no protocol at all means the only one that came before ALPN.
        let isAgreed = selected.elementsEqual(loaded.protocols.dropFirst())
        guard isAgreed || asksNobody && selected.isEmpty else {
            return .failed("the peer did not agree to our protocol")
        }
        return .done
    }
}

// MARK: - What OpenSSL asks

extension TLSEngine {
    func accepts(_ certificate: OpaquePointer, isLeaf: Bool) -> Bool {
        do {
            let isDenied =
                !loaded.denied.isEmpty
                && loaded.denied.contains(Certificate.serial(of: certificate))
            guard !isDenied else { throw LeafRefusal.denied }
            guard isLeaf, role != .outbound else { return true }
            let identity = try Certificate.identity(ofLeaf: certificate)
            guard identity.trustDomain == loaded.identity?.trustDomain else {
                throw LeafRefusal.trustDomain
            }
            peer = identity
            peerLife = Certificate.remainingLife(of: certificate)
            return true
        } catch let refused as LeafRefusal {
            refusal = refused
        } catch {
            refusal = .broken
        }
        return false
    }

    /// Where in the client's list (lengths before names) our protocol stands.
    func positionOfProtocol(_ offered: UnsafePointer<UInt8>, _ count: Int) -> Int? {
        let list = UnsafeBufferPointer(start: offered, count: count)
        var position = 0
        while position < count {
            let size = Int(list[position]) + 1
            guard size <= count - position else { return nil }
            if list[position..<position + size].elementsEqual(loaded.protocols) { return position }
            position += size
        }
        return nil
    }

    /// How OpenSSL reads from and writes to an engine. Immutable once made.
    nonisolated(unsafe) private static let method: OpaquePointer? = {
        let kind = BIO_get_new_index() | BIO_TYPE_SOURCE_SINK
        guard let method = BIO_meth_new(kind, "lent memory") else { return nil }
        BIO_meth_set_read_ex(method) { bio, memory, size, count in
            guard let bio, let memory, let engine = owner(bio) else { return 0 }
            tls_clear_retry(bio)
            let part = min(size, engine.input.count)
            count?.pointee = part
            guard part > 0, let source = engine.input.baseAddress else {
                tls_retry_read(bio)
                return 0
            }
            UnsafeMutableRawPointer(memory).copyMemory(from: source, byteCount: part)
            engine.input = UnsafeRawBufferPointer(rebasing: engine.input[part...])
            return 1
        }
        BIO_meth_set_write_ex(method) { bio, bytes, size, count in
            guard let bio, let engine = owner(bio), let output = engine.output else { return 0 }
            output.pointee.append(UnsafeRawBufferPointer(start: bytes, count: size))
            count?.pointee = size
            return 1
        }
        BIO_meth_set_ctrl(method) { _, command, _, _ in
            // Nothing is held back, so flushing is done at once; other wishes are not known here.
            command == BIO_CTRL_FLUSH ? 1 : 0
        }
        return method
    }()

    private static func owner(_ bio: OpaquePointer) -> TLSEngine? {
        BIO_get_data(bio).map { Unmanaged<TLSEngine>.fromOpaque($0).takeUnretainedValue() }
    }
}
