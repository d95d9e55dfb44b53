import Contracts
import OTP
import Wire

/// Somebody with a password, devices and sessions, who mostly does the right thing, sometimes
/// twice, sometimes late and sometimes in the wrong window. What he was told he believes, and the
/// checker holds the system to it.
///
/// Unchecked: touched only by the thread that runs the simulation.
final class Person: @unchecked Sendable {
    struct Device: Sendable {
        let id: AuthenticatorID
        let seed: Int
        let verifier: VerifierUID
        /// By how many steps its clock is off.
        var skew: Int64 = 0
        var parameters = OneTimePasswordParameters.standard

        var kind: ProofKind { ProofKind(World.type(of: verifier)) }
    }

    struct Held: Sendable {
        let token: Int
        let session: Tables.Session
    }

    unowned let world: World
    let user: UserID
    /// Where the outcome of a change was never told there are two that may be right.
    var passwords: [String]
    var devices: [Device] = []
    /// What he has been sent, oldest first.
    var messages: [(subject: AuthenticatorID, code: String)] = []
    var links: [ResetToken] = []
    /// Those that should be good, and those that should not.
    var recoveryCodes: [String] = []
    var oldRecoveryCodes: [String] = []
    /// What his browser is known by.
    private(set) var cookie: Int?
    /// What it was given as a trusted device, the newest last.
    private(set) var trusts: [Int] = []
    private(set) var sessions: [Held] = []
    /// Tokens that should work no more.
    private var oldTokens: [Held] = []
    /// What somebody hears who listens in.
    var overheard: ((Person, AuthenticatorID, String) -> Void)?

    init(_ world: World, _ user: UserID, password: String) {
        self.world = world
        self.user = user
        passwords = [password]
    }

    private var dice: Dice { world.dice }
    private var agenda: Agenda { world.agenda }
    var gateway: GatewayModel { dice.pick(world.gateways) }

    func live() async {
        // The last one only wants in at the end.
        guard user.low < 5 else { return }
        while !agenda.isOver {
            let pause: ClosedRange<Moment> =
                world.isLong ? .seconds(2)...(.seconds(900)) : 100_000...(.seconds(8))
            await agenda.sleep(dice.delay(pause))
            if agenda.isOver { return }
            await act()
        }
    }

    private func act() async {
        guard let held = sessions.last, !dice.oneIn(5) else {
            if dice.oneIn(10) { await resetPassword() } else { await signIn() }
            return
        }
        switch dice.number(below: 17) {
        case 0, 1, 2: await use(held)
        case 3: if let old = oldTokens.randomElement(by: dice) { await use(old) }
        case 4: await signOut(held)
        case 5: await stepUp(held)
        case 6: await changePassword(held)
        case 7: await bindAnother(held)
        case 8: await unbind(held)
        case 9: await regenerateRecoveryCodes(held)
        case 10: await endOne(held)
        case 11: await endOthers(held)
        case 12: if !world.isRobbery { await reportNotMe(held) }
        case 13: if dice.oneIn(3) { await forgetTrust(held) }
        default: _ = await signIn()
        }
    }

    func keep(_ token: Int, _ session: Tables.Session) {
        world.checker.told(.session(session.id))
        sessions.append(Held(token: token, session: session))
        cookie = session.cookie
        if let trust = session.trustToken { trusts.append(trust) }
    }

    private func drop(_ held: Held) {
        sessions.removeAll { $0.token == held.token }
        oldTokens.append(held)
    }

    /// Told that everything but one session has ended.
    func told(_ ended: GatewayModel.Ended) {
        world.checker.toldEnded(ended.user, before: ended.epoch, keeping: ended.kept)
        for password in ended.passwords {
            world.checker.toldReplaced(password, keeping: ended.kept)
        }
        world.checker.toldRemoved(ended.codes, keeping: ended.kept)
    }
}

// MARK: - With a session

