import Fixtures
import Glibc
import Reactor
import Testing
import Wire

/// Listening: bounds, exhausted descriptors, shared ports, and descriptors that are used again.
@Suite struct TCPListenerTests {
    @Test func `one connection more than allowed is closed at once, and room is made again`()
        async throws
    {
        try await withRunningLoop { loop in
            try await loop.run {
                let server = StreamRecorder()
                let listener = try TCPListener(
                    loop: loop, address: loopback, connectionsMax: 2
                ) { server.take($0) }
                func connect() async throws -> (SocketStream, StreamRecorder) {
                    let stream = try await SocketStream.connect(
                        to: listener.address, on: loop, timeout: .seconds(5))
                    let recorder = StreamRecorder()
                    stream.start(recorder)
                    return (stream, recorder)
                }
                let (first, _) = try await connect()
                let (second, _) = try await connect()
                let (_, refused) = try await connect()
                _ = await refused.end()
                #expect(listener.connections == 2 && listener.refused == 1)
                first.write("still here")
                await server.until { server.text == "still here" }
                second.close()
                await server.until { !server.ends.isEmpty }
                while listener.connections == 2 { await loop.sleep(for: .milliseconds(1)) }
                let (third, _) = try await connect()
                third.write("!")
                await server.until { server.text == "still here!" }
                listener.close()
            }
        }
    }

    @Test func `an accepted stream that nobody keeps is closed and counted out`() async throws {
        try await withRunningLoop { loop in
            try await loop.run {
                let listener = try TCPListener(loop: loop, address: loopback) { _ in }
                let recorder = StreamRecorder()
                let client = try await SocketStream.connect(
                    to: listener.address, on: loop, timeout: .seconds(5))
                client.start(recorder)
                _ = await recorder.end()
                #expect(listener.connections == 0)
            }
        }
    }

    @Test func `who has connected before it closes is accepted, with what was sent`() async throws {
        try await withRunningLoop { loop in
            try await loop.run {
                let server = StreamRecorder()
                let listener = try TCPListener(loop: loop, address: loopback) { server.take($0) }
                // In one turn of the loop: the kernel answers for a listener that has not looked.
                let client = HTTPTestClient(port: listener.port)
                try client.sendRaw(Array("in time".utf8))
                listener.close()
                await server.until { server.text == "in time" }
            }
        }
    }

    @Test func `several loops share a port`() async throws {
        let group = try EventLoopGroup(count: 2, name: "shared")
        group.start()
        defer {
            group.stop()
            group.join()
        }
        let log = Log()
        let first = try TCPListener(loop: group.loops[0], address: loopback) { _ in log.add("0") }
        let second = try TCPListener(loop: group.loops[1], address: first.address) { _ in
            log.add("1")
        }
        #expect(first.port == second.port && first.port != 0)
        let address = first.address
        let loop = group.loops[0]
        try await loop.run {
            for _ in 0..<64 {
                let recorder = StreamRecorder()
                let stream = try await SocketStream.connect(
                    to: address, on: loop, timeout: .seconds(5))
                stream.start(recorder)
                _ = await recorder.end()
            }
        }
        #expect(Set(log.lines) == ["0", "1"])
    }

    @Test func `a port in use without sharing is refused`() async throws {
        try await withRunningLoop { loop in
            let first = try TCPListener(loop: loop, address: loopback, reusePort: false) { _ in }
            #expect(throws: SystemFault("bind", EADDRINUSE)) {
                _ = try TCPListener(loop: loop, address: first.address, reusePort: false) { _ in }
            }
            first.close()
        }
    }

    @Test
    func `X-01 without descriptors the listener waits, and accepts when there are some again`()
        async throws
    {
        // The limit is the whole process's: in a child, so that other tests do not suffer.
        await #expect(processExitsWith: .exitCode(0)) {
            let accepted = try await acceptAfterExhaustion()
            exit(accepted ? 0 : 1)
        }
    }
}

private func acceptAfterExhaustion() async throws -> Bool {
    try await withRunningLoop { loop in
        try await loop.run {
            let server = StreamRecorder()
            let listener = try TCPListener(loop: loop, address: loopback) { server.take($0) }
            let client = RawSocket()
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            var low = rlimit(rlim_cur: 64, rlim_max: limit.rlim_max)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &low)
            var taken: [Int32] = []
            while case let descriptor = open("/dev/null", O_RDONLY), descriptor >= 0 {
                taken.append(descriptor)
            }
            client.connect(to: listener.address)
            client.send("q")
            await loop.sleep(for: .milliseconds(20))
            let before = processorTimeOfThread
            await loop.sleep(for: .milliseconds(50))
            // A loop that spun would have taken all of these 50 ms.
            let isQuiet = processorTimeOfThread - before < .milliseconds(25)
            for descriptor in taken { close(descriptor) }
            await server.until { server.bytes.count == 1 }
            listener.close()
            return isQuiet
        }
    }
}

