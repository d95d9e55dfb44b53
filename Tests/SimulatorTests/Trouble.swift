import Contracts
import RPC
import Wire

/// Knows a password and hears every code. Guesses many at once, plays heard codes back, brings
/// his own factor to another's sign-in, shows what his own browser or the victim's is known by, and
/// has patience.
///
/// Unchecked: touched only by the thread that runs the simulation.
final class Thief: @unchecked Sendable {
    private unowned let world: World
    private let victim: Person
    private let himself: Person

    init(_ world: World, victim: Person, himself: Person) {
        self.world = world
        self.victim = victim
        self.himself = himself
    }

    private var dice: Dice { world.dice }
    private var agenda: Agenda { world.agenda }

    func live() async {
        while !agenda.isOver {
            await agenda.sleep(dice.delay(500_000...(.seconds(world.isLong ? 200 : 6))))
            if agenda.isOver { return }
            switch dice.number(below: 4) {
            case 0: await guessPasswords()
            case 1: await guessCodes(with: "123456", at: nil)
            case 2: await bringOwnFactor()
            default: await insist()
            }
        }
    }

    /// None, his own, or a copy of the victim's.
    private func cookie() -> Int? { dice.pick([nil, himself.cookie, victim.cookie]) }

    private func begin() async -> Step? {
        let gateway = dice.pick(world.gateways), user = victim.user
        let password = victim.passwords[0], trace = world.newTrace(), cookie = cookie()
        // A copy of what the victim's browser holds, or held.
        let trust = dice.oneIn(2) ? victim.trusts.randomElement(by: dice) : nil
        let answer = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.start(user, password, trace: trace, cookie, trust: trust, place)
        }
        guard case .success(let step) = answer else { return nil }
        return step
    }

    /// A burst at the victim, or at somebody who does not exist.
    private func guessPasswords() async {
        let user = dice.oneIn(4) ? UserID(high: 1, low: 99) : victim.user
        for number in 0..<(2 + dice.number(below: 10)) {
            let gateway = dice.pick(world.gateways), trace = world.newTrace(), cookie = cookie()
            agenda.spawn { [self] in
                _ = await world.ask(gateway) { (place) async throws(Fault) in
                    try await gateway.start(user, "guess \(number)", trace: trace, cookie, place)
                }
            }
        }
    }

    private func guessCodes(with code: String, at known: (ticket: Int, AuthenticatorID)?) async {
        var target = known
        if target == nil, case .verify(let ticket, let choices, _) = await begin() {
            target = choices.first.map { (ticket, $0.id) }
            if let target { await askForMessage(target.ticket, target.1) }
        }
        guard let (ticket, id) = target else { return }
        for _ in 0..<(1 + dice.number(below: 8)) {
            let gateway = dice.pick(world.gateways)
            agenda.spawn { [self] in _ = await himself.submit(gateway, ticket, id, code) }
        }
    }

    /// Of an authenticator that sends none it is refused.
    private func askForMessage(_ ticket: Int, _ id: AuthenticatorID) async {
        let gateway = dice.pick(world.gateways)
        _ = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.beginVerification(ticket, id, place)
        }
    }

    /// One wrong code after the other, each as soon as it is allowed.
    private func insist() async {
        for _ in 0..<8 {
            guard case .verify(let ticket, let choices, _) = await begin(),
                let first = choices.first
            else { return }
            let answer = await himself.submit(
                dice.pick(world.gateways), ticket, first.id, "654321")
            guard case .failure(let fault) = answer else { return }
            await agenda.sleep(.seconds(Int64(fault.retryAfterSeconds ?? 0)) + 1_000)
            if agenda.isOver { return }
        }
    }

    private func bringOwnFactor() async {
        guard case .verify(let ticket, _, let recovery) = await begin() else { return }
        if let recovery, let code = himself.recoveryCodes.first, dice.oneIn(2) {
            _ = await himself.submit(dice.pick(world.gateways), ticket, recovery, code)
            return
        }
        guard let device = himself.devices.first, let code = himself.code(device) else { return }
        _ = await himself.submit(dice.pick(world.gateways), ticket, device.id, code)
    }

    /// With the victim's phone in his hand: a session that he looks after all the time, and the
    /// moment it ends he takes another.
    func hold(_ phone: Person.Device) async {
        var held: Person.Held?
        while !agenda.isOver {
            await agenda.sleep(dice.moment(50_000...400_000))
            if let mine = held {
                if await !isInForce(mine) { held = nil }
            } else {
                held = await signIn(phone)
                if held == nil { await agenda.sleep(.seconds(1)) }
            }
        }
    }

    private func isInForce(_ held: Person.Held) async -> Bool {
        let gateway = dice.pick(world.gateways), asked = agenda.now
        let answer = await world.ask(gateway, patience: .seconds(1)) {
            (place) async throws(Fault) in
            try await gateway.introspect(held.token, place)
        }
        switch answer {
        case .success(let session):
            world.checker.worked(held.token, of: session, asked: asked)
            return true
        case .failure(let fault):
            world.checker.note("thief thrown out", victim.user.low)
            return fault.reason != .notSignedIn
        case nil: return true
        }
    }

    private func signIn(_ phone: Person.Device) async -> Person.Held? {
        guard case .verify(let ticket, let choices, _) = await begin(),
            choices.contains(where: { $0.id == phone.id }), let code = himself.code(phone)
        else { return nil }
        let answer = await himself.submit(dice.pick(world.gateways), ticket, phone.id, code)
        guard case .success(.signedIn(let token, let session)) = answer else { return nil }
        world.checker.told(.session(session.id))
        world.checker.note("thief signed in", victim.user.low, session.id.low)
        return Person.Held(token: token, session: session)
    }

    /// A code that somebody typed just now.
    func overhear(_ person: Person, _ id: AuthenticatorID, _ code: String) {
        guard person === victim, dice.oneIn(2) else { return }
        agenda.spawn { [self] in
            guard case .verify(let ticket, _, _) = await begin() else { return }
            await guessCodes(with: code, at: (ticket, id))
        }
    }
}

