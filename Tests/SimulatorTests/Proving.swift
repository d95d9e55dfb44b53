import Contracts
import OTP
import Wire

// What a person types, reads and keeps.
extension Person {
    private var dice: Dice { world.dice }
    private var agenda: Agenda { world.agenda }

    func receive(_ letter: Letter) {
        switch letter {
        case .code(let code, let subject): messages.append((subject, code))
        case .link(let token): links.append(token)
        }
    }

    /// Of an app the code of the moment, of a token the next one, of messages the newest that has
    /// arrived; nil where none has.
    func code(_ device: Device, later: Int64 = 0) -> String? {
        let seed = world.seeds[device.seed]
        switch (device.kind, device.parameters) {
        case (.totp, .totp(let password)):
            let step = password.step(at: agenda.now.timestamp) + device.skew + later
            return password.code(seed: seed, counter: UInt64(step)).text
        case (.totp, .hotp(let password)):
            return password.code(seed: seed, counter: world.press(device.seed)).text
        case _: return messages.last { $0.subject == device.id }?.code
        }
    }

    /// One that is about to go, or has gone.
    func codeBefore(_ device: Device) -> String? {
        guard device.kind != .totp else { return code(device, later: -1) }
        return messages.dropLast().last { $0.subject == device.id }?.code
    }

    /// A message is asked for first, mostly; who is in a hurry types what he has.
    func codeToType(_ device: Device, _ ask: @Sendable () async -> Void) async -> String? {
        guard device.kind != .totp else { return code(device) }
        if user.low < 5, dice.oneIn(5), let code = code(device) { return code }
        await ask()
        // The message was slow, so another one is asked for.
        if user.low < 5, dice.oneIn(5) { await ask() }
        await agenda.sleep(user.low < 5 ? dice.delay(200_000...(.seconds(8))) : .seconds(1))
        return user.low < 5 && dice.oneIn(8) ? codeBefore(device) : code(device)
    }

    func askForProof(_ held: Held, _ device: Device, _ purpose: Purpose) async {
        let gateway = gateway
        _ = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.beginProof(of: held.token, device.id, purpose, place)
        }
    }
}

// MARK: - Recovery codes

extension Person {
    func told(recoveryCodes codes: [String]) {
        guard !codes.isEmpty else { return }
        oldRecoveryCodes = recoveryCodes + oldRecoveryCodes.prefix(8)
        recoveryCodes = codes
    }

    /// With a code from the list, now and then one that is crossed out.
    func recover(_ ticket: Int, _ recovery: AuthenticatorID) async -> Step? {
        for _ in 0..<3 {
            let isOld = recoveryCodes.isEmpty || dice.oneIn(6)
            let list = isOld ? oldRecoveryCodes : recoveryCodes
            guard let code = list.randomElement(by: dice) else { return nil }
            overheard?(self, recovery, code)
            // Twice, as with other codes.
            if dice.oneIn(4) {
                agenda.spawn { [self] in
                    let again = await submit(gateway, ticket, recovery, code)
                    if case .success(.signedIn(let token, let session)) = again {
                        keep(token, session)
                    }
                }
            }
            let answer = await submit(gateway, ticket, recovery, code)
            switch answer {
            case .success(let next):
                world.checker.told(.recoveryUsed(user, code))
                crossOut(code)
                return next
            case .failure(let fault):
                guard fault.reason == .codeUsed || fault.reason == .codeWrong else { return nil }
                crossOut(code)
            case nil: return nil
            }
            if agenda.isOver { return nil }
        }
        return nil
    }

    private func crossOut(_ code: String) {
        recoveryCodes.removeAll { $0 == code }
        if !oldRecoveryCodes.contains(code) { oldRecoveryCodes.insert(code, at: 0) }
    }

    func regenerateRecoveryCodes(_ held: Held) async {
        let gateway = gateway
        let answer = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.regenerateRecoveryCodes(held.token, place)
        }
        if case .success(let codes) = answer { told(recoveryCodes: codes) }
    }
}

// MARK: - A forgotten password

extension Person {
    /// The link that has come, or an earlier one; and sometimes twice, from two windows.
    func resetPassword() async {
        let gateway = gateway, user = user
        _ = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.beginPasswordReset(user, place)
        }
        await agenda.sleep(dice.delay(500_000...(.seconds(10))))
        let link = dice.oneIn(4) ? links.randomElement(by: dice) : links.last
        guard let link, !agenda.isOver else { return }
        if dice.oneIn(3) { agenda.spawn { [self] in await follow(link) } }
        await follow(link)
    }

    private func follow(_ link: ResetToken) async {
        let gateway = gateway, new = "chosen \(world.newTrace())"
        let answer = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.completePasswordReset(link, new, place)
        }
        switch answer {
        case .success(let ended):
            passwords = [new]
            told(ended)
        case .failure(let fault): if fault.mayBeDone { passwords = [new] + passwords }
        case nil: passwords = [new] + passwords
        }
    }
}
