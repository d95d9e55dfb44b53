import RPC
import Wire

/// What a service does with a request, at one place in one life of its process.
typealias Serving = @Sendable (ServiceRequest, Place) async throws(Fault) -> ServiceAnswer

/// The server's end of a connection.
///
/// Unchecked: touched only by the thread that runs the simulation.
final class ServerEnd: Connection, @unchecked Sendable {
    private let process: VirtualProcess
    private let serve: Serving
    /// Calls whose answers nobody wants any more; their handlers still run.
    private var abandoned: Set<UInt32> = []

    init(_ world: World, _ link: Link, _ process: VirtualProcess, _ serve: @escaping Serving) {
        self.process = process
        self.serve = serve
        super.init(world, link, .server)
    }

    override func perform(
        _ effect: ConnectionState.Effect, _ head: FrameHead?, _ number: UInt64
    ) {
        switch effect {
        case .readHello:
            perform(state.on(.greeted(world.peerLimits)))
        case .sendHello: send(.hello)
        case .answer:
            if let head { answer(head, number) }
        case .cancel:
            if let head { abandoned.insert(head.call) }
        case .sendPong: send(.pong)
        case .sendGoAwayAndPing:
            send(.goaway)
            send(.ping)
        case .stopIssuing: perform(state.finishIfDone())
        case .finish, .cut: close()
        case .fail(let violation): fail(violation)
        case .nothing, .hold, .deliver, .sendPing: break
        }
    }

    private func answer(_ head: FrameHead, _ number: UInt64) {
        guard let request = world.mail.request(number) else {
            return world.checker.violated("R2", "a request was delivered twice")
        }
        _ = state.on(.waits(call: head.call))
        let place = Place(process)
        world.agenda.spawn { [self] in
            let answer: Result<ServiceAnswer, Fault>
            do throws(Fault) {
                answer = .success(try await serve(request, place))
            } catch {
                answer = .failure(error)
            }
            guard place.isAlive else { return }
            answered(head.call, number, answer)
        }
    }

    private func answered(
        _ call: UInt32, _ number: UInt64, _ answer: Result<ServiceAnswer, Fault>
    ) {
        guard state.phase != .closed else { return }
        if abandoned.remove(call) == nil {
            world.mail.post(answer, to: number)
            switch answer {
            case .success: send(.response, call: call, number)
            case .failure: send(.fault, call: call, number)
            }
        }
        perform(state.on(.ended(call: call)))
        if isHeld, state.phase != .closed, state.hasRoom {
            isHeld = false
            read()
        }
    }
}

/// The client's end of a connection.
///
/// Unchecked: touched only by the thread that runs the simulation.
final class ClientEnd: Connection, @unchecked Sendable {
    typealias Outcome = Result<ServiceAnswer, Fault>

    private struct Waiting {
        let call: UInt32
        let number: UInt64
        let resume: (Outcome) -> Void
    }

    private var waiting: [Waiting] = []
    var onHealthy: (() -> Void)?
    /// Takes no more calls. Called once.
    var onRetire: (() -> Void)?

    static let callTime: Moment = .seconds(10)

    init(_ world: World, _ link: Link) { super.init(world, link, .client) }

    override func perform(
        _ effect: ConnectionState.Effect, _ head: FrameHead?, _ number: UInt64
    ) {
        switch effect {
        case .readHello:
            perform(state.on(.greeted(world.peerLimits)))
            onHealthy?()
            onHealthy = nil
        case .sendHello: send(.hello)
        case .deliver:
            if let head { deliver(head.call, number) }
            perform(state.finishIfDone())
        case .sendPing: send(.ping)
        case .sendPong: send(.pong)
        case .stopIssuing:
            retire()
            perform(state.finishIfDone())
        case .finish, .cut: close()
        case .fail(let violation): fail(violation)
        case .nothing, .answer, .hold, .cancel, .sendGoAwayAndPing: break
        }
    }

    /// Sends a request; false when the connection takes none.
    func call(_ request: ServiceRequest, _ resume: @escaping (Outcome) -> Void) -> Bool {
        guard let call = state.issue() else { return false }
        let number = world.mail.post(request)
        waiting.append(Waiting(call: call, number: number, resume: resume))
        send(.request, method: 1, call: call, number)
        world.agenda.after(Self.callTime) { [self] in giveUp(call) }
        setAlarm()
        return true
    }

