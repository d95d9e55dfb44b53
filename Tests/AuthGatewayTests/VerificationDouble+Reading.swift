import Contracts
import RPC
import Synchronization
import Wire

extension VerificationDouble {
    /// What it has to tell of all users together.
    struct Reading {
        var audit: [AuditRecord] = []
        /// What was asked of the audit so far.
        var asked: [ReadAudit] = []
        var overview = EvidenceOverview(
            bound: 0, kinds: [], locked: 0, hours: [],
            messages: MessageFigures(
                sentThisHour: 0, sentToday: 0, verifiedToday: 0, hourMax: 0, fullestThisHour: 0,
                alarm: false))
    }

    func listAudit(_ request: ReadAudit, _ call: Call) async throws(Fault) -> AuditPage {
        try await stand.enter("listAudit", call)
        return state.withLock { state in
            state.reading.asked.append(request)
            return AuditPage(of: state.reading.audit, request)
        }
    }

    func getOverview(
        _ request: GetEvidenceOverview, _ call: Call
    ) async throws(Fault) -> EvidenceOverview {
        try await stand.enter("getOverview", call)
        return state.withLock { state in state.reading.overview }
    }
}

extension PolicyDouble {
    func listAudit(_ request: ReadAudit, _ call: Call) async throws(Fault) -> AuditPage {
        try await stand.enter("listAudit", call)
        return state.withLock { AuditPage(of: $0.audit, request) }
    }
}

extension AuditPage {
    /// What a service whose audit these are would tell.
    init(of all: [AuditRecord], _ request: ReadAudit) {
        let found = all.filter { row in
            guard request.events.isEmpty || request.events.contains(row.event),
                request.from.map({ row.at >= $0 }) ?? true,
                request.until.map({ row.at < $0 }) ?? true,
                request.before.map({ (row.at, row.id) < ($0.at, $0.id) }) ?? true
            else { return false }
            guard let user = request.user else { return true }
            return row.subject == user || (row.actor == user && !request.subjectOnly)
        }.sorted { ($0.at, $0.id) > ($1.at, $1.id) }
        let rows = Array(found.prefix(Int(request.limit)))
        let last = rows.last.map { AuditPosition(at: $0.at, id: $0.id) }
        self.init(rows: rows, reached: rows.count < found.count ? last : nil)
    }
}
