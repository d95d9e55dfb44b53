import Audit
import Contracts
import Postgres
import RPC
import Wire

/// Users who are invited by mail: whoever follows the link chooses the first password, as with
/// one that replaces a forgotten password, and signs in like everybody.
extension AdminHandlers {
    func inviteUser(_ request: CreateUser, _ call: Call) async throws(Fault) -> UserInvited {
        let admin = try await gateway.freshAdministrator(of: call)
        let actor = admin.account.id
        let new = try NewAccount(request, defaultLocale: gateway.defaultLocale)
        guard new.email != nil else { throw Fault(.emailInvalid) }
        let account = try await gateway.accounts.store(
            new, awaiting: .invitation, by: actor,
            audit: call.audit(.userCreated, actor: actor, subject: new.id))
        do throws(Fault) {
            let expiresAt = try await gateway.sendInvitation(to: account.id, by: actor, call)
            return UserInvited(user: account.view(.nothing), expiresAt: expiresAt)
        } catch  where error.reason == .messageSendFailed {
            // No mail leaves this installation, now or later.
            try await gateway.erase(account.id, by: actor, because: "not invited", call)
            throw error
        }
    }

    /// A new link, which makes an earlier one void; only for whoever has chosen no password yet.
    func renewInvitation(
        _ request: RenewInvitation, _ call: Call
    ) async throws(Fault) -> UserInvited {
        let admin = try await administrator(over: request.user, because: request.reason, call)
        let account = try await find(request.user)
        guard account.email != nil else { throw Fault(.emailInvalid) }
        guard !account.disabled else { throw Fault(.userNotFound) }
        let expiresAt = try await gateway.sendInvitation(
            to: account.id, by: admin.account.id, call)
        return UserInvited(
            user: await gateway.view(of: account, call), expiresAt: expiresAt)
    }
}

extension Gateway {
    /// When the link works no more. Throws `.passwordExists` where there is a password.
    @discardableResult
    func sendInvitation(
        to user: UserID, by actor: UserID?, _ call: Call
    ) async throws(Fault) -> Timestamp {
        let account = try await stored { () throws(PostgresFault) in try await accounts.get(user) }
        guard let account, !account.disabled, let receiver = account.notify else {
            throw Fault(.userNotFound)
        }
        let expiresAt: Timestamp
        do throws(Fault) {
            expiresAt = try await verification.sendInvitation(
                SendInvitation(user: user, receiver: receiver, actor: actor), call
            ).expiresAt
        } catch  where error.reason == .passwordExists {
            _ = try await done(.invitation, user)
            throw error
        }
        _ = try await done(.invitation, user)
        return expiresAt
    }

    func done(_ work: Unfinished.Work, _ user: UserID) async throws(Fault) -> Bool {
        try await stored { () throws(PostgresFault) in try await unfinished.end(work, of: user) }
    }
}
