import Contracts
import Postgres
import RPC
import Wire

/// A user who is erased is taken out of the rules by a new version of the settings. Older versions
/// are never changed: his identifier, which stands for nobody then, is all that they hold of him.
extension PolicyHandlers {
    /// Of changes by others that come between.
    private static let triesMax = 5

    func eraseUser(
        _ request: EraseAssignments, _ call: Call
    ) async throws(Fault) -> AssignmentsErased {
        for _ in 0..<Self.triesMax {
            await refresh()
            let settings = try await current()
            let book = settings.book.without(request.user)
            guard book != settings.book else { return AssignmentsErased(version: settings.version) }
            let change = UpdateTwoFactorSettings(
                version: settings.version, enforcement: settings.enforcement,
                verifiers: settings.verifiers, reason: "A user was erased", book: book)
            do throws(PostgresFault) {
                let added = try await table.add(change, by: request.actor, call)
                await refresh()
                if let added { return AssignmentsErased(version: added.version) }
            } catch {
                throw error.fault
            }
        }
        throw Fault(.unavailable, retryAfterSeconds: 1, detail: "the settings change all the time")
    }
}

extension RuleBook {
    /// Without a word on the user. A rule for him alone goes: a condition without anybody would
    /// fit everybody.
    func without(_ user: UserID) -> RuleBook {
        var book = self
        book.rules = rules.compactMap { rule in
            guard rule.users.contains(user) else { return rule }
            var rule = rule
            rule.users.removeAll { $0 == user }
            return rule.users.isEmpty ? nil : rule
        }
        return book
    }
}
