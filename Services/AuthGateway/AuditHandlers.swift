import Audit
import Contracts
import Postgres
import RPC
import Reactor
import Wire

/// What all services have noted, for administrators. Should one of them be away, there is no page:
/// one with a gap would look like any other.
extension AdminHandlers {
    func listAudit(_ request: ListAudit, _ call: Call) async throws(Fault) -> AuditList {
        _ = try await gateway.administrator(of: call)
        let limit = try AuditPages.limit(request.limit)
        let services = try AuditPages.services(request.service)
        guard request.events.allSatisfy({ AuditEvent(rawValue: $0) != nil }) else {
            throw Fault(.malformed, detail: "no word of the audit")
        }
        let after = try AuditPages.place(request.after, of: nil)
        var user: UserID?
        if !request.user.isEmpty {
            user = try await stored { () throws(PostgresFault) in
                try await gateway.accounts.id(of: request.user)
            }
            guard user != nil else { return AuditList(rows: [], next: "") }
        }
        let page = try await gateway.mergedAudit(
            of: services, after: after,
            ReadAudit(
                from: request.from, until: request.until,
                // A word that is said twice would bring its rows twice.
                events: Array(Set(request.events)), user: user, limit: limit),
            call)
        let named = page.rows.flatMap { [$0.record.actor, $0.record.subject] }
        let accounts = try await stored { () throws(PostgresFault) in
            try await gateway.accounts.named(Set(named.compactMap { $0 }))
        }
        let name = { (user: UserID?) in user.flatMap { accounts[$0]?.userName } ?? "" }
        return AuditList(
            rows: page.rows.map { row in
                AuditRow(
                    service: row.service.rawValue, record: row.record,
                    actorName: name(row.record.actor), subjectName: name(row.record.subject))
            },
            next: page.next?.cursor(of: nil) ?? "")
    }
}

/// What happened to one's own account: done to oneself, whoever did it. What one did to others is
/// not among it, and of others no name, no address and no word.
extension AccountHandlers {
    func listEvents(_ request: ListEvents, _ call: Call) async throws(Fault) -> EventList {
        let user = try await gateway.session(of: call).account.id
        let limit = try AuditPages.limit(request.limit)
        let page = try await gateway.mergedAudit(
            // The policy service decides about everyone; nothing of it is done to one user.
            of: [.gateway, .verification],
            after: try AuditPages.place(request.after, of: user),
            ReadAudit(
                events: AuditEvent.shownToOwner.map(\.rawValue), user: user, subjectOnly: true,
                limit: limit),
            call)
        let origins = try await gateway.origins(of: page, for: user)
        return EventList(
            events: page.rows.map { AccountEvent($0.record, of: user, origins) },
            next: page.next?.cursor(of: user) ?? "")
    }
}

/// What both lists take of their requests.
private enum AuditPages {
    static func limit(_ asked: UInt32) throws(Fault) -> UInt32 {
        guard asked <= AuditLog.Limits.rowsMax else {
            throw Fault(.malformed, detail: "limit over \(AuditLog.Limits.rowsMax)")
        }
        return asked == 0 ? 50 : asked
    }

    static func services(_ word: String) throws(Fault) -> [ServiceRole] {
        guard !word.isEmpty else { return ServiceRole.allCases }
        guard let service = ServiceRole(rawValue: word) else {
            throw Fault(.malformed, detail: "no service of ours")
        }
        return [service]
    }

    static func place(_ cursor: String, of owner: UserID?) throws(Fault) -> AuditPlace? {
        guard !cursor.isEmpty else { return nil }
        return try AuditPlace(cursor: cursor, of: owner)
    }
}

extension Gateway {
    fileprivate func mergedAudit(
        of services: [ServiceRole], after place: AuditPlace?, _ request: ReadAudit, _ call: Call
    ) async throws(Fault) -> MergedAudit {
        var pages: [(ServiceRole, AuditPage)] = []
        for service in services {
            var request = request
            request.before = place?.position(in: service)
            switch service {
            case .gateway: pages.append((service, try await audit.page(request)))
            case .verification:
                pages.append((service, try await verification.listAudit(request, call)))
            case .policy: pages.append((service, try await policy.listAudit(request, call)))
            }
        }
        return MergedAudit(pages, limit: Int(request.limit))
    }

