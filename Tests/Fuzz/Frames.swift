import RPC
import Wire

/// Octets of a connection, read as either end reads them: whole and cut anywhere they have the
/// same effects, no frame is longer than agreed, and its fields lie within it.
func fuzz(_ input: UnsafeRawBufferPointer) {
    var choices = Choices(input)
    let end: ConnectionState.End = choices.byte() & 1 == 0 ? .server : .client
    let (octets, cut) = choices.cutRest()
    checkPrefixes(octets)
    var whole = Reader(end)
    whole.read(octets, upTo: octets.count)
    var split = Reader(end)
    split.read(octets, upTo: cut)
    split.read(octets, upTo: octets.count)
    must(whole.effects == split.effects, "cut at \(cut): \(split.effects), \(whole.effects)")
}

/// What a prefix was taken for stays: more octets only decide what was open.
private func checkPrefixes(_ octets: UnsafeRawBufferPointer) {
    let whole = FrameHead.scan(octets, lengthMax: 200)
    for count in 0..<min(octets.count, 20) {
        let prefix = UnsafeRawBufferPointer(rebasing: octets.prefix(count))
        let scan = FrameHead.scan(prefix, lengthMax: 200)
        must(scan == .incomplete || scan == whole, "\(count) octets: \(scan), then \(whole)")
    }
}

/// The loop of both connections, without their streams and handlers.
private struct Reader {
    var effects: [ConnectionState.Effect] = []
    private var state: ConnectionState
    private var consumed = 0
    /// In the order of their arrival.
    private var waiting: [UInt32] = []

    init(_ end: ConnectionState.End) {
        var limits = RPCLimits()
        limits.callsMax = 2
        limits.frameBytesMax = 200
        state = ConnectionState(end, limits, lastIssued: end == .client ? 5 : 0)
        effects.append(state.on(.opened))
    }

    mutating func read(_ octets: UnsafeRawBufferPointer, upTo end: Int) {
        while state.phase != .closed {
            let rest = UnsafeRawBufferPointer(rebasing: octets[consumed..<end])
            switch FrameHead.scan(rest, lengthMax: state.lengthMax) {
            case .incomplete: return
            case .violation: return state.close()
            case .frame(let head):
                must(head.frameBytes <= rest.count, "a frame that is not here")
                must(head.length <= state.lengthMax, "a frame over its limit")
                let body = rest[Frame.headBytes..<head.frameBytes]
                guard take(head, UnsafeRawBufferPointer(rebasing: body)) else { continue }
                consumed += head.frameBytes
            }
        }
    }

    /// False when the frame is to be given again.
    private mutating func take(_ head: FrameHead, _ body: UnsafeRawBufferPointer) -> Bool {
        let effect = state.on(.frame(head))
        effects.append(effect)
        must(state.open.count <= state.limits.callsMax, "more calls open than allowed")
        switch effect {
        case .readHello: effects.append(state.on(greeting(body)))
        case .answer: answer(head, body)
        case .hold:
            let oldest = waiting.removeFirst()
            effects.append(state.on(.ended(call: oldest)))
            return false
        case .deliver: _ = state.finishIfDone()
        case .fail: must(state.phase == .closed, "failed and open")
        case .nothing, .sendHello, .cancel, .sendPong, .sendPing, .sendGoAwayAndPing,
            .stopIssuing, .finish, .cut:
            break
        }
        return true
    }

    private func greeting(_ body: UnsafeRawBufferPointer) -> ConnectionState.Event {
        do throws(WireFault) {
            return try Hello(decoding: body).event
        } catch {
            return .greetedWrongly(.helloMalformed)
        }
    }

    private mutating func answer(_ head: FrameHead, _ body: UnsafeRawBufferPointer) {
        var call = CallHead(caller: .service(identity: "spiffe://a/b"))
        guard let payload = call.read(head.flags, body) else { return state.close() }
        must(payload.count <= body.count, "a payload longer than its frame")
        let fields = [
            call.deadlineMilliseconds == nil ? 0 : 4, call.requestID == nil ? 0 : 16,
            call.trace == nil ? 0 : 24, call.bearer.map { $0.count + 1 } ?? 0,
        ]
        must(fields.reduce(payload.count, +) == body.count, "fields and payload are not all")
        guard head.method & 1 == 1 else { return }
        effects.append(state.on(.waits(call: head.call)))
        waiting.append(head.call)
    }
}
