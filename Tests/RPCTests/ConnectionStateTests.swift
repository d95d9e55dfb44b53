import RPC
import Testing

/// Plays one end: what is told it, and what it answers, on a clock that moves by hand.
private struct Transcript {
    var state: ConnectionState
    var now = Duration.zero

    init(_ end: ConnectionState.End, _ limits: RPCLimits = RPCLimits(), lastIssued: UInt32 = 0) {
        state = ConnectionState(end, limits, lastIssued: lastIssued)
        _ = state.on(.opened)
    }

    static let peer = PeerLimits(frameBytesMax: 1000, callsMax: 3)

    mutating func frame(_ kind: Frame.Kind, call: UInt32 = 0) -> ConnectionState.Effect {
        state.on(.frame(FrameHead(length: 8, kind: kind, call: call)))
    }

    mutating func greet() {
        _ = frame(.hello)
        _ = state.on(.greeted(Self.peer))
    }

    mutating func tick(after time: Duration) -> ConnectionState.Effect {
        now += time
        return state.on(.tick(now))
    }

    mutating func heard(partial: Bool = false) {
        _ = state.on(.heard(now, whole: true, partial: partial))
    }
}

private func greeted(
    _ end: ConnectionState.End, _ limits: RPCLimits = RPCLimits(), lastIssued: UInt32 = 0
) -> Transcript {
    var it = Transcript(end, limits, lastIssued: lastIssued)
    it.greet()
    return it
}

struct GreetingTests {
    @Test func `the client speaks first, the server answers`() {
        var client = ConnectionState(.client, RPCLimits())
        #expect(client.on(.opened) == .sendHello)
        var server = Transcript(.server)
        #expect(server.frame(.hello) == .readHello)
        #expect(server.state.on(.greeted(Transcript.peer)) == .sendHello)
        #expect(server.state.phase == .open)
    }

    @Test func `before the hello nothing else is taken, by either end`() {
        for end in [ConnectionState.End.client, .server] {
            for kind in Frame.Kind.allCases where kind != .hello {
                var it = Transcript(end)
                #expect(it.frame(kind, call: 1) == .fail(.helloExpected))
                #expect(it.state.phase == .closed)
            }
        }
    }

    @Test func `a hello that cannot be talked to, or comes twice, ends it`() {
        for violation in [Violation.helloMalformed, .versionUnsupported] {
            var it = Transcript(.server)
            _ = it.frame(.hello)
            #expect(it.state.on(.greetedWrongly(violation)) == .fail(violation))
        }
        var it = greeted(.server)
        #expect(it.frame(.hello) == .fail(.helloRepeated))
    }

    @Test func `a hello without room for a call or a frame is wrong`() {
        let right = Hello(frameBytesMax: 8, callsMax: 1).event
        #expect(right == .greeted(PeerLimits(frameBytesMax: 8, callsMax: 1)))
        let wrong = ConnectionState.Event.greetedWrongly(.helloMalformed)
        #expect(Hello(frameBytesMax: 8, callsMax: 0).event == wrong)
        #expect(Hello(frameBytesMax: 7, callsMax: 1).event == wrong)
    }

    @Test func `a hello that does not come in time ends it`() {
        var it = Transcript(.server)
        #expect(it.tick(after: .seconds(4)) == .nothing)
        #expect(it.tick(after: .seconds(1)) == .fail(.helloLate))
    }

    @Test func `only a small frame is taken before the hello`() {
        #expect(Transcript(.server).state.lengthMax < 300)
        #expect(greeted(.server).state.lengthMax == RPCLimits().frameBytesMax)
    }
}

struct ServerStateTests {
    @Test func `a request is answered, one that waits stays open until it has ended`() {
        var it = greeted(.server)
        #expect(it.frame(.request, call: 1) == .answer)
        #expect(it.state.open.isEmpty)
        #expect(it.frame(.request, call: 2) == .answer)
        _ = it.state.on(.waits(call: 2))
        #expect(it.state.open == [2])
        _ = it.state.on(.ended(call: 2))
        #expect(it.state.open.isEmpty)
    }

    @Test func `the number of an open call is refused, that of an answered one is free again`() {
        var it = greeted(.server)
        _ = it.frame(.request, call: 1)
        _ = it.state.on(.waits(call: 1))
        _ = it.state.on(.ended(call: 1))
        #expect(it.frame(.request, call: 1) == .answer)
        _ = it.state.on(.waits(call: 1))
        #expect(it.frame(.request, call: 1) == .fail(.callRepeated))
    }