    /// The verification service sees no network. What was done under the same span at the gateway
    /// says where it came from.
    fileprivate func origins(
        of page: MergedAudit, for user: UserID
    ) async throws(Fault) -> [String: AuditOrigin] {
        var spans: [String: Timestamp] = [:]
        for row in page.rows where !row.record.span.isEmpty {
            spans[row.record.span] = row.record.at
        }
        return try await stored { () throws(PostgresFault) in
            try await AuditOrigins(pool: accounts.pool).find(spans, of: user)
        }
    }
}

extension AccountEvent {
    fileprivate init(
        _ record: AuditRecord, of user: UserID, _ origins: [String: AuditOrigin]
    ) {
        let isByOther = record.actor.map { $0 != user } ?? false
        let origin = isByOther ? nil : origins[record.span]
        let own = isByOther ? nil : SocketAddress(record.source)?.host
        self.init(
            at: record.at, event: record.event, source: own ?? origin?.address ?? "",
            device: origin?.agent ?? "",
            details: record.details.filter {
                AuditEvent.detailsShownToOwner.contains($0.key)
            },
            byOther: isByOther)
    }
}

extension AuditRecord {
    /// What rows of one request, or of one sign-in, have in common, as the gateway has made it;
    /// what stands before it is whatever the request has said. Of rows of old, which have no span,
    /// half of a trace of ours.
    fileprivate var span: String { String(trace.suffix(AuditOrigins.spanLength)) }
}

/// Where a call came from.
struct AuditOrigin: Sendable, Equatable {
    /// Without a port; empty where it was no network address.
    let address: String
    /// As `Firefox on Linux`; empty where nobody said.
    let agent: String
}

/// The gateway's own rows, by their spans.
struct AuditOrigins: Sendable {
    let pool: ConnectionPool

    /// Hexadecimal digits.
    fileprivate static let spanLength = 16
    /// All calls under a span are made within this.
    private static let spread = Duration.seconds(900)
    /// Rows that are looked at for each span.
    private static let scannedMax: Int64 = 200

    /// Of what the user did himself, or somebody who was not known yet.
    /// - Parameter spans: With a moment near which something was done under them.
    func find(
        _ spans: [String: Timestamp], of user: UserID
    ) async throws(PostgresFault) -> [String: AuditOrigin] {
        guard !spans.isEmpty else { return [:] }
        let all = Array(spans)
        let rows = try await pool.query(
            """
            SELECT wanted.span, origin.source, coalesce(origin.agent, '')
            FROM unnest(\(all.map(\.key)), \(all.map(\.value))) AS wanted (span, at)
            CROSS JOIN LATERAL (
                SELECT near.source, near.payload->>'agent' AS agent FROM (
                    SELECT a.source, a.payload, a.actor, a.at FROM audit a
                    WHERE a.subject IS NOT NULL
                        AND (a.subject, a.at) >= (\(user), wanted.at - \(Self.spread))
                        AND (a.subject, a.at) <= (\(user), wanted.at + \(Self.spread))
                    ORDER BY a.subject DESC, a.at DESC LIMIT \(Self.scannedMax)
                ) AS near
                WHERE right(near.payload->>'trace', \(Int32(Self.spanLength))) = wanted.span
                    AND (near.actor IS NULL OR near.actor = \(user))
                ORDER BY near.payload ? 'agent' DESC, near.at LIMIT 1
            ) AS origin
            """)
        var found: [String: AuditOrigin] = [:]
        for row in rows {
            let (span, source, agent) = try row.decode(String.self, String.self, String.self)
            found[span] = AuditOrigin(
                address: SocketAddress(source)?.host ?? "", agent: agent)
        }
        return found
    }
}

extension Accounts {
    /// Whom an administrator means: by id, also one that nobody has any more, or by what somebody
    /// signs in with. Nil where nobody does.
    func id(of text: String) async throws(PostgresFault) -> UserID? {
        if let id = UserID(text) { return id }
        let key = SignInKey(text)
        let rows = try await pool.query(
            """
            SELECT u.id FROM auth.users u
            WHERE (u.name_key = \(key.text(.name)) OR u.email_key = \(key.text(.email))
                    OR u.phone = \(key.text(.phone)))
                AND u.state <> 'erased'
            """)
        return try rows.first?.decode(UserID.self)
    }
}
