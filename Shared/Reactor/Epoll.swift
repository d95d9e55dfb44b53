import CLinux
import Glibc

/// What a descriptor is watched for, and what it reported. The bits are epoll's (epoll_ctl(2)).
package struct Interest: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32

    @inlinable
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let read = Interest(rawValue: EPOLLIN.rawValue)
    package static let write = Interest(rawValue: EPOLLOUT.rawValue)
    /// Reported without being asked for: the descriptor has an error pending.
    package static let failure = Interest(rawValue: EPOLLERR.rawValue)
    /// Reported without being asked for: both directions are shut.
    package static let hangUp = Interest(rawValue: EPOLLHUP.rawValue)
}

/// Whoever owns a watched descriptor. Called on the loop's thread only.
package protocol Watcher: AnyObject {
    /// The descriptor is ready, level-triggered: what is not dealt with is reported again.
    func ready(_ events: Interest)
    /// The loop ends: the descriptor is no longer watched, and whoever waits has to be told.
    func loopEnded()
}

extension Watcher {
    package func loopEnded() {}
}

/// The kernel's list of watched descriptors and beside it, by number, who watches them.
///
/// A number is used again as soon as it is closed, also in the middle of a batch of events. So each
/// registration has a generation that travels through the kernel; an event of an older one is
/// dropped.
struct Epoll: ~Copyable {
    private struct Entry {
        var watcher: (any Watcher)?
        var generation: UInt32 = 0
    }

    static let eventsMax = 256

    private let descriptor: Int32
    private let events: UnsafeMutablePointer<epoll_event>
    private var entries: [Entry] = []

    init() throws(SystemFault) {
        descriptor = clinux_epoll()
        guard descriptor >= 0 else { throw SystemFault("epoll_create1", errno) }
        events = .allocate(capacity: Self.eventsMax)
        events.initialize(repeating: epoll_event(), count: Self.eventsMax)
    }

    deinit {
        events.deallocate()
        _ = Glibc.close(descriptor)
    }

    /// Watches a descriptor, or hands it to a new watcher. False when the kernel refused.
    mutating func watch(_ fd: Int32, _ interest: Interest, _ watcher: any Watcher) -> Bool {
        precondition(fd >= 0)
        let index = Int(fd)
        while entries.count <= index { entries.append(Entry()) }
        entries[index].generation &+= 1
        entries[index].watcher = watcher
        let token = token(fd)
        if control(EPOLL_CTL_ADD, fd, interest, token) { return true }
        // A descriptor whose owner did not say goodbye before closing is still there for us.
        if errno == EEXIST, control(EPOLL_CTL_MOD, fd, interest, token) { return true }
        entries[index].watcher = nil
        return false
    }

    func update(_ fd: Int32, _ interest: Interest) {
        guard isWatched(fd) else { return }
        _ = control(EPOLL_CTL_MOD, fd, interest, token(fd))
    }

    mutating func unwatch(_ fd: Int32) {
        guard isWatched(fd) else { return }
        entries[Int(fd)].watcher = nil
        entries[Int(fd)].generation &+= 1
        // A descriptor closed before is gone from the kernel's list already: nothing to do.
        _ = control(EPOLL_CTL_DEL, fd, [], 0)
    }

    func isWatched(_ fd: Int32) -> Bool {
        fd >= 0 && Int(fd) < entries.count && entries[Int(fd)].watcher != nil
    }

    /// Everybody still watching; afterwards nobody is.
    mutating func removeAll() -> [any Watcher] {
        var watchers: [any Watcher] = []
        for index in entries.indices {
            guard let watcher = entries[index].watcher else { continue }
            watchers.append(watcher)
            unwatch(Int32(index))
        }
        return watchers
    }

    /// How many events arrived within the time; -1 waits for ever.
    func wait(milliseconds: Int32) -> Int {
        let count = epoll_wait(descriptor, events, Int32(Self.eventsMax), milliseconds)
        // EINTR is the only failure possible with our arguments; the next turn waits again.
        return max(0, Int(count))
    }

    /// The watcher of an event of this batch, unless it has left in the meantime.
    func event(_ position: Int) -> (watcher: any Watcher, events: Interest)? {
        let token = clinux_token(events + position)
        let entry = entries[Int(token & 0xffff_ffff)]
        guard entry.generation == UInt32(token >> 32), let watcher = entry.watcher else {
            return nil
        }
        return (watcher, Interest(rawValue: events[position].events))
    }

    private func token(_ fd: Int32) -> UInt64 {
        UInt64(entries[Int(fd)].generation) << 32 | UInt64(UInt32(fd))
    }

    private func control(_ verb: Int32, _ fd: Int32, _ interest: Interest, _ token: UInt64) -> Bool
    {
        clinux_epoll_control(descriptor, verb, fd, interest.rawValue, token) == 0
    }
}