/// Descriptors of others on the loop, and the hazards of numbers that are used again.
@Suite struct WatchTests {
    @Test func `a descriptor of somebody else is watched, updated and let go`() async throws {
        try await withRunningLoop { loop in
            try await loop.run {
                let pipe = TestPipe()
                let watcher = EventCounter(pipe.reading)
                loop.watch(pipe.reading, .read, watcher)
                pipe.put()
                await watcher.until(1)
                loop.update(pipe.reading, [])
                pipe.put()
                await loop.sleep(for: .milliseconds(3))
                #expect(watcher.count == 1)
                loop.update(pipe.reading, .read)
                await watcher.until(2)
                loop.unwatch(pipe.reading)
                pipe.put()
                await loop.sleep(for: .milliseconds(3))
                #expect(watcher.count == 2)
                loop.unwatch(pipe.reading)
                pipe.close()
            }
        }
    }

    @Test func `what is not dealt with is reported again`() async throws {
        try await withRunningLoop { loop in
            try await loop.run {
                let pipe = TestPipe()
                let watcher = EventCounter(pipe.reading, reads: false)
                loop.watch(pipe.reading, .read, watcher)
                pipe.put()
                await watcher.until(5)
                loop.unwatch(pipe.reading)
                pipe.close()
            }
        }
    }

    @Test func `an event of a number that was closed and used again in the same batch is dropped`()
        async throws
    {
        try await withRunningLoop { loop in
            try await loop.run {
                // Both are ready in one batch; the first to be called closes the other and takes
                // its number for a new one, which is not ready.
                let pipes = [TestPipe(), TestPipe()]
                let fresh = EventCounter(-1)
                let rivals = [Rival(), Rival()]
                for index in 0...1 {
                    rivals[index].onReady = {
                        let other = pipes[1 - index]
                        rivals[1 - index].onReady = { Issue.record("an old event was delivered") }
                        loop.unwatch(pipes[index].reading)
                        loop.unwatch(other.reading)
                        dup2(pipes[index].writing, other.reading)
                        fresh.descriptor = other.reading
                        loop.watch(other.reading, .read, fresh)
                    }
                    loop.watch(pipes[index].reading, .read, rivals[index])
                }
                for pipe in pipes { pipe.put() }
                await loop.sleep(for: .milliseconds(5))
                #expect(fresh.descriptor >= 0 && fresh.count == 0)
                loop.unwatch(fresh.descriptor)
                for pipe in pipes { pipe.close() }
            }
        }
    }

    @Test func `a descriptor closed without a word can be watched again`() async throws {
        try await withRunningLoop { loop in
            try await loop.run {
                let (first, second) = (TestPipe(), TestPipe())
                loop.watch(first.reading, .read, EventCounter(first.reading))
                // The number now belongs to the other pipe; the kernel has forgotten the first.
                dup2(second.reading, first.reading)
                let watcher = EventCounter(first.reading)
                loop.watch(first.reading, .read, watcher)
                second.put()
                await watcher.until(1)
                loop.unwatch(first.reading)
                first.close()
                second.close()
            }
        }
    }

    @Test func `a descriptor that cannot be watched says so`() async throws {
        try await withRunningLoop { loop in
            try await loop.run {
                let file = open("/proc/self/exe", O_RDONLY)
                defer { close(file) }
                let watcher = EventCounter(file, reads: false)
                loop.watch(file, .read, watcher)
                await watcher.until(1)
                #expect(watcher.events == .failure)
            }
        }
    }
}

/// Counts events. Lives on one loop.
private final class EventCounter: Watcher {
    var descriptor: Int32
    private let reads: Bool
    private(set) var count = 0
    private(set) var events: Interest = []
    private var goal = 0
    private var waiting: CheckedContinuation<Void, Never>?

    init(_ descriptor: Int32, reads: Bool = true) {
        self.descriptor = descriptor
        self.reads = reads
    }

    func ready(_ events: Interest) {
        self.events = events
        count += 1
        var number: UInt64 = 0
        if reads { _ = read(descriptor, &number, 8) }
        guard count >= goal else { return }
        waiting?.resume()
        waiting = nil
    }

    func until(_ goal: Int) async {
        guard count < goal else { return }
        self.goal = goal
        await withCheckedContinuation { waiting = $0 }
    }
}

private final class Rival: Watcher {
    var onReady: () -> Void = {}
    func ready(_ events: Interest) { onReady() }
}
