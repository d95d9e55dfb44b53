import Contracts
import Wire

/// A row of `auth.revocations`.
enum Revocation: Sendable, Equatable {
    /// Has ended, or has another token.
    case session(SessionID)
    /// What is of an older epoch has ended.
    case user(UserID)
}

extension Tables {
    /// The triggers that every statement fires.
    mutating func note(_ revocation: Revocation) { revocations.append(revocation) }

    /// `RevocationLog.look`: what a watcher is told who has been told so many.
    func revocations(since count: Int) -> [Revocation] { Array(revocations.dropFirst(count)) }
}

extension GatewayModel {
    /// `SessionService.Watch`, without waiting.
    func watch(since count: Int, _ place: Place) async throws(Fault) -> [Revocation] {
        try await store.run(place) { tables, _ in tables.revocations(since: count) }
    }
}

/// A service that asks about a session once and keeps the answer for as long as it watches, as the
/// contract says it may: what was asked for before the newest answer of `Watch` is not kept.
///
/// Unchecked: touched only by the thread that runs the simulation.
final class Watcher: @unchecked Sendable {
    private struct Kept {
        let token: Int
        let session: Tables.Session
    }

    private unowned let world: World
    private var kept: [SessionID: Kept] = [:]
    private var told = 0
    /// How often it was told anything; and when the last answer was asked for.
    private var answers = 0
    private var current: Moment = 0

    init(_ world: World) { self.world = world }

    private var dice: Dice { world.dice }
    private var agenda: Agenda { world.agenda }

    func live() async {
        agenda.spawn { [self] in await ask() }
        while !agenda.isOver {
            await agenda.sleep(dice.delay(100_000...(.seconds(world.isLong ? 100 : 3))))
            if agenda.isOver { return }
            await watch()
        }
    }

    private func watch() async {
        let gateway = dice.pick(world.gateways), count = told, asked = agenda.now
        let answer = await world.ask(gateway) { (place) async throws(Fault) in
            try await gateway.watch(since: count, place)
        }
        guard case .success(let news) = answer else { return }
        told += news.count
        answers += 1
        current = asked
        for one in news {
            switch one {
            case .session(let id): kept[id] = nil
            case .user(let user): kept = kept.filter { $0.value.session.user != user }
            }
        }
        // What it still lets in was in force when it asked.
        for one in kept.values.sorted(by: { $0.token < $1.token }) {
            world.checker.worked(one.token, of: one.session, asked: current)
        }
    }

    /// People show their tokens here too.
    private func ask() async {
        while !agenda.isOver {
            await agenda.sleep(dice.delay(200_000...(.seconds(world.isLong ? 200 : 4))))
            if agenda.isOver { return }
            let gateway = dice.pick(world.gateways), before = answers
            let person = dice.pick(world.people)
            guard let held = person.sessions.randomElement(by: dice) else { continue }
            let answer = await world.ask(gateway) { (place) async throws(Fault) in
                try await gateway.introspect(held.token, place)
            }
            guard case .success(let session) = answer, answers == before else { continue }
            kept[session.id] = Kept(token: held.token, session: session)
            world.checker.note("session kept by a watcher", session.user.low, session.id.low)
        }
    }
}
