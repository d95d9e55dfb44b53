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

    /// Whoever asks learns nothing: for a name that nobody has, for a user without an address and
    /// for one who has asked too often the same is done and the same is answered.
    func beginReset(_ request: BeginReset, _ call: Call) async throws(Fault) -> ResetBegun {
        let token = try ResetToken.fresh()
        let nowhere = NoticeReceiver(address: "", locale: "", displayName: "")
        var message = OutboundMessage(.passwordReset, to: request.receiver ?? nowhere)
        message.secret = token.text
        let queued = try outbox.queue(
            message, to: request.user, by: .mail, isForNobody: request.receiver == nil)
        try await resets.begin(request.user, token, queued, AuditContext(call, actor: nil))
        outbox.wake()
        return ResetBegun()
    }

    func findReset(_ request: FindReset, _ call: Call) async throws(Fault) -> ResetFound {
        guard let user = try await resets.find(request.token) else { throw Fault(.resetExpired) }
        return ResetFound(user: user)
    }
}
