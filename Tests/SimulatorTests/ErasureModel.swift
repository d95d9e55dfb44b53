import Contracts
import Wire

@testable import AuthGateway

/// `Erasure`, `Unfinished` and `Mending`, step by step. Who asks for it is an administrator, once;
/// what breaks off then, the gateways bring to its end by themselves.
extension Tables {
    /// Of work that nobody is at; less than in the product, so that it passes in every world.
    static let patience = Moment.seconds(8)

    /// `Accounts.beginErasure`; the new epoch.
    mutating func beginErasure(_ id: UserID, _ now: Moment) -> Int64? {
        guard let before = users[id]?.epoch else { return nil }
        users[id]?.isActive = false
        users[id]?.isErased = true
        users[id]?.epoch += 1
        unfinished[id] = now + Self.patience
        note(.user(id))
        checker.erasureBegan(id, now)
        return before + 1
    }

    /// `Unfinished.take`.
    mutating func takeUnfinished(_ now: Moment) -> [UserID] {
        lookedForWork = now
        let due = unfinished.filter { $0.value <= now }.map(\.key).sorted { $0.low < $1.low }
        for user in due { unfinished[user] = now + Self.patience }
        return due
    }

    /// `Accounts.finishErasure`.
    mutating func finishErasure(_ id: UserID) {
        guard unfinished.removeValue(forKey: id) != nil else { return }
        checker.note("user erased", id.low)
    }

    /// `VerificationHandlers.eraseUser`, in its second statement.
    mutating func eraseEvidence(_ user: UserID) -> [AuthenticatorID] {
        passwords[user] = nil
        resets[user] = nil
        return removeCodes(user)
    }
}

extension GatewayModel {
    func erase(_ user: UserID, _ place: Place) async throws(Fault) -> Ended {
        let epoch = try await store.run(place) { tables, now in tables.beginErasure(user, now) }
        guard let epoch else { throw Fault(.userNotFound) }
        var ended = Ended(user: user, epoch: epoch, kept: nil)
        ended.codes = try await finishErasure(user, place)
        return ended
    }

    private func finishErasure(
        _ user: UserID, _ place: Place
    ) async throws(Fault) -> [AuthenticatorID] {
        await world.standStill(oneIn: 3)
        let answer = try await verification.call(.erase(user), place)
        guard case .removed(let codes) = answer else { throw Fault(.internal) }
        await world.standStill(oneIn: 3)
        try await store.run(place) { tables, _ in tables.finishErasure(user) }
        return codes
    }

    /// Until the world is over.
    func mend() async {
        while !world.agenda.isOver {
            await world.agenda.sleep(world.dice.moment(.seconds(2)...(.seconds(4))))
            guard world.flaw != .erasureNotMended else { return }
            _ = await world.ask(self) { [self] (place) async throws(Fault) in
                let due = try await store.run(place) { tables, now in tables.takeUnfinished(now) }
                for user in due {
                    _ = try await finishErasure(user, place)
                    world.checker.note("erasure mended", user.low)
                }
            }
        }
    }
}

extension World {
    /// Somebody leaves for good while everything else goes on.
    func leave(_ person: Person) async {
        let end = span - .seconds(isLong ? 300 : 45)
        await agenda.sleep(dice.moment(.seconds(2)...end))
        if agenda.isOver { return }
        for gateway in gateways { agenda.spawn { await gateway.mend() } }
        let gateway = dice.pick(gateways), user = person.user
        if weather.sabotage != nil, dice.oneIn(2) { breakOff(gateway.process) }
        let answer = await ask(gateway) { (place) async throws(Fault) in
            try await gateway.erase(user, place)
        }
        guard case .success(let ended) = answer else { return }
        person.devices = []
        person.told(ended)
    }

    /// The process dies about now, and comes back.
    private func breakOff(_ process: VirtualProcess) {
        agenda.after(dice.moment(1_000...(.seconds(2)))) { [self] in
            guard process.isUp else { return }
            checker.note("process killed", process.number)
            process.die()
            agenda.after(dice.delay(200_000...(.seconds(5)))) { [self] in
                if !process.isUp { start(process) }
            }
        }
    }

    /// Once the world is over: whoever left has left nothing to prove himself with.
    func checkErasures() {
        for user in checker.erasures.keys {
            // Whoever looks takes up what is due; where that fails in bad weather, it is due anew.
            let (tables, due) = (database.tables, database.tables.unfinished[user])
            if let due, tables.lookedForWork.map({ due <= $0 }) ?? (due + .seconds(45) < agenda.now)
            {
                checker.violated("I6", "the erasure of \(user.low) never came to its end")
            }
            if !database.tables.boundCodes(user).isEmpty {
                checker.violated("I6", "user \(user.low) is erased, and something is bound")
            }
        }
    }
}

// MARK: - I6: whoever is erased is nobody

extension Checker {
    func erasureBegan(_ user: UserID, _ now: Moment) {
        note("erasure begun", user.low)
        erasures[user] = erasures[user] ?? now
    }

    func openedOfErased(_ user: UserID) {
        guard erasures[user] != nil else { return }
        violated("I6", "a session was opened for user \(user.low), who is being erased")
    }
}
