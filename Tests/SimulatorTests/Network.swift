import Wire

/// How bad the world is. Drawn from the seed, so that some seeds are calm and some are storms.
struct Weather {
    /// One-way time of a message.
    private(set) var latency: ClosedRange<Moment>
    /// One in so many calls between people and a gateway is lost, on its way or on its way back.
    private(set) var lostOneIn: Int
    /// The same for statements on their way to or from the database.
    private(set) var storeLostOneIn: Int
    /// One in so many statements waits for seconds: for a lock, a disk, a standing machine.
    private(set) var storeSlowOneIn: Int
    /// Pause between two acts of sabotage; nil for none.
    let sabotage: ClosedRange<Moment>?

    init(_ dice: Dice) {
        switch dice.number(below: 4) {
        case 0:
            latency = 100...2_000
            lostOneIn = .max
            storeLostOneIn = .max
            storeSlowOneIn = .max
            sabotage = nil
        case 1:
            latency = 100...50_000
            lostOneIn = 40
            storeLostOneIn = 60
            storeSlowOneIn = 50
            sabotage = .seconds(5)...(.seconds(60))
        default:
            latency = 200...400_000
            lostOneIn = 15
            storeLostOneIn = 40
            storeSlowOneIn = 50
            sabotage = .seconds(1)...(.seconds(30))
        }
    }
}

extension Weather {
    mutating func calmDown() {
        latency = 100...2_000
        lostOneIn = .max
        storeLostOneIn = .max
        storeSlowOneIn = .max
    }
}

/// An end of a virtual connection.
protocol LinkEnd: AnyObject {
    func received(_ bytes: [UInt8])
    func ended()
}

/// A connection as TCP makes one: bytes arrive late, in pieces and in order, or not at all; two
/// connections do not wait for each other. When it is cut, what was under way is gone, and the
/// ends hear of it at different times.
///
/// Unchecked: touched only by the thread that runs the simulation.
final class Link: @unchecked Sendable {
    enum Side: Int { case client, server }

    private unowned let world: World
    private var arrivals: [Moment] = [0, 0]
    private var ends: [(any LinkEnd)?] = [nil, nil]
    private(set) var isCut = false
    /// Nothing arrives before: the network is clogged.
    var cloggedUntil: Moment = 0

    init(_ world: World) { self.world = world }

    private var agenda: Agenda { world.agenda }
    private var dice: Dice { world.dice }

    func attach(_ end: any LinkEnd, as side: Side) { ends[side.rawValue] = end }

    func send(_ bytes: [UInt8], from side: Side) {
        guard !isCut, !agenda.isOver, !bytes.isEmpty else { return }
        guard bytes.count > 1, dice.oneIn(8) else { return deliver(bytes, from: side) }
        let cut = 1 + dice.number(below: bytes.count - 1)
        deliver(Array(bytes[..<cut]), from: side)
        deliver(Array(bytes[cut...]), from: side)
    }

    private func deliver(_ bytes: [UInt8], from side: Side) {
        let receiver = 1 - side.rawValue
        let earliest = max(agenda.now, cloggedUntil) + dice.delay(world.weather.latency)
        arrivals[receiver] = max(arrivals[receiver], earliest)
        agenda.after(arrivals[receiver] - agenda.now) { [self] in
            if !isCut, !agenda.isOver { ends[receiver]?.received(bytes) }
        }
    }

    func cut() {
        guard !isCut else { return }
        isCut = true
        for side in 0...1 {
            // A peer that has vanished without a word is noticed by its silence alone.
            let pause = dice.oneIn(4) ? Moment.seconds(20) : dice.delay(world.weather.latency)
            agenda.after(pause) { [self] in
                ends[side]?.ended()
                ends[side] = nil
            }
        }
    }
}

/// A process that can die at any moment and come back empty. What it was doing then goes no
/// further: whatever waits in it is told, and finds itself of an older life.
///
/// Unchecked: touched only by the thread that runs the simulation.
final class VirtualProcess: @unchecked Sendable {
    let number: UInt64
    private(set) var isUp = true
    private(set) var life = 0
    var links: [Link] = []
    private var waiting: [(number: Int, fail: () -> Void)] = []
    private var waits = 0

    init(_ number: UInt64) { self.number = number }

    func die() {
        isUp = false
        life += 1
        for link in links { link.cut() }
        links = []
        let told = waiting
        waiting = []
        for one in told { one.fail() }
    }

    func start() { isUp = true }

    /// Something waits in this process: `fail` is called when the process dies before `settled`.
    func waits(_ fail: @escaping () -> Void) -> Int {
        waits += 1
        waiting.append((waits, fail))
        return waits
    }

    /// False when the process has died meanwhile, and `fail` was called.
    func settled(_ number: Int) -> Bool {
        guard let place = waiting.firstIndex(where: { $0.number == number }) else { return false }
        waiting.remove(at: place)
        return true
    }
}

/// A process as a task sees that runs in one of its lives.
struct Place: Sendable {
    let process: VirtualProcess
    let life: Int

    init(_ process: VirtualProcess) {
        self.process = process
        life = process.life
    }

    var isAlive: Bool { process.isUp && process.life == life }

    /// Throws when this life of the process is over.
    func mustLive() throws(Fault) {
        guard isAlive else { throw Fault(.unavailable, detail: "the process has died") }
    }
}
