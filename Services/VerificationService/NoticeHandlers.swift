import Contracts
import RPC
import Wire

/// Notices, and links to choose a new password.
extension VerificationHandlers {
    func sendNotice(_ request: SendNotice, _ call: Call) async throws(Fault) -> NoticeQueued {
        let queued = try outbox.notice(request.event, to: request.receiver, of: request.user) {
            $0.place = request.place
        }
        try await outbox.add(queued)
        return NoticeQueued()
    }

    /// What tells of a password or a recovery goes to every address that is known of the user, so
    /// that whoever reads the mail of one of them is not the only one who learns of it.
    func noticeEverywhere(
        _ event: NoticeEvent, to receiver: NoticeReceiver?, of user: UserID,
        _ fill: (inout OutboundMessage) -> Void = { _ in }
    ) async throws(Fault) -> Outbox.Queued {
        var queued = try outbox.notice(event, to: receiver, of: user, fill)
        for address in try await factors.addresses(of: user)
        where address.lowercased() != receiver?.address.lowercased() {
            let another = NoticeReceiver(
                address: address, locale: receiver?.locale ?? "",
                displayName: receiver?.displayName ?? "")
            queued = queued + (try outbox.notice(event, to: another, of: user, fill))
        }
        return queued
    }

    /// Whoever asks learns nothing: for a name that nobody has, for a user without an address and
    /// for one who has asked too often the same is done and the same is answered. Where no mail
    /// leaves this installation that is `.messageSendFailed`, so that nobody waits for a link.
    func beginReset(_ request: BeginReset, _ call: Call) async throws(Fault) -> ResetBegun {
        guard outbox.exits.channels.contains(.mail) else {
            throw Fault(.messageSendFailed, detail: "there is no mail server")
        }
        let token = try ResetToken.fresh()
        let queued = try outbox.queue(
            .passwordReset, toWhomever: request.receiver, of: request.user
        ) { $0.secret = token.text }
        try await resets.begin(request.user, token, queued, AuditContext(call, actor: nil))
        outbox.wake()
        return ResetBegun()
    }

    /// Whoever reads the mail of an earlier address chooses no password any more, by a reset or by
    /// an invitation; one of both is asked for anew, and goes to the address of then.
    func endLinks(_ request: EndLinks, _ call: Call) async throws(Fault) -> LinksEnded {
        let queued = try outbox.notice(.addressChanged, to: request.notify, of: request.user)
        try await resets.endAll(of: request.user, telling: queued)
        outbox.wake()
        return LinksEnded()
    }

    func findReset(_ request: FindReset, _ call: Call) async throws(Fault) -> ResetFound {
        guard let user = try await resets.find(request.token) else { throw Fault(.resetExpired) }
        return ResetFound(user: user)
    }
}