    private func take(_ call: UInt32) -> Waiting? {
        guard let place = waiting.firstIndex(where: { $0.call == call }) else { return nil }
        return waiting.remove(at: place)
    }

    private func deliver(_ call: UInt32, _ number: UInt64) {
        guard let one = take(call), let answer = world.mail.answer(number) else {
            return world.checker.violated("R3", "an answer was delivered that nobody waits for")
        }
        guard one.number == number else {
            return world.checker.violated("R4", "an answer was delivered to another call")
        }
        one.resume(answer)
    }

    private func giveUp(_ call: UInt32) {
        guard let one = take(call) else { return }
        if state.phase != .closed {
            send(.cancel, call: call)
            perform(state.on(.ended(call: call)))
            if state.phase != .closed { perform(state.doubt(age)) }
            setAlarm()
        }
        one.resume(.failure(Fault(.deadlineExceeded)))
    }

    private func retire() {
        onRetire?()
        onRetire = nil
    }

    override func closed() {
        retire()
        let lost = waiting
        waiting = []
        for one in lost {
            one.resume(.failure(Fault(.unavailable, detail: "connection lost")))
        }
    }
}

/// One service as a gateway's process reaches it: a connection to each replica, made again with
/// pauses, and a call goes to the one with the fewest open.
///
/// Unchecked: touched only by the thread that runs the simulation.
final class ServicePort: @unchecked Sendable {
    private unowned let world: World
    private let here: VirtualProcess
    private let peers: [VirtualProcess]
    private let serve: Serving
    private var connections: [ClientEnd?]
    private var failures: [Int]
    private var rotation = 0

    init(
        _ world: World, from here: VirtualProcess, to peers: [VirtualProcess],
        _ serve: @escaping Serving
    ) {
        self.world = world
        self.here = here
        self.peers = peers
        self.serve = serve
        connections = peers.map { _ in nil }
        failures = peers.map { _ in 0 }
        for seat in peers.indices { connect(seat) }
    }

    private func connect(_ seat: Int) {
        guard !world.agenda.isOver else { return }
        let peer = peers[seat]
        guard here.isUp, peer.isUp else { return again(seat) }
        let link = Link(world)
        here.links.append(link)
        peer.links.append(link)
        world.links.append(link)
        let client = ClientEnd(world, link)
        client.onHealthy = { [self, unowned client] in
            connections[seat] = client
            failures[seat] = 0
        }
        client.onRetire = { [self] in
            connections[seat] = nil
            again(seat)
        }
        let server = ServerEnd(world, link, peer, serve)
        world.servers.append(server)
        server.start()
        client.start()
    }

    private func again(_ seat: Int) {
        failures[seat] += 1
        let longest = Moment.milliseconds(50) << min(failures[seat] - 1, 5)
        world.agenda.after(world.dice.moment((longest / 2)...longest)) { [self] in connect(seat) }
    }

    /// Calls are never sent twice: no method is idempotent.
    func call(_ request: ServiceRequest, _ place: Place) async throws(Fault) -> ServiceAnswer {
        try place.mustLive()
        let outcome: ClientEnd.Outcome = await withUnsafeContinuation { waiting in
            let entry = place.process.waits {
                waiting.resume(returning: .failure(Fault(.unavailable)))
            }
            let isSent =
                pick()?.call(request) { outcome in
                    if place.process.settled(entry) { waiting.resume(returning: outcome) }
                } ?? false
            if !isSent, place.process.settled(entry) {
                waiting.resume(returning: .failure(Fault(.unavailable, retryAfterSeconds: 1)))
            }
        }
        return try outcome.get()
    }

    private func pick() -> ClientEnd? {
        rotation = (rotation + 1) % peers.count
        var best: ClientEnd?
        for offset in peers.indices {
            guard let one = connections[(rotation + offset) % peers.count], one.state.takesCalls
            else { continue }
            if best.map({ one.state.open.count < $0.state.open.count }) ?? true { best = one }
        }
        return best
    }
}
