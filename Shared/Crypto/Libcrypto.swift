import COpenSSL
import Wire

/// What went wrong in cryptography. For the log and for branching inside a service; a caller
/// outside never learns more than that something was refused.
package enum CryptoFault: Error, Sendable, Equatable {
    /// libcrypto refused: out of memory, no such algorithm, no entropy. `detail` is its error
    /// queue, oldest first.
    case library(operation: String, detail: String)
    /// The tag does not fit: the value was changed, moved to another place, or sealed by another
    /// key of the same name. Which of these it was cannot be told.
    case inauthentic
    /// The bytes are not in our format, or of a version unknown here.
    case malformed
    /// Sealed by a key that is not in the ring.
    case keyUnknown(name: String)
    /// A key, nonce, point or parameter outside its bounds.
    case outOfBounds(what: String)
}

/// The way into libcrypto 3.0: algorithms fetched once, its error queue drained into faults.
package enum Libcrypto {
    /// Fails when the library lacks an algorithm we need, for example under a foreign
    /// configuration. Called once at the start of a process, so that hashing need not throw.
    package static func check() throws(CryptoFault) {
        let digests = [sha1, sha256, sha512]
        guard digests.allSatisfy({ $0 != nil }), hkdf != nil else {
            throw fault("fetching digests and HKDF")
        }
        let ciphers = [aes128GCM, aes192GCM, aes256GCM]
        guard ciphers.allSatisfy({ $0 != nil }) else { throw fault("fetching AES-GCM") }
        _ = try Random.bytes(1)
    }

    // Fetched once, never freed and never changed by libcrypto afterwards, so that every thread
    // may read them: hence `nonisolated(unsafe)`.
    nonisolated(unsafe) static let sha1 = EVP_MD_fetch(nil, "SHA1", nil)
    nonisolated(unsafe) static let sha256 = EVP_MD_fetch(nil, "SHA256", nil)
    nonisolated(unsafe) static let sha512 = EVP_MD_fetch(nil, "SHA512", nil)
    nonisolated(unsafe) static let aes128GCM = EVP_CIPHER_fetch(nil, "AES-128-GCM", nil)
    nonisolated(unsafe) static let aes192GCM = EVP_CIPHER_fetch(nil, "AES-192-GCM", nil)
    nonisolated(unsafe) static let aes256GCM = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)
    nonisolated(unsafe) static let hkdf = EVP_KDF_fetch(nil, "HKDF", nil)

    /// An address for empty buffers: several functions take a null pointer for "not given".
    /// `nonisolated(unsafe)`: it stands for no bytes, so no thread ever reads or writes there; the
    /// address itself is constant.
    nonisolated(unsafe) static let nowhere = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)

    /// The error queue of this thread as a fault; the queue is empty afterwards.
    static func fault(_ operation: StaticString) -> CryptoFault {
        var lines: [String] = []
        var text = [CChar](repeating: 0, count: 256)
        while lines.count < 8 {
            let code = ERR_get_error()
            if code == 0 { break }
            ERR_error_string_n(code, &text, text.count)
            lines.append(String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self))
        }
        ERR_clear_error()
        return .library(
            operation: operation.description, detail: lines.joined(separator: "; "))
    }

    /// Most of libcrypto answers 1 for success.
    static func checked(_ operation: StaticString, _ status: Int32) throws(CryptoFault) {
        guard status == 1 else { throw fault(operation) }
    }
}

/// Contiguous bytes that are lent out for the time of a call: arrays, fields of messages,
/// secrets, memory of a buffer.
package protocol ByteSource {
    func lend<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R
}

extension ByteSource {
    /// The same with a typed address that is never null, as libcrypto wants it.
    func octets<R, E: Error>(
        _ body: (UnsafePointer<UInt8>, Int) throws(E) -> R
    ) throws(E) -> R {
        try lend { (bytes: UnsafeRawBufferPointer) throws(E) -> R in
            let address = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
            return try body(address ?? UnsafePointer(Libcrypto.nowhere), bytes.count)
        }
    }
}

extension Array: ByteSource where Element == UInt8 {
    package func lend<R, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try span.bytes.withUnsafeBytes(body)
    }
}

extension ArraySlice: ByteSource where Element == UInt8 {
    package func lend<R, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try span.bytes.withUnsafeBytes(body)
    }
}

extension UnsafeRawBufferPointer: ByteSource {
    package func lend<R, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(self)
    }
}

extension Bytes: ByteSource {
    package func lend<R, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try withUnsafeBytes(body)
    }
}