    @Test func `what only servers send is refused from a client`() {
        for kind in [Frame.Kind.response, .fault] {
            var it = greeted(.server)
            #expect(it.frame(kind, call: 1) == .fail(.wrongEnd))
        }
    }

    @Test func `at the limit of open calls requests wait, and a few must end before reading on`() {
        var limits = RPCLimits()
        limits.callsMax = 16
        var it = greeted(.server, limits)
        for call in 1...16 as ClosedRange<UInt32> {
            #expect(it.frame(.request, call: call) == .answer)
            _ = it.state.on(.waits(call: call))
        }
        #expect(it.frame(.request, call: 17) == .hold)
        _ = it.state.on(.ended(call: 1))
        #expect(!it.state.hasRoom)
        _ = it.state.on(.ended(call: 2))
        #expect(it.state.hasRoom)
    }

    @Test func `a cancelled call counts as open until its handler has ended`() {
        var it = greeted(.server)
        _ = it.frame(.request, call: 1)
        _ = it.state.on(.waits(call: 1))
        #expect(it.frame(.cancel, call: 1) == .cancel)
        #expect(it.state.open == [1])
        #expect(it.frame(.cancel, call: 9) == .nothing)
    }

    @Test func `a drained connection ends once the ping is back and the calls have ended`() {
        var it = greeted(.server)
        _ = it.frame(.request, call: 1)
        _ = it.state.on(.waits(call: 1))
        #expect(it.state.on(.drain(it.now)) == .sendGoAwayAndPing)
        #expect(it.frame(.request, call: 2) == .answer)
        #expect(it.state.on(.ended(call: 1)) == .nothing)
        #expect(it.frame(.pong) == .finish)
    }

    @Test func `a drained connection waits for its calls, but not for ever`() {
        var it = greeted(.server)
        _ = it.frame(.request, call: 1)
        _ = it.state.on(.waits(call: 1))
        _ = it.state.on(.drain(it.now))
        #expect(it.frame(.pong) == .nothing)
        #expect(it.tick(after: .seconds(9)) == .nothing)
        #expect(it.tick(after: .seconds(1)) == .cut)
    }

    @Test func `a client that says nothing and waits for nothing is let go`() {
        var it = greeted(.server)
        #expect(it.tick(after: .seconds(59)) == .nothing)
        #expect(it.tick(after: .seconds(1)) == .fail(.idle))
        it = greeted(.server)
        _ = it.frame(.request, call: 1)
        _ = it.state.on(.waits(call: 1))
        #expect(it.tick(after: .seconds(100)) == .nothing)
    }

    @Test func `an old connection is asked to be renewed, once`() {
        var it = greeted(.server)
        it.now = .seconds(3599)
        it.heard()
        #expect(it.tick(after: .zero) == .nothing)
        #expect(it.state.wakeAt == .seconds(3600))
        #expect(it.tick(after: .seconds(1)) == .sendGoAwayAndPing)
        #expect(it.tick(after: .seconds(1)) == .nothing)
        #expect(it.frame(.pong) == .finish)
    }

    @Test func `a frame must be whole in time, and bytes of it in between do not help`() {
        var it = greeted(.server)
        it.heard(partial: true)
        it.now += .seconds(6)
        _ = it.state.on(.heard(it.now, whole: false, partial: true))
        #expect(it.tick(after: .seconds(3)) == .nothing)
        #expect(it.tick(after: .seconds(1)) == .fail(.frameSlow))
    }

    @Test func `each cut frame has its own time`() {
        var it = greeted(.server)
        it.heard(partial: true)
        it.now += .seconds(6)
        it.heard(partial: true)
        #expect(it.tick(after: .seconds(6)) == .nothing)
    }

    @Test func `a peer that does not take its answers is given up`() {
        var it = greeted(.server)
        _ = it.state.on(.blocked(it.now))
        #expect(it.tick(after: .seconds(9)) == .nothing)
        #expect(it.tick(after: .seconds(1)) == .fail(.answersUnread))
        it = greeted(.server)
        _ = it.state.on(.blocked(it.now))
        _ = it.state.on(.unblocked)
        #expect(it.tick(after: .seconds(20)) == .nothing)
    }
}

