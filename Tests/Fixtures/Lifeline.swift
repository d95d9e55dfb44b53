import Foundation
import Glibc

extension Process {
    /// Waits until it is gone. `waitUntilExit` waits for the end of a line that the child holds,
    /// which whatever is started in the same moment may inherit: two that are waited for by each
    /// other's parents never end. So the kernel is asked.
    package func awaitEnd() {
        while Installation.lives(processIdentifier) { usleep(1_000) }
    }
}

/// Two ends, one held by this process and one watched by a child of it, which meets the end of
/// the file as soon as this process closes the other or is gone.
///
/// No other child inherits an end, not even one that is started in the same moment: it would
/// keep the line open, and who waits for the watcher would wait for that child too. A pipe that
/// is marked only after it was made leaves that moment open.
struct Lifeline {
    /// To be closed once.
    let held: Int32
    let watched: FileHandle

    init() throws {
        var ends: [Int32] = [0, 0]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EMFILE)
        }
        held = ends[1]
        watched = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
    }
}
