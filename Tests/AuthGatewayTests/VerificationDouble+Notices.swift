import Contracts
import RPC
import Synchronization
import Wire

extension VerificationDouble {
    func sendNotice(_ request: SendNotice, _ call: Call) async throws(Fault) -> NoticeQueued {
        try await stand.enter("sendNotice", call)
        state.withLock { $0.notices.append(request) }
        return NoticeQueued()
    }

    func beginReset(_ request: BeginReset, _ call: Call) async throws(Fault) -> ResetBegun {
        try await stand.enter("beginReset", call)
        state.withLock { $0.begunResets.append(request) }
        return ResetBegun()
    }

    /// Links end as they do in earnest; what was asked is kept.
    func endLinks(_ request: EndLinks, _ call: Call) async throws(Fault) -> LinksEnded {
        try await stand.enter("endLinks", call)
        state.withLock { state in
            state.endedLinks.append(request)
            state.resets = state.resets.filter { $0.value != request.user }
        }
        return LinksEnded()
    }

    func findReset(_ request: FindReset, _ call: Call) async throws(Fault) -> ResetFound {
        try await stand.enter("findReset", call)
        let user = state.withLock { $0.resets[request.token] }
        guard let user else { throw Fault(.resetExpired) }
        return ResetFound(user: user)
    }

    var notices: [SendNotice] { state.withLock { $0.notices } }
}