extension Person {
    private func use(_ held: Held) async {
        let asked = agenda.now
        let gateway = gateway
        let answer = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.introspect(held.token, place)
        }
        switch answer {
        case .success(let session):
            world.checker.worked(held.token, of: session, asked: asked)
        case .failure(let fault):
            guard fault.reason == .notSignedIn else { return }
            drop(held)
            // Thrown out in the middle of something, one comes back at once.
            await signIn(inHaste: dice.oneIn(2))
        case nil: return
        }
    }

    private func signOut(_ held: Held) async {
        let gateway = gateway
        let answer = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.signOut(held.token, place)
        }
        drop(held)
        if case .success(let id) = answer { world.checker.toldEnded(id) }
    }

    /// The oldest on the list; or by a slip, or on purpose, somebody else's.
    private func endOne(_ held: Held) async {
        let gateway = gateway
        let others = world.people.filter { $0 !== self }.flatMap(\.sessions)
        let foreign = dice.oneIn(3) ? others.randomElement(by: dice)?.session.id : nil
        let answer = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.endSession(held.token, foreign, place)
        }
        if case .success(let id?) = answer { world.checker.toldEnded(id) }
    }

    private func endOthers(_ held: Held) async {
        let gateway = gateway
        let answer = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.endOthers(held.token, place)
        }
        if case .success(let ended) = answer { told(ended) }
    }

    private func reportNotMe(_ held: Held) async {
        let gateway = gateway
        let answer = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.reportNotMe(held.token, place)
        }
        if case .success(let ended) = answer { told(ended) }
    }

    private func stepUp(_ held: Held) async {
        guard let device = devices.last else {
            await stepUpByPassword(held)
            return
        }
        let gateway = gateway, trace = world.newTrace()
        let typed = await codeToType(device) { [self] in
            await askForProof(held, device, .stepUp)
        }
        guard let code = typed else { return }
        let answer = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.stepUp(held.token, device.id, code, trace: trace, place)
        }
        guard case .success(let (token, step)) = answer else { return }
        world.checker.toldTokenReplaced(held.token)
        if let step { world.checker.told(.step(device.id, step)) }
        drop(held)
        sessions.append(Held(token: token, session: held.session))
    }

    private func forgetTrust(_ held: Held) async {
        let gateway = gateway
        let answer = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.forgetTrust(held.token, place)
        }
        guard case .success(let forgotten) = answer else { return }
        world.checker.note("trust forgotten", user.low, UInt64(forgotten.count))
        world.checker.toldForgotten(forgotten)
    }

    private func stepUpByPassword(_ held: Held) async {
        let gateway = gateway, password = passwords[0], trace = world.newTrace()
        let answer = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.stepUp(held.token, password, trace: trace, place)
        }
        guard case .success(let token) = answer else { return }
        world.checker.toldTokenReplaced(held.token)
        drop(held)
        sessions.append(Held(token: token, session: held.session))
    }

    private func changePassword(_ held: Held) async {
        let gateway = gateway, current = passwords[0]
        let new = "chosen \(world.newTrace())"
        let answer = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.changePassword(held.token, from: current, to: new, place)
        }
        switch answer {
        case .success(let ended):
            passwords = [new]
            told(ended)
        case .failure(let fault): if fault.mayBeDone { passwords = [new] + passwords }
        case nil: passwords = [new] + passwords
        }
    }

    private func bindAnother(_ held: Held) async {
        let gateway = gateway, verifier = dice.pick(World.verifiers)
        let begun = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.beginBinding(of: held.token, verifier, place)
        }
        guard case .success(let (seed, id)) = begun else { return }
        let device = Device(id: id, seed: seed, verifier: verifier)
        await agenda.sleep(dice.delay(500_000...(.seconds(20))))
        guard let code = code(device) else { return }
        let answer = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.confirmBinding(of: held.token, code, place)
        }
        if case .failure(let fault) = answer, !fault.mayBeDone { return }
        devices.append(device)
        guard case .success(let ended) = answer else { return }
        world.checker.told(.bound(id))
        told(recoveryCodes: ended.recoveryCodes)
        told(ended)
    }

    private func unbind(_ held: Held) async {
        guard let device = devices.first, let proof = devices.last else { return }
        let gateway = gateway
        let typed = await codeToType(proof) { [self] in await askForProof(held, proof, .unbind) }
        guard let code = typed else { return }
        let answer = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.unbind(held.token, device.id, provedWith: proof.id, code, place)
        }
        guard case .success(let ended) = answer else { return }
        devices.removeFirst()
        told(ended)
    }
}

extension Fault {
    /// Whether what was asked may have been done all the same.
    var mayBeDone: Bool {
        switch reason.code {
        case .unavailable, .deadlineExceeded, .unknown, .internal, .canceled: true
        case .invalidArgument, .notFound, .alreadyExists, .permissionDenied, .resourceExhausted,
            .failedPrecondition, .aborted, .outOfRange, .unimplemented, .dataLoss,
            .unauthenticated:
            reason == .signInExpired
        }
    }
}

extension Array {
    func randomElement(by dice: Dice) -> Element? { isEmpty ? nil : dice.pick(self) }
}
