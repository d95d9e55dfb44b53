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

    func findReset(_ request: FindReset, _ call: Call) async throws(Fault) -> ResetFound {
        try await stand.enter("findReset", call)
        let user = state.withLock { $0.resets[request.token] }
        guard let user else { throw Fault(.resetExpired) }
        return ResetFound(user: user)
    }

    var notices: [SendNotice] { state.withLock { $0.notices } }
}