/// Changes the rules, disables, enables and resets, as asked and at any time.
///
/// Unchecked: touched only by the thread that runs the simulation.
final class Administrator: @unchecked Sendable {
    private unowned let world: World

    /// Who has asked for help, because his phone is gone.
    private let robbed: Person?

    init(_ world: World, _ robbed: Person?) {
        self.world = world
        self.robbed = robbed
    }

    private var dice: Dice { world.dice }

    func live() async {
        if let robbed {
            await world.agenda.sleep(dice.moment(.seconds(5)...(.seconds(30))))
            await resetFactors(of: robbed, dice.pick(world.gateways))
        }
        while !world.agenda.isOver {
            let pause: ClosedRange<Moment> =
                .seconds(1)...(.seconds(world.isLong ? 900 : 20))
            await world.agenda.sleep(dice.moment(pause))
            if world.agenda.isOver { return }
            await act()
        }
    }

    private func act() async {
        let person = dice.pick(Array(world.people[1...3]))
        let user = person.user
        let gateway = dice.pick(world.gateways)
        switch dice.number(below: 6) {
        case 0, 1: await changeSettings(gateway)
        case 4:
            _ = await world.ask(gateway) { (place) async throws(Fault) in
                try await gateway.unlock(user, place)
            }
        case 2: await disable(person, gateway)
        case 3: await resetFactors(of: person, gateway)
        default:
            let answer = await world.ask(gateway) { (place) async throws(Fault) in
                try await gateway.resetPassword(user, place)
            }
            guard case .success(let (password, ended)) = answer else { return }
            person.passwords = [password]
            person.told(ended)
        }
    }

