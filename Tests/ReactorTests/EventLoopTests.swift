import Fixtures
import Reactor
import Testing
import Wire

/// The loop as an executor: order, timers, and that nothing ever leaves its thread.
@Suite struct EventLoopTests {
    @Test func `work is done in the order in which it was handed over`() async throws {
        try await withRunningLoop { loop in
            let (numbers, feed) = AsyncStream.makeStream(of: Int.self)
            for number in 0..<1000 { loop.perform { feed.yield(number) } }
            loop.perform { feed.finish() }
            var expected = 0
            for await number in numbers {
                #expect(number == expected)
                expected += 1
            }
            #expect(expected == 1000)
        }
    }

    @Test func `a task is on the loop after every suspension`() async throws {
        let pool = BlockingPool(threads: 1, queueMax: 8)
        defer { pool.stop() }
        try await withRunningLoop { loop in
            let onLoop = try await loop.run {
                var all = [loop.isCurrent]
                await loop.sleep(for: .milliseconds(1))
                all.append(loop.isCurrent)
                await Task.yield()
                all.append(loop.isCurrent)
                _ = try await pool.run { 1 }
                all.append(loop.isCurrent)
                try await Task.sleep(for: .milliseconds(1))
                all.append(loop.isCurrent)
                all.append(await concurrent(loop))
                all.append(loop.isCurrent)
                all.append(await Counter().isOn(loop))
                all.append(loop.isCurrent)
                async let child = concurrent(loop)
                all.append(await child)
                all.append(loop.isCurrent)
                await withTaskGroup(of: Bool.self) { group in
                    for _ in 0..<3 { group.addTask { await concurrent(loop) } }
                    for await isOn in group { all.append(isOn) }
                }
                await withCheckedContinuation { continuation in
                    Task.detached { continuation.resume() }
                }
                all.append(loop.isCurrent)
                return all
            }
            #expect(onLoop == Array(repeating: true, count: 15))
        }
    }

    @Test func `a task spawned on the loop runs at once up to its first suspension`() async throws {
        try await withRunningLoop { loop in
            let order = try await loop.run {
                let log = Log()
                loop.spawn {
                    log.add("first half")
                    await loop.sleep(for: .zero)
                    log.add(loop.isCurrent ? "second half" : "elsewhere")
                }
                log.add("after spawn")
                await loop.sleep(for: .milliseconds(5))
                return log.lines
            }
            #expect(order == ["first half", "after spawn", "second half"])
        }
    }

    @Test func `a task spawned from elsewhere runs on the loop`() async throws {
        try await withRunningLoop { loop in
            let isOn = await withCheckedContinuation { continuation in
                loop.spawn { continuation.resume(returning: loop.isCurrent) }
            }
            #expect(isOn)
            #expect(!loop.isCurrent)
            #expect(EventLoop.current == nil)
        }
    }

    @Test func `what is put off to the end of the turn comes after the turn's work`() async throws {
        try await withRunningLoop { loop in
            let log = Log()
            try await loop.run {
                loop.atEndOfTurn { log.add("end") }
                loop.soon { log.add("work") }
                loop.atEndOfTurn {
                    log.add("end too")
                    loop.atEndOfTurn { log.add("end of the end") }
                }
            }
            try await loop.run { await loop.sleep(for: .milliseconds(1)) }
            #expect(log.lines == ["work", "end", "end too", "end of the end"])
        }
    }

    @Test func `the time stands still within a turn and moves between turns`() async throws {
        try await withRunningLoop { loop in
            let (first, second, later) = try await loop.run {
                let first = loop.now
                let second = loop.now
                await loop.sleep(for: .milliseconds(2))
                return (first, second, loop.now)
            }
            #expect(first == second)
            #expect(later - first >= .milliseconds(2))
        }
    }

    @Test func `errors and values come out of run`() async throws {
        struct Refused: Error {}
        try await withRunningLoop { loop in
            let number = try await loop.run { 42 }
            #expect(number == 42)
            await #expect(throws: Refused.self) { try await loop.run { throw Refused() } }
        }
    }

    @Test func `cancelling who waits in run cancels what runs`() async throws {
        try await withRunningLoop { loop in
            let waiting = Task {
                try await loop.run {
                    await loop.sleep(for: .seconds(600))
                    return Task.isCancelled
                }
            }
            waiting.cancel()
            let wasCancelled = try await waiting.value
            #expect(wasCancelled)
        }
    }

    @Test func `run on a loop that has ended is refused`() async throws {
        let loop = try EventLoop(name: "ended")
        loop.start()
        loop.stop()
        loop.join()
        await #expect(throws: LoopStopped.self) { try await loop.run { 1 } }
        loop.perform { Issue.record("ran on a loop that had ended") }
        loop.stop()
    }

    @Test func `stopping wakes sleepers and tells who waits for ever`() async throws {
        let loop = try EventLoop(name: "stopped")
        loop.start()
        let sleeper = Task {
            try await loop.run {
                await loop.sleep(for: .seconds(600))
                return "woken"
            }
        }
        let stuck = Task {
            try await loop.run {
                await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
            }
        }
        try await loop.run { await loop.sleep(for: .milliseconds(20)) }
        loop.stop()
        loop.join()
        #expect(try await sleeper.value == "woken")
        await #expect(throws: LoopStopped.self) { try await stuck.value }
    }

    @Test func `a task that never ends does not keep the loop from stopping`() async throws {
        let loop = try EventLoop(name: "endless")
        loop.start()
        loop.spawn { while true { await loop.sleep(for: .milliseconds(1)) } }
        try await loop.run { await loop.sleep(for: .milliseconds(3)) }
        loop.stop()
        loop.join()
    }

    @Test func `a loop that was never started can be stopped`() async throws {
        let loop = try EventLoop(name: "fresh")
        let waiting = Task { try await loop.run { 1 } }
        await Task.yield()
        loop.stop()
        loop.join()
        await #expect(throws: LoopStopped.self) { try await waiting.value }
    }

    @Test func `a group runs its loops on threads of their own`() async throws {
        let group = try EventLoopGroup(count: 3, name: "many")
        group.start()
        for loop in group.loops {
            let name = try await loop.run { EventLoop.current?.name }
            #expect(name == loop.name)
        }
        group.stop()
        group.join()
    }
}

private actor Counter {
    func isOn(_ loop: EventLoop) -> Bool { loop.isCurrent }
}

@concurrent private func concurrent(_ loop: EventLoop) async -> Bool { loop.isCurrent }
