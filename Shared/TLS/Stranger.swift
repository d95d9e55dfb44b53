import Crypto
import Wire

/// Somebody who says that he is one of our services and has the certificate of another authority
/// to show: what a server of ours has to refuse. He believes ours, so that he gets as far as
/// showing it.
package struct Stranger: Sendable {
    package let context: TLSContext
    private let files: [MemoryFile]

    /// - Parameters:
    ///   - identity: Whose name he takes.
    ///   - authorityFile: Of the servers he goes to.
    package init(
        as identity: ServiceIdentity, authorityFile: String
    ) throws(TLSFault) {
        let authority = try PrivateAuthority(
            trustDomain: identity.trustDomain, lifetime: Self.lifetime)
        let leaf = try authority.issue(to: .service(identity))
        let certificate = try MemoryFile(leaf.certificate)
        let key = try MemoryFile(leaf.key.revealed())
        // His own beside ours: a certificate that its owner does not believe is never shown.
        let ours = try CertificateFiles.text(authorityFile)
        let both = try MemoryFile(ours + [UInt8(ascii: "\n")] + authority.issued.certificate)
        files = [certificate, key, both]
        context = try TLSContext(
            role: .client, certificateFile: certificate.path, keyFile: key.path,
            authorityFile: both.path, identity: identity.text)
    }

    private static let lifetime = Duration.seconds(3600)
}