    private func resetFactors(of person: Person, _ gateway: GatewayModel) async {
        let user = person.user
        let answer = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.resetAuthenticators(user, place)
        }
        guard case .success(let ended) = answer else { return }
        person.devices.removeAll { ended.codes.contains($0.id) }
        person.told(ended)
    }

    private func changeSettings(_ gateway: GatewayModel) async {
        let enforcement: Enforcement = dice.oneIn(2) ? .everyone : .administrators
        let verifiers = dice.pick([
            World.verifiers, Array(World.verifiers[0...1]), [dice.pick(World.verifiers)],
        ])
        let book = dice.oneIn(2) ? newRules() : nil
        let answer = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.updateSettings(enforcement, verifiers, book, place)
        }
        if case .success(let version) = answer { world.checker.told(.settings(version)) }
    }

    /// Rules for those who are troubled anyway: whoever signs in at last is left alone.
    private func newRules() -> RuleBook {
        let rules = (0..<dice.pick([0, 1, 2, 3])).map { number in
            let person = world.people[Int(dice.pick([0, 1, 2, 3]))]
            return Rule(
                name: RuleName("rule-\(number)")!,
                roles: dice.oneIn(4) ? [.administrator] : [], users: [person.user],
                requirements: Requirements(
                    enforcement: dice.oneIn(2) ? dice.pick(EnforcementLevel.allCases) : nil,
                    verifiers: dice.oneIn(2) ? [dice.pick(World.verifiers)] : [],
                    trustedDevices: dice.oneIn(4) ? false : nil, denied: dice.oneIn(8)))
        }
        return RuleBook(
            base: Requirements(trustedDevices: !dice.oneIn(3)), rules: rules)
    }

    private func disable(_ person: Person, _ gateway: GatewayModel) async {
        let user = person.user
        let answer = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.setDisabled(true, user, place)
        }
        if case .success(let ended) = answer { person.told(ended) }
        await world.agenda.sleep(dice.moment(0...(.seconds(10))))
        for _ in 0..<5 {
            let answer = await world.ask(gateway) { (place) async throws(Fault) in
                try await gateway.setDisabled(false, user, place)
            }
            if case .success = answer { return }
        }
    }
}

/// Pulls plugs: processes die, the database dies, connections are cut, clogged or asked to end.
///
/// Unchecked: touched only by the thread that runs the simulation.
final class Saboteur: @unchecked Sendable {
    private unowned let world: World
    private let pauses: ClosedRange<Moment>

    init(_ world: World, pauses: ClosedRange<Moment>) {
        self.world = world
        self.pauses = pauses
    }

    private var dice: Dice { world.dice }

    func live() async {
        while true {
            await world.agenda.sleep(dice.moment(pauses) * (world.isLong ? 20 : 1))
            guard !world.agenda.isOver, world.agenda.now < world.span - .seconds(30) else {
                return
            }
            act()
        }
    }

    private func act() {
        world.links.removeAll { $0.isCut }
        world.servers.removeAll { $0.state.phase == .closed }
        switch dice.number(below: 6) {
        case 0: kill(dice.pick(world.gateways.map(\.process)))
        case 1: kill(dice.pick(world.verificationProcesses))
        case 2: kill(dice.pick(world.policies.map(\.process)))
        case 3: world.database.crash()
        case 4:
            guard let link = world.links.randomElement(by: dice) else { return }
            world.checker.note("connection cut", 0)
            link.cut()
        default:
            world.checker.note("network clogged", 0)
            if dice.oneIn(2), let server = world.servers.randomElement(by: dice) {
                server.drain()
            }
            let until = world.agenda.now + dice.delay(100_000...(.seconds(20)))
            for link in world.links where dice.oneIn(2) { link.cloggedUntil = until }
        }
    }

    private func kill(_ process: VirtualProcess) {
        guard process.isUp else { return }
        world.checker.note("process killed", process.number)
        process.die()
        world.agenda.after(dice.delay(200_000...(.seconds(5)))) { [world] in
            if !process.isUp { world.start(process) }
        }
    }
}
