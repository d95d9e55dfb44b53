import Contracts
import Wire

/// The database as the services see it: a statement arrives or not, is done whole at one moment
/// or not at all, and its answer arrives or not. Whoever got an answer knows that the statement
/// is durable.
///
/// A statement here is one call of a function of `Tables`, written after the SQL of the product
/// by hand: guard, effects and what it returns are the same, its moment is that of the commit.
/// What several statements of PostgreSQL do to each other inside (snapshots, locks, what a waiting
/// one sees afterwards) is not modelled; the tests against a real PostgreSQL race them.
///
/// Unchecked: touched only by the thread that runs the simulation.
final class Database: @unchecked Sendable {
    private unowned let world: World
    var tables: Tables
    /// For the flaw alone: what would be left after a crash.
    private var durable: Tables?
    private var crashes = 0

    init(_ world: World) {
        self.world = world
        tables = Tables(world.flaw, world.checker)
    }

    /// Everything under way is lost. What was answered is still there.
    func crash() {
        crashes += 1
        if let durable { tables = durable }
        durable = nil
        world.checker.databaseCameBack(tables)
    }

    /// One statement. Throws `.unavailable` when its outcome is not known.
    func run<Answer: Sendable>(
        _ place: Place, _ statement: @escaping @Sendable (inout Tables, Moment) -> Answer
    ) async throws(Fault) -> Answer {
        try place.mustLive()
        let world = world
        let answer: Answer? = await withUnsafeContinuation { waiting in
            let entry = place.process.waits { waiting.resume(returning: nil) }
            let settle: (Answer?) -> Void = { answer in
                if place.process.settled(entry) { waiting.resume(returning: answer) }
            }
            let epoch = crashes
            let isLost = world.dice.oneIn(world.weather.storeLostOneIn)
            world.agenda.after(world.statementTime()) { [self] in
                // A process that has died may have sent its last statement before.
                guard crashes == epoch, !isLost || world.dice.oneIn(2) else { return settle(nil) }
                let answer = commit(statement)
                world.agenda.after(world.dice.delay(100...3_000)) { [self] in
                    settle(crashes == epoch && !isLost ? answer : nil)
                }
            }
        }
        guard let answer else { throw Fault(.unavailable, detail: "the outcome is not known") }
        return answer
    }

    private func commit<Answer>(_ statement: (inout Tables, Moment) -> Answer) -> Answer {
        if world.flaw == .answeredBeforeDurable, durable == nil {
            durable = tables
            world.agenda.after(.seconds(5)) { [self] in durable = nil }
        }
        let answer = statement(&tables, world.agenda.now)
        return answer
    }
}
