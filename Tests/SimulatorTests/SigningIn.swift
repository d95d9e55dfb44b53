import Contracts
import Wire

// A person signs in, one step after the other.
extension Person {
    private var dice: Dice { world.dice }
    private var agenda: Agenda { world.agenda }

    /// True when it ended with a session.
    @discardableResult
    func signIn(inHaste: Bool = false) async -> Bool {
        let trace = world.newTrace()
        guard var step = await begin(trace) else { return false }
        // A few more than a sign-in has.
        for _ in 0..<8 {
            if case .signedIn(let token, let session) = step {
                keep(token, session)
                return true
            }
            if !inHaste, await dawdle(step, trace) { return false }
            guard let next = await answer(step) else { return false }
            step = next
        }
        return false
    }

    /// In the end, when everything works, whoever does everything right gets in.
    func signInAtLast() async {
        await agenda.sleep(world.span - .seconds(25))
        guard !agenda.isOver else { return }
        world.calmDown()
        for _ in 0..<10 {
            await agenda.sleep(.seconds(2))
            if await signIn() { return world.checker.note("signed in at last", user.low) }
            if agenda.isOver { return }
        }
        world.checker.violated("L1", "somebody who does everything right does not get in")
    }

    private func begin(_ trace: Int) async -> Step? {
        let gateway = gateway, user = user
        let isTypo = user.low < 5 && dice.oneIn(8)
        let password = isTypo ? "a typing error" : passwords[0]
        // Another browser of his, now and then.
        let cookie = dice.oneIn(4) ? nil : cookie
        // Seldom a window with what the browser held before.
        let trust = dice.oneIn(5) ? trusts.randomElement(by: dice) : trusts.last
        if user.low < 5, trust != nil, dice.oneIn(6) { beginTwice(password, trust) }
        let answer = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.start(user, password, trace: trace, cookie, trust: trust, place)
        }
        switch answer {
        case .success(let step): return step
        case .failure(let fault):
            if fault.reason == .passwordWrong, !isTypo, passwords.count > 1 {
                passwords.append(passwords.removeFirst())
            }
            return nil
        case nil: return nil
        }
    }

    /// The same button, pressed twice.
    private func beginTwice(_ password: String, _ trust: Int?) {
        let (other, user, trace) = (dice.pick(world.gateways), user, world.newTrace())
        agenda.spawn { [self] in
            let answer = await world.ask(other) { (place) async throws(Fault) in
                try await other.start(user, password, trace: trace, nil, trust: trust, place)
            }
            if case .success(.signedIn(let token, let session)) = answer { keep(token, session) }
        }
    }

    /// Lets time pass; true when this sign-in is given up.
    private func dawdle(_ step: Step, _ trace: Int) async -> Bool {
        guard user.low < 5 else { return false }
        if world.isLong, dice.oneIn(8) {
            await agenda.sleep(dice.moment(.seconds(500)...(.seconds(800))))
        } else {
            await agenda.sleep(dice.delay(200_000...(.seconds(30))))
        }
        guard dice.oneIn(20) else { return agenda.isOver }
        let gateway = gateway, ticket = step.ticket
        let answer = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.cancel(ticket, place)
        }
        if case .success = answer { world.checker.toldCancelled(trace) }
        // Somebody who cancels may still press the other button.
        return !dice.oneIn(3)
    }

    private func answer(_ step: Step) async -> Step? {
        switch step {
        case .verify(let ticket, let choices, let recovery):
            await verify(ticket, choices, recovery)
        case .bind(let ticket, let verifiers): await bind(ticket, verifiers)
        case .changePassword(let ticket): await choosePassword(ticket)
        case .signedIn: step
        }
    }

    private func verify(
        _ ticket: Int, _ choices: [AuthenticatorView], _ recovery: AuthenticatorID?
    ) async -> Step? {
        let mine = devices.filter { device in choices.contains { $0.id == device.id } }
        if let recovery, mine.isEmpty || dice.oneIn(6) { return await recover(ticket, recovery) }
        guard let device = mine.randomElement(by: dice) else { return nil }
        for _ in 0..<4 {
            let isTypo = user.low < 5 && dice.oneIn(8)
            guard let code = isTypo ? "000000" : await codeToType(device, at: ticket) else {
                continue
            }
            if !isTypo { overheard?(self, device.id, code) }
            // A button that is pressed twice, or first with a code that is about to go.
            if user.low < 5, dice.oneIn(4) {
                let first = dice.oneIn(2) ? code : codeBefore(device) ?? code
                agenda.spawn { [self] in
                    let again = await submit(gateway, ticket, device.id, first)
                    if case .success(.signedIn(let token, let session)) = again {
                        keep(token, session)
                    }
                }
            }
            let answer = await submit(gateway, ticket, device.id, code)
            if case .success(let next) = answer { return next }
            guard case .failure(let fault) = answer else { return nil }
            switch fault.reason {
            case .codeUsed, .codeWrong, .challengeExpired:
                await agenda.sleep(dice.moment(1_000...(.seconds(31))))
            case .attemptsDelayed:
                await agenda.sleep(.seconds(Int64(fault.retryAfterSeconds ?? 1)))
            case _: return nil
            }
            if agenda.isOver { return nil }
        }
        return nil
    }

    private func codeToType(_ device: Device, at ticket: Int) async -> String? {
        await codeToType(device) { [self] in
            let gateway = gateway
            _ = await world.ask(gateway) { (place) async throws(Fault) in
                try await gateway.beginVerification(ticket, device.id, place)
            }
        }
    }

    func submit(
        _ gateway: GatewayModel, _ ticket: Int, _ id: AuthenticatorID, _ code: String
    ) async -> Result<Step, Fault>? {
        let trusting = dice.oneIn(2)
        return await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.completeVerification(
                ticket, id, code, trusting: trusting, place)
        }
    }

    private func bind(_ ticket: Int, _ verifiers: [VerifierUID]) async -> Step? {
        let gateway = gateway, verifier = dice.pick(verifiers)
        let begun = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.beginBinding(ticket, verifier, place)
        }
        guard case .success(let (seed, id)) = begun else { return nil }
        let device = Device(id: id, seed: seed, verifier: verifier)
        await agenda.sleep(dice.delay(500_000...(.seconds(20))))
        guard let code = code(device) else { return nil }
        let window = await ticketOfAnotherWindow(ticket)
        // Twice, as above.
        if user.low < 5, dice.oneIn(4) {
            agenda.spawn { [self] in
                let other = dice.pick(world.gateways)
                _ = await world.ask(other) { (place) async throws(Fault) in
                    try await other.confirmBinding(window, code, place)
                }
            }
        }
        let answer = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.confirmBinding(window, code, place)
        }
        if case .failure(let fault) = answer, !fault.mayBeDone { return nil }
        devices.append(device)
        guard case .success(let next) = answer else { return nil }
        world.checker.told(.bound(id))
        told(recoveryCodes: next.recoveryCodes)
        return next.step
    }

    /// Sometimes two windows are open, and the code of one is typed into the other.
    private func ticketOfAnotherWindow(_ ticket: Int) async -> Int {
        guard user.low < 5, dice.oneIn(6) else { return ticket }
        guard case .bind(let other, _) = await begin(world.newTrace()) else { return ticket }
        return other
    }

    /// Sometimes in two windows at once, with another one in each.
    private func choosePassword(_ ticket: Int) async -> Step? {
        if user.low < 5, dice.oneIn(3),
            case .changePassword(let other) = await begin(world.newTrace())
        {
            agenda.spawn { [self] in
                await agenda.sleep(dice.delay(100_000...(.seconds(5))))
                guard !agenda.isOver else { return }
                if case .signedIn(let token, let session) = await choose(at: other) {
                    keep(token, session)
                }
            }
        }
        return await choose(at: ticket)
    }

    private func choose(at ticket: Int) async -> Step? {
        let gateway = gateway, new = "chosen \(world.newTrace())"
        let answer = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.changePassword(ticket, new, place)
        }
        switch answer {
        case .success(let next):
            passwords = [new]
            return next
        case .failure(let fault):
            if fault.mayBeDone { passwords = [new] + passwords }
            return nil
        case nil:
            passwords = [new] + passwords
            return nil
        }
    }
}

extension Step {
    var ticket: Int {
        switch self {
        case .verify(let ticket, _, _), .bind(let ticket, _), .changePassword(let ticket): ticket
        case .signedIn: 0
        }
    }
}
