import Crypto
import Glibc

/// The folder in which an installation keeps its authority and the certificates of its services:
/// `authority.pem` and `.key`, and `NAME.pem` and `.key` for each leaf. What is missing is made,
/// what ends soon is renewed, and an authority is never written over: all machines believe it.
package struct CertificateFolder {
    /// A certificate to be kept.
    package struct Wish: Sendable {
        package let name: String
        package let subject: PrivateAuthority.Subject

        package init(_ name: String, _ subject: PrivateAuthority.Subject) {
            self.name = name
            self.subject = subject
        }
    }

    /// What became of a file.
    package enum Deed: String, Sendable, Equatable {
        case made, renewed, kept
    }

    /// Renewed where less is left: time enough to try again every day.
    package static let renewalTime = Duration.seconds(30 * 86_400)
    package static let authorityName = "authority"

    private let folder: String

    package init(_ folder: String) { self.folder = folder }

    package func certificate(_ name: String) -> String { "\(folder)/\(name).pem" }
    package func key(_ name: String) -> String { "\(folder)/\(name).key" }

    /// Makes and renews. Where it breaks off it may be run again. Services read the new files when
    /// they are sent SIGHUP, or start.
    package func renew(
        _ wishes: [Wish], trustDomain: String,
        leafLifetime: Duration = PrivateAuthority.leafLifetime
    ) throws(TLSFault) -> [(name: String, deed: Deed)] {
        let (authority, deed) = try authority(trustDomain)
        var deeds = [(name: Self.authorityName, deed: deed)]
        for wish in wishes {
            deeds.append((wish.name, try renew(wish, authority, leafLifetime)))
        }
        return deeds
    }

    /// The authority that is there, or a new one where there is nothing at all of an old one.
    private func authority(
        _ trustDomain: String
    ) throws(TLSFault) -> (PrivateAuthority, Deed) {
        let (certificate, key) = (certificate(Self.authorityName), key(Self.authorityName))
        guard !NewFile.exists(certificate), !NewFile.exists(key) else {
            return (try PrivateAuthority(certificateFile: certificate, keyFile: key), .kept)
        }
        let authority = try PrivateAuthority(trustDomain: trustDomain)
        // The key first: a certificate without it could not be told from one that lost it.
        try NewFile.add(key, authority.issued.key.revealed())
        try NewFile.add(certificate, authority.issued.certificate)
        return (authority, .made)
    }

    private func renew(
        _ wish: Wish, _ authority: PrivateAuthority, _ lifetime: Duration
    ) throws(TLSFault) -> Deed {
        let (certificate, key) = (certificate(wish.name), key(wish.name))
        let isThere = NewFile.exists(certificate)
        if isThere, Self.isGood(certificate, key, of: authority) { return .kept }
        let issued = try authority.issue(to: wish.subject, lifetime: lifetime)
        // Between the two, and where it breaks off there, the pair is not good: the next run makes
        // both anew, and a service that reads them meanwhile keeps what it had.
        try NewFile.replace(key, issued.key.revealed())
        try NewFile.replace(certificate, issued.certificate)
        return isThere ? .renewed : .made
    }

    /// Belongs together, is open to nobody else, is believed by whoever believes the authority, and
    /// lasts a while.
    private static func isGood(
        _ certificate: String, _ key: String, of authority: PrivateAuthority
    ) -> Bool {
        do throws(TLSFault) {
            let leaf = try CertificateFiles.certificates(certificate)[0]
            let isPair = try CertificateFiles.isKey(key, of: leaf)
            return isPair && authority.hasIssued(leaf) && leaf.remainingLife > renewalTime
        } catch {
            return false
        }
    }
}

/// Writes whole files that nobody but their owner may read.
private enum NewFile {
    private static let mode: mode_t = 0o600

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// A file that must not be there yet.
    static func add(_ path: String, _ bytes: [UInt8]) throws(TLSFault) {
        let draft = try draft(path, bytes)
        defer { unlink(draft) }
        // Unlike a rename, a link never takes the place of something.
        guard link(draft, path) == 0 else { throw fault(path) }
    }

    static func replace(_ path: String, _ bytes: [UInt8]) throws(TLSFault) {
        let draft = try draft(path, bytes)
        guard rename(draft, path) == 0 else {
            let fault = fault(path)
            unlink(draft)
            throw fault
        }
    }

    /// The file beside its place, on the disk already.
    private static func draft(_ path: String, _ bytes: [UInt8]) throws(TLSFault) -> String {
        var bytes = bytes
        defer { wipe(&bytes) }
        let draft = path + ".new"
        // What a run that broke off has left.
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw fault(draft) }
        defer { close(descriptor) }
        let isWritten = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard isWritten == bytes.count, fsync(descriptor) == 0 else {
            let fault = fault(draft)
            unlink(draft)
            throw fault
        }
        return draft
    }

    private static func fault(_ path: String) -> TLSFault {
        .file(path: path, why: "it cannot be written (errno \(errno))")
    }
}
