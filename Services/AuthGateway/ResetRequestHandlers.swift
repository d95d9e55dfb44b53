import Audit
import Contracts
import Postgres
import RPC
import Wire

/// The removal of an administrator's second factors: asked for by one, approved by another, each
/// with a fresh proof.
extension AdminHandlers {
    /// All administrators are told, the one whom it concerns too, before it waits: none waits of
    /// which they could not be told.
    func requestReset(_ request: RequestReset, _ call: Call) async throws(Fault) -> ResetRequestView
    {
        let admin = try await administrator(over: request.user, because: request.reason, call)
        let account = try await find(request.user)
        guard account.isAdministrator else { throw Fault(.administratorRequired) }
        try await tellAdministrators(but: admin.account.id, of: account, call)
        let id = try ResetRequestID.fresh()
        let asked = try await stored { () throws(PostgresFault) in
            try await gateway.resetRequests.ask(
                id, of: account.id, by: admin.account.id, because: request.reason,
                audit: call.audit(
                    .resetRequested, actor: admin.account.id, subject: account.id,
                    details: ["reason": request.reason]))
        }
        guard let asked else { throw Fault(.userNotFound) }
        return asked.view
    }

    func listResetRequests(
        _ request: ListResetRequests, _ call: Call
    ) async throws(Fault) -> ResetRequestList {
        _ = try await gateway.administrator(of: call)
        let open = try await stored { () throws(PostgresFault) in
            try await gateway.resetRequests.list()
        }
        return ResetRequestList(requests: open.map(\.view))
    }

    func approveReset(
        _ request: ApproveReset, _ call: Call
    ) async throws(Fault) -> AuthenticatorsReset {
        let admin = try await gateway.freshAdministrator(of: call, because: request.reason)
        let approver = admin.account.id
        let approved = try await stored { () throws(PostgresFault) in
            try await gateway.resetRequests.approve(
                request.request, by: approver,
                audit: call.audit(
                    .resetApproved, actor: approver, subject: approver,
                    details: ["reason": request.reason]))
        }
        guard let approved else {
            let open = try await stored { () throws(PostgresFault) in
                try await gateway.resetRequests.list()
            }
            guard open.contains(where: { $0.id == request.request }) else {
                throw Fault(.resetRequestExpired)
            }
            throw Fault(.approvalRequired)
        }
        return try await gateway.resetAuthenticators(
            of: approved.user, by: approver, because: approved.reason, call)
    }

    /// Anybody who may ask may also say no, the one whom it concerns before all.
    func refuseReset(_ request: RefuseReset, _ call: Call) async throws(Fault) -> ResetRefused {
        let admin = try await gateway.freshAdministrator(of: call, because: request.reason)
        let refused = try await stored { () throws(PostgresFault) in
            try await gateway.resetRequests.refuse(
                request.request, by: admin.account.id,
                audit: call.audit(
                    .resetRefused, actor: admin.account.id, subject: admin.account.id,
                    details: ["reason": request.reason]))
        }
        guard refused else { throw Fault(.resetRequestExpired) }
        return ResetRefused()
    }

    /// Of more administrators than anybody has.
    private static let toldMax: Int64 = 100

    private func tellAdministrators(
        but asker: UserID, of account: AccountRecord, _ call: Call
    ) async throws(Fault) {
        let all = try await stored { () throws(PostgresFault) in
            try await gateway.accounts.administrators(limit: Self.toldMax)
        }
        for administrator in all where administrator.id != asker {
            guard let receiver = administrator.notify else { continue }
            _ = try await gateway.verification.sendNotice(
                SendNotice(
                    user: administrator.id, receiver: receiver, event: .resetRequested,
                    place: call.place), call)
        }
    }
}
