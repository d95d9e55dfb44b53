import Contracts
import Testing
import Wire

@testable import PolicyService

/// What is decided by, as a value of what was read and when.
struct PolicyMemoryTests {
    private let start = ContinuousClock.now

    private func versions(_ numbers: ClosedRange<UInt64>) -> [TwoFactorSettings] {
        numbers.map {
            TwoFactorSettings(
                version: $0, enforcement: .everyone, verifiers: [Council.totp],
                changedAt: Timestamp(seconds: Int64($0)), reason: "\($0)")
        }
    }

    private func at(_ milliseconds: Int) -> ContinuousClock.Instant {
        start + .milliseconds(milliseconds)
    }

    /// What is in force at a moment; nil when that is refused.
    private func current(_ memory: PolicyMemory, _ milliseconds: Int) -> UInt64? {
        do throws(Fault) {
            return try memory.current(at: at(milliseconds)).version
        } catch {
            #expect(error.reason == .unavailable && error.retryAfterSeconds == 1)
            return nil
        }
    }

    @Test func `nothing is decided before anything was read`() {
        let memory = PolicyMemory()
        #expect(memory.newest == 0)
        #expect(current(memory, 0) == nil)
        memory.load([], at: at(0))
        #expect(current(memory, 0) == nil)
        memory.confirm(0, at: at(0))
        #expect(current(memory, 0) == nil)
    }

    @Test func `what was read serves for a second, and what was confirmed for another`() {
        let memory = PolicyMemory()
        memory.load(versions(1...3), at: at(0))
        #expect(current(memory, 0) == 3)
        #expect(current(memory, 1000) == 3)
        #expect(current(memory, 1001) == nil)
        memory.confirm(3, at: at(900))
        #expect(current(memory, 1900) == 3)
        #expect(current(memory, 1901) == nil)
    }

    @Test func `another version than the newest confirms nothing`() {
        let memory = PolicyMemory()
        memory.load(versions(1...3), at: at(0))
        for number in [0, 2, 4] as [UInt64] { memory.confirm(number, at: at(900)) }
        #expect(current(memory, 1001) == nil)
    }

    @Test func `a reading that comes in late makes nothing older or younger`() {
        let memory = PolicyMemory()
        memory.load(versions(1...3), at: at(500))
        memory.load(versions(1...2), at: at(900))
        #expect(current(memory, 1500) == 3)
        #expect(current(memory, 1501) == nil)
        memory.confirm(3, at: at(100))
        #expect(current(memory, 1500) == 3)
        memory.load(versions(1...3), at: at(200))
        #expect(current(memory, 1500) == 3)
        memory.load(versions(1...4), at: at(400))
        #expect(current(memory, 1400) == 4)
    }

    @Test func `an older version is found as long as it is kept`() {
        let memory = PolicyMemory()
        memory.load(versions(5...9), at: at(0))
        #expect(memory.version(5)?.reason == "5")
        #expect(memory.version(9)?.version == 9)
        #expect(memory.version(4) == nil)
        #expect(memory.version(10) == nil)
    }
}
