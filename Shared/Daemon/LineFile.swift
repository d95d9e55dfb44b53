import Glibc
import Reactor
import Wire

/// The lines of a file, read a piece at a time: what is held in memory is bounded, however long
/// the file and its lines are. Blocks for as long as the disk does, so it is for commands alone.
package final class LineFile {
    package struct Line {
        /// From 1, as editors count.
        package let number: Int
        /// Without its end; of a line longer than `lineMax` octets the beginning, with one more.
        package let bytes: ArraySlice<UInt8>
    }

    /// Octets of the file when it was opened; 0 where that is not known.
    package let size: Int64
    /// Octets read so far.
    package private(set) var position: Int64 = 0
    private let descriptor: Int32
    private let lineMax: Int
    private var buffer: [UInt8] = []
    private var start = 0
    private var number = 0
    private var isAtEnd = false

    private static let pieceSize = 256 << 10

    /// - Parameter lineMax: Octets of a line that are given.
    package init(_ path: String, lineMax: Int) throws(SystemFault) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFault("open", errno) }
        self.lineMax = lineMax
        var status = stat()
        size = fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
    }

    deinit { close(descriptor) }

    /// nil at the end.
    package func next() throws(SystemFault) -> Line? {
        var searched = start
        var cut: ArraySlice<UInt8>?
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                return take(cut ?? buffer[start..<end], upTo: end + 1)
            }
            if buffer.count - start > lineMax {
                // What follows of this line is passed over.
                cut = cut ?? buffer[start...]
                start = buffer.count
            }
            searched = buffer.count - start
            if !isAtEnd, try fill() { continue }
            guard cut != nil || start < buffer.count else { return nil }
            return take(cut ?? buffer[start...], upTo: buffer.count)
        }
    }

    private func take(_ bytes: ArraySlice<UInt8>, upTo end: Int) -> Line {
        number += 1
        let line = Line(number: number, bytes: bytes.prefix(lineMax + 1))
        start = end
        return line
    }

    /// Drops what was given and appends a piece; false at the end of the file.
    private func fill() throws(SystemFault) -> Bool {
        buffer.removeFirst(start)
        start = 0
        let count = buffer.count
        var got = 0
        var code: Int32 = 0
        let piece = [UInt8](unsafeUninitializedCapacity: Self.pieceSize) { memory, filled in
            repeat {
                got = read(descriptor, memory.baseAddress, Self.pieceSize)
                code = errno
            } while got < 0 && code == EINTR
            filled = max(0, got)
        }
        guard got >= 0 else { throw SystemFault("read", code) }
        buffer += piece
        position += Int64(got)
        isAtEnd = got == 0
        return buffer.count > count
    }
}
