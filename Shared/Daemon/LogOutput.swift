import Glibc
import Synchronization

/// Takes whole lines.
package protocol LogOutput: Sendable {
    func write(_ line: [UInt8])
    /// How many lines were lost since this was asked last; nil for none.
    func takeLostCount() -> Int?
}

/// A descriptor, by one write(2) a line. A reader that has stopped reading must not stop the
/// service: when a pipe or terminal is full the line is lost and counted. What must not be lost is
/// in the audit trail, not here.
package final class DescriptorOutput: LogOutput {
    private let descriptor: Int32
    private let mayBlock: Bool
    private let lost = Atomic<Int>(0)

    package init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var status = stat()
        let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        mayBlock = !isFile
    }

    package static let standardError = DescriptorOutput(STDERR_FILENO)

    /// True when somebody watches.
    package var isTerminal: Bool { isatty(descriptor) == 1 }

    package func write(_ line: [UInt8]) {
        if !hasRoom || !writeAll(line) { lost.add(1, ordering: .relaxed) }
    }

    package func takeLostCount() -> Int? {
        guard lost.load(ordering: .relaxed) > 0, hasRoom else { return nil }
        let count = lost.exchange(0, ordering: .relaxed)
        return count > 0 ? count : nil
    }

    private var hasRoom: Bool {
        guard mayBlock else { return true }
        var question = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&question, 1, 0) == 1 && question.revents & Int16(POLLOUT) != 0
    }

    private func writeAll(_ line: [UInt8]) -> Bool {
        line.withUnsafeBytes { bytes in
            var start = 0
            while start < bytes.count {
                let count = Glibc.write(
                    descriptor, bytes.baseAddress.unsafelyUnwrapped + start, bytes.count - start)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return false }
                start += count
            }
            return true
        }
    }
}
