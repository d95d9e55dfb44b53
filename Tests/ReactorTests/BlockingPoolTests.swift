import Fixtures
import Glibc
import Synchronization
import Testing

@testable import Reactor

/// What blocks runs elsewhere, in order, and never more than allowed waits.
@Suite struct BlockingPoolTests {
    @Test func `work is done elsewhere and its result comes back`() async throws {
        let pool = BlockingPool(threads: 2, queueMax: 4)
        defer { pool.stop() }
        try await withRunningLoop { loop in
            let (value, isBack) = try await loop.run {
                let value = try await pool.run { loop.isCurrent ? "on the loop" : "elsewhere" }
                return (value, loop.isCurrent)
            }
            #expect(value == "elsewhere" && isBack)
        }
    }

    @Test func `what is more than the queue holds is refused at once`() async throws {
        let pool = BlockingPool(threads: 1, queueMax: 2)
        let gate = Gate()
        let running = Task { try await pool.run { gate.wait() } }
        await gate.untilSomebodyWaits()
        let log = Log()
        let first = Task { try await pool.run { log.add("first") } }
        while pool.waiting < 1 { await Task.yield() }
        let second = Task { try await pool.run { log.add("second") } }
        while pool.waiting < 2 { await Task.yield() }
        await #expect(throws: PoolRefusal.queueFull) { try await pool.run { log.add("never") } }
        gate.open()
        try await running.value
        try await first.value
        try await second.value
        #expect(log.lines == ["first", "second"])
        try await pool.run { log.add("again") }
        pool.stop()
        await #expect(throws: PoolRefusal.stopped) { try await pool.run { log.add("never") } }
    }

    @Test func `cancelled work that waits is not begun`() async throws {
        let pool = BlockingPool(threads: 1, queueMax: 8)
        let gate = Gate()
        let running = Task { try await pool.run { gate.wait() } }
        await gate.untilSomebodyWaits()
        let log = Log()
        let cancelled = Task { try await pool.run { log.add("cancelled") } }
        while pool.waiting < 1 { await Task.yield() }
        cancelled.cancel()
        await #expect(throws: PoolRefusal.cancelled) { try await cancelled.value }
        #expect(pool.waiting == 0)
        // What has begun is finished, cancelled or not.
        running.cancel()
        gate.open()
        try await running.value
        pool.stop()
        #expect(log.lines.isEmpty)
    }

    @Test func `stopping refuses what waits`() async throws {
        let pool = BlockingPool(threads: 1, queueMax: 8)
        let gate = Gate()
        let running = Task { try await pool.run { gate.wait() } }
        await gate.untilSomebodyWaits()
        let waiting = Task { try await pool.run {} }
        while pool.waiting < 1 { await Task.yield() }
        let stopping = startThread(name: "stop") { pool.stop() }
        await #expect(throws: PoolRefusal.stopped) { try await waiting.value }
        gate.open()
        try await running.value
        pthread_join(stopping, nil)
    }

    @Test func `the threads are nice`() async throws {
        let pool = BlockingPool(threads: 1, queueMax: 1, nice: 19)
        defer { pool.stop() }
        let nice = try await pool.run { getpriority(__priority_which_t(0), 0) }
        #expect(nice == 19)
    }

    @Test func `names are resolved, and addresses are their own`() async throws {
        let pool = BlockingPool(threads: 1, queueMax: 8)
        defer { pool.stop() }
        let resolver = Resolver(pool: pool)
        let own = try await resolver.resolve("192.0.2.7", port: 80)
        #expect(own == [.ipv4(0xc000_0207, port: 80)])
        let local = try await resolver.resolve("localhost", port: 81)
        #expect(
            local.contains(.ipv4(0x7f00_0001, port: 81))
                || local.contains(SocketAddress("[::1]:81")!))
        await #expect(throws: ResolveFault.self) {
            try await resolver.resolve("no such name.invalid", port: 1)
        }
    }
}

/// Holds a thread until it is opened.
private final class Gate: Sendable {
    private let isOpen = Atomic(false)
    private let isWaiting = Atomic(false)

    func wait() {
        isWaiting.store(true, ordering: .sequentiallyConsistent)
        while !isOpen.load(ordering: .sequentiallyConsistent) { usleep(200) }
    }

    func open() { isOpen.store(true, ordering: .sequentiallyConsistent) }

    func untilSomebodyWaits() async {
        while !isWaiting.load(ordering: .sequentiallyConsistent) { await Task.yield() }
    }
}

@Suite struct SocketAddressTests {
    @Test(arguments: [
        "127.0.0.1:8080", "0.0.0.0:0", "255.255.255.255:65535", "[::1]:8080", "[::]:1",
        "[2001:db8::1]:443", "[fe80::1%1]:22", "unix:/run/dubbelslot.socket",
    ])
    func `addresses are read and written alike`(_ text: String) {
        #expect(SocketAddress(text)?.description == text)
    }

    @Test(arguments: [
        "", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1",
        "127.0.0.1:080", "127.0.0.1:1 ", "127.1:80", "0177.0.0.1:80", "256.0.0.1:80",
        "localhost:80",
        "::1:80", "[::1]", "[]:80", "[::1%]:80", "[::1]x:80", "[127.0.0.1]:80", "unix:",
        "1.2.3.4\u{0}:80",
    ])
    func `what is no address is refused`(_ text: String) {
        #expect(SocketAddress(text) == nil)
    }

    @Test func `paths fit the kernel's field exactly`() {
        let path = String(repeating: "p", count: SocketAddress.unixPathMax)
        #expect(SocketAddress("unix:\(path)") != nil)
        #expect(SocketAddress("unix:\(path)p") == nil)
    }

    @Test func `networks are whole IPv4 addresses and halves of IPv6 ones`() throws {
        let four = try #require(SocketAddress("192.0.2.1:1"))
        let mapped = try #require(SocketAddress("[::ffff:192.0.2.1]:2"))
        #expect(four.network == mapped.network)
        let one = try #require(SocketAddress("[2001:db8:0:1::1]:1"))
        let neighbour = try #require(SocketAddress("[2001:db8:0:1:ffff::2]:2"))
        let other = try #require(SocketAddress("[2001:db8:0:2::1]:1"))
        #expect(one.network == neighbour.network)
        #expect(one.network != other.network && one.network != four.network)
    }
}
