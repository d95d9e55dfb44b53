import COpenSSL
import Glibc

/// The contents of a small file, wiped when they are no longer needed.
struct OwnFile: ~Copyable {
    private let memory: UnsafeMutableRawBufferPointer
    private let count: Int

    /// A secret file that others may read or change, or its group may change, is refused: whoever
    /// could read it could be us.
    init(_ path: String, bytesMax: Int, isSecret: Bool) throws(TLSFault) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .file(path: path, why: Self.text(of: errno)) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .file(path: path, why: "it is no plain file")
        }
        if isSecret, SecretFile.isOpen(status) {
            throw .file(path: path, why: "its mode lets others at the key; it should be 600 or 640")
        }
        guard status.st_size > 0, status.st_size <= bytesMax else {
            throw .file(path: path, why: "it is empty or larger than \(bytesMax) bytes")
        }
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Int(status.st_size), alignment: 1)
        var count = 0
        while count < memory.count {
            let part = read(
                descriptor, memory.baseAddress.unsafelyUnwrapped + count, memory.count - count)
            guard part > 0 else { break }
            count += part
        }
        self.memory = memory
        self.count = count
    }

    deinit {
        OPENSSL_cleanse(memory.baseAddress, memory.count)
        memory.deallocate()
    }

    func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        body(UnsafeRawBufferPointer(rebasing: memory[..<count]))
    }

    fileprivate static func text(of code: Int32) -> String {
        switch code {
        case ENOENT: "it does not exist"
        case EACCES: "it may not be read"
        default: "it cannot be opened (errno \(code))"
        }
    }
}

/// A file that holds a secret, for those who only watch over it.
package enum SecretFile {
    /// Whether others may read or change it, or its group may change it.
    package static func isOpen(_ path: String) throws(TLSFault) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw .file(path: path, why: OwnFile.text(of: errno))
        }
        return isOpen(status)
    }

    fileprivate static func isOpen(_ status: stat) -> Bool { status.st_mode & 0o027 != 0 }
}