struct ClientStateTests {
    @Test func `no call before the peer's hello`() {
        var it = Transcript(.client)
        #expect(it.state.issue() == nil)
        it.greet()
        #expect(it.state.issue() == 1)
    }

    @Test func `no more calls than the peer allows`() {
        var it = greeted(.client)
        #expect([it.state.issue(), it.state.issue(), it.state.issue()] == [1, 2, 3])
        #expect(it.state.issue() == nil)
        #expect(it.frame(.response, call: 2) == .deliver)
        #expect(it.state.issue() == 4)
    }

    @Test func `a late answer is dropped, one to a call never made ends the connection`() {
        var it = greeted(.client)
        _ = it.state.issue()
        _ = it.state.on(.ended(call: 1))
        #expect(it.frame(.response, call: 1) == .nothing)
        #expect(it.frame(.fault, call: 1) == .nothing)
        #expect(it.frame(.response, call: 2) == .fail(.callNeverIssued))
    }

    @Test func `what only clients send is refused from a server`() {
        for kind in [Frame.Kind.request, .cancel] {
            var it = greeted(.client)
            #expect(it.frame(kind, call: 1) == .fail(.wrongEnd))
        }
    }

    @Test func `after the last number the connection is spent`() {
        var it = greeted(.client, lastIssued: .max - 1)
        #expect(it.state.issue() == .max)
        #expect(it.state.isSpent)
        #expect(it.state.issue() == nil)
    }

    @Test func `a goaway stops new calls and the last answer ends the connection`() {
        var it = greeted(.client)
        _ = it.state.issue()
        #expect(it.frame(.goaway) == .stopIssuing)
        #expect(it.state.issue() == nil)
        #expect(it.state.finishIfDone() == .nothing)
        #expect(it.frame(.response, call: 1) == .deliver)
        #expect(it.state.finishIfDone() == .finish)
    }

    @Test func `silence leads to a ping, and silence after it to the end`() {
        var it = greeted(.client)
        #expect(it.tick(after: .seconds(2)) == .nothing)
        #expect(it.tick(after: .seconds(1)) == .sendPing)
        #expect(it.tick(after: .seconds(1)) == .nothing)
        #expect(it.tick(after: .seconds(1)) == .fail(.silent))
    }

    @Test func `a pong, or anything else, shows that the peer lives`() {
        var it = greeted(.client)
        #expect(it.tick(after: .seconds(3)) == .sendPing)
        #expect(it.frame(.pong) == .nothing)
        it.heard()
        #expect(it.tick(after: .seconds(2)) == .nothing)
        #expect(it.tick(after: .seconds(1)) == .sendPing)
    }

    @Test func `a call without answer makes the client ask at once`() {
        var it = greeted(.client)
        #expect(it.state.doubt(it.now) == .sendPing)
        #expect(it.state.doubt(it.now) == .nothing)
        #expect(it.tick(after: .seconds(2)) == .fail(.silent))
    }
}

struct EitherEndTests {
    @Test func `nothing follows once it is closed`() {
        for end in [ConnectionState.End.client, .server] {
            var it = greeted(end)
            it.state.close()
            for kind in Frame.Kind.allCases { #expect(it.frame(kind, call: 1) == .nothing) }
            #expect(it.tick(after: .seconds(1000)) == .nothing)
            #expect(it.state.wakeAt == nil)
        }
    }

    @Test func `a tick at the time asked for has an effect, so no alarm rings in a tight loop`() {
        for end in [ConnectionState.End.client, .server] {
            for seed in 0..<200 {
                var random = SplitMix64(seed: UInt64(seed))
                var it = Transcript(end)
                if Bool.random(using: &random) { it.greet() }
                if Bool.random(using: &random) { it.heard(partial: true) }
                if Bool.random(using: &random) { _ = it.state.on(.blocked(it.now)) }
                if Bool.random(using: &random) { _ = it.state.on(.drain(it.now)) }
                guard let at = it.state.wakeAt else { continue }
                let effect = it.tick(after: max(.zero, at - it.now))
                #expect(effect != .nothing || it.state.wakeAt.map { $0 > it.now } ?? true)
            }
        }
    }
}

/// A generator whose runs can be repeated by their seed (Steele, Lea, Flood 2014).
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
