import COpenSSL

/// Why there is no TLS connection, or none to be had with these files. The texts are for the log.
package enum TLSFault: Error, Sendable, Equatable {
    /// A file that cannot be used.
    case file(path: String, why: String)
    /// Our own certificate would be refused by every peer.
    case ownCertificate(String)
    /// The peer's certificate, protocol or bytes were refused, or it refused ours.
    case handshake(String)
    /// A server that is none of ours has no certificate that we believe.
    case certificate(String)
    /// The peer proved to be someone else than was asked for.
    case identity(expected: String, found: String)
    /// The handshake was not finished in time.
    case timeout
    /// Too many handshakes are under way.
    case overloaded
    /// The task was cancelled.
    case cancelled
    /// OpenSSL refused something that cannot be wrong but for want of memory.
    case library(String)
}

/// Why a certificate is none of a service of ours (SPIFFE X509-SVID §2, §4, §5.2).
package enum LeafRefusal: String, Error, Sendable {
    case authority = "it is a certificate authority"
    case broken = "it has an extension that cannot be read"
    case denied = "its serial number is on the deny list"
    case identity = "its URI is no identity of a service"
    case keyUsage = "its key usage is not critical digitalSignature without certificate signing"
    case noURI = "it names no URI"
    case purposes = "it is not for both server and client authentication"
    case severalURIs = "it names more than one URI"
    case trustDomain = "it belongs to another trust domain"
}

/// The texts of OpenSSL's error queue of this thread, which is empty afterwards.
func takeErrors() -> String {
    var texts: [String] = []
    while case let code = ERR_get_error(), code != 0 {
        texts.append(ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(code)")
    }
    return texts.isEmpty ? "no reason given" : texts.joined(separator: ", ")
}
