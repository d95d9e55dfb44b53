import RPC
import Wire

/// Any order of events at either end of a connection: what is closed stays closed, calls are
/// within their limit and numbered upwards, and waking at the time it asked for moves it on.
func fuzz(_ input: UnsafeRawBufferPointer) {
    var choices = Choices(input)
    let end: ConnectionState.End = choices.byte() & 1 == 0 ? .server : .client
    var run = Run(end)
    while !choices.isUsedUp {
        run.step(&choices)
        if run.state.phase == .closed { break }
    }
    run.checkWaking()
    run.checkClosed()
}

private struct Run {
    var state: ConnectionState
    private var now = Duration.zero
    private var last: UInt32 = 0

    init(_ end: ConnectionState.End) {
        var limits = RPCLimits()
        limits.callsMax = 3
        state = ConnectionState(end, limits)
        _ = state.on(.opened)
    }

    mutating func step(_ choices: inout Choices) {
        let before = state.open
        switch choices.byte() % 14 {
        case 0: tell(.frame(FrameHead(length: 8, kind: .hello)))
        case 1:
            let limits = PeerLimits(frameBytesMax: 100, callsMax: Int(choices.byte() % 4) + 1)
            if state.phase == .greeting { tell(.greeted(limits)) }
        case 2: request(UInt32(choices.byte() % 8) + 1, waits: choices.byte() & 1 == 1)
        case 3: answer(UInt32(choices.byte() % 8) + 1)
        case 4: tell(.frame(FrameHead(length: 8, kind: .cancel, call: 2)))
        case 5: tell(.frame(FrameHead(length: 8, kind: .ping)))
        case 6: tell(.frame(FrameHead(length: 8, kind: .pong)))
        case 7: tell(.frame(FrameHead(length: 8, kind: .goaway)))
        case 8: tell(.ended(call: UInt32(choices.byte() % 8) + 1))
        case 9: tell(.heard(now, whole: choices.byte() & 1 == 0, partial: choices.byte() & 1 == 0))
        case 10: tell(choices.byte() & 1 == 0 ? .blocked(now) : .unblocked)
        case 11: tell(.drain(now))
        case 12: issue()
        default:
            now += .milliseconds(choices.number(below: 20_000))
            tell(.tick(now))
            if choices.byte() & 7 == 0 { _ = state.doubt(now) }
        }
        let added = state.open.subtracting(before)
        must(added.count <= 1, "several calls opened at once")
        must(state.open.count <= state.limits.callsMax, "more calls open than allowed")
        must(!state.takesCalls || state.phase == .open, "takes calls and is not open")
    }

    private mutating func tell(_ event: ConnectionState.Event) {
        let effect = state.on(event)
        switch effect {
        case .finish, .cut, .fail: must(state.phase == .closed, "\(effect) and not closed")
        case .nothing, .sendHello, .readHello, .answer, .hold, .deliver, .cancel, .sendPong,
            .sendPing, .sendGoAwayAndPing, .stopIssuing:
            break
        }
    }

    private mutating func request(_ call: UInt32, waits: Bool) {
        let isOpen = state.open.contains(call)
        let effect = state.on(.frame(FrameHead(length: 8, kind: .request, call: call)))
        if effect == .answer {
            must(!isOpen, "answers a call twice")
            if waits { tell(.waits(call: call)) }
        }
    }

    private mutating func answer(_ call: UInt32) {
        let isOpen = state.open.contains(call)
        let effect = state.on(.frame(FrameHead(length: 8, kind: .response, call: call)))
        must(effect != .deliver || isOpen, "delivers an answer nobody waits for")
        if effect == .deliver { _ = state.finishIfDone() }
    }

    private mutating func issue() {
        let takes = state.takesCalls
        guard let number = state.issue() else { return must(!takes, "takes calls and does not") }
        must(number > last, "a call number came again")
        last = number
    }

    /// Followed by its own clock alone a connection comes to an end, and never wakes for nothing.
    mutating func checkWaking() {
        for call in state.open.sorted() { tell(.ended(call: call)) }
        for _ in 0..<64 {
            guard let at = state.wakeAt else { return }
            now = max(now, at)
            tell(.tick(now))
            guard let next = state.wakeAt else { return }
            must(next > now, "wakes again and again at \(now)")
        }
        must(false, "lives on for ever with a silent peer")
    }

    mutating func checkClosed() {
        guard state.phase == .closed else { return }
        must(state.on(.tick(now + .seconds(9999))) == .nothing, "does something when closed")
        let hello = ConnectionState.Event.frame(FrameHead(length: 8, kind: .hello))
        must(state.on(hello) == .nothing, "answers when closed")
        must(state.issue() == nil && state.wakeAt == nil, "is closed and goes on")
    }
}
