import COpenSSL
import Glibc

/// A file that stands on no disk and goes with its owner: for keys that are made for one
/// connection, also where nothing can be written.
package final class MemoryFile: Sendable {
    private let descriptor: Int32

    /// As long as the owner lives, others of this process read it here.
    package var path: String { "/proc/self/fd/\(descriptor)" }

    package init(_ bytes: [UInt8]) throws(TLSFault) {
        let descriptor = tls_memory_file()
        guard descriptor >= 0 else {
            throw .file(path: "memory", why: "it cannot be made (errno \(errno))")
        }
        self.descriptor = descriptor
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard written == bytes.count, fchmod(descriptor, 0o600) == 0 else {
            throw .file(path: "memory", why: "it cannot be written (errno \(errno))")
        }
    }

    deinit { close(descriptor) }
}
