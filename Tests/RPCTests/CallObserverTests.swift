import RPC
import Reactor
import Testing
import Wire

struct CallObserverTests {
    private let trace = Trace(high: 7, low: 8, parentSpan: 9)

    @Test func `every call is told of once, with its end and its trace`() async throws {
        try await onLoop { loop in
            let world = EchoWorld(loop)
            let peer = world.connect()
            try await peer.greet()
            let fields = RequestFields(trace: trace)
            peer.request(EchoContract.echo, call: 1, EchoMessage("x"), fields)
            peer.request(EchoContract.asyncEcho, call: 2, EchoMessage("x"), fields)
            peer.request(EchoContract.later, call: 3, EchoMessage("x", milliseconds: 2), fields)
            peer.request(EchoContract.refuse, call: 4, EchoMessage("x", milliseconds: 1), fields)
            peer.request(EchoContract.policyOnly, call: 5, EchoMessage("x"), fields)
            for _ in 1...5 { _ = try await peer.next() }
            let calls = world.calls.all
            #expect(calls.count == 5)
            let ends = Dictionary(uniqueKeysWithValues: calls.map { ($0.method, $0.end) })
            #expect(
                ends == [
                    EchoContract.echo.number: .ok, EchoContract.asyncEcho.number: .ok,
                    EchoContract.later.number: .ok, EchoContract.refuse.number: .refused,
                    EchoContract.policyOnly.number: .refused,
                ])
            for call in calls where call.method != EchoContract.policyOnly.number {
                #expect(call.trace == trace)
            }
            let later = calls.first { $0.method == EchoContract.later.number }
            #expect(try #require(later).time >= .milliseconds(1))
        }
    }

    @Test func `a call that is cancelled or too late is told of once`() async throws {
        try await onLoop { loop in
            let world = EchoWorld(loop)
            let peer = world.connect()
            try await peer.greet()
            peer.request(EchoContract.once, call: 1, EchoMessage.gated)
            peer.request(
                EchoContract.later, call: 2, EchoMessage.gated,
                RequestFields(deadlineMilliseconds: 5))
            peer.send(.cancel, call: 1)
            #expect(try await peer.next().kind == .fault)
            world.log.isGateOpen = true
            try await peer.until { world.log.ended == 2 }
            await loop.sleep(for: .milliseconds(5))
            let ends = world.calls.all.map(\.end)
            #expect(Set(ends) == [.canceled, .deadlineExceeded])
            #expect(ends.count == 2)
        }
    }
}
