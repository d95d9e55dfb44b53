import Audit
import Contracts
import Postgres
import RPC
import Wire

/// The figures of the installation: users, what they have bound, and what became of their
/// sign-ins. Each is counted from an index. Should a service be away there are none.
extension AdminHandlers {
    /// Hours that are shown.
    private static let hours: Int32 = 48

    func getOverview(_ request: GetOverview, _ call: Call) async throws(Fault) -> Overview {
        _ = try await gateway.administrator(of: call)
        let settings = try await gateway.settings(call)
        let pending = try await gateway.policy.listPending(ListPendingSettings(), call)
        let evidence = try await gateway.verification.getOverview(GetEvidenceOverview(), call)
        let own = try await gateway.audit.hours(
            of: [.signInCompleted, .networkRefused], last: Self.hours)
        let (figures, days) = try await stored { () throws(PostgresFault) in
            (try await gateway.accounts.figures(), try await gateway.adoption.days())
        }
        return Overview(
            users: figures.users, bound: evidence.bound, disabled: figures.disabled,
            locked: evidence.locked, administrators: figures.administrators,
            adoption: days.noting(
                AdoptionDay(day: figures.day, users: figures.users, bound: evidence.bound)),
            hours: SignInHour.last(Self.hours, until: figures.now, own, evidence),
            kinds: evidence.kinds, messages: evidence.messages,
            enforcement: settings.enforcement,
            pendingChanges: UInt32(clamping: pending.pending.count),
            resetRequests: figures.resetRequests)
    }
}

extension [AdoptionDay] {
    /// These with what is known of today by now.
    fileprivate func noting(_ today: AdoptionDay) -> [AdoptionDay] {
        (filter { $0.day != today.day } + [today]).suffix(Int(Adoption.daysMax))
    }
}

extension SignInHour {
    /// Hours in a row, the one of `now` last; those of which either service has not counted all
    /// are left out.
    static func last(
        _ count: Int32, until now: Timestamp, _ own: AuditHours, _ evidence: EvidenceOverview
    ) -> [SignInHour] {
        var completed: [Timestamp: Int64] = [:]
        var refused: [Timestamp: Int64] = [:]
        for hour in own.counts {
            if hour.event == .signInCompleted {
                completed[hour.start, default: 0] += hour.count
            } else {
                refused[hour.start, default: 0] += hour.count
            }
        }
        for hour in evidence.hours { refused[hour.start, default: 0] += Int64(hour.refused) }
        let since = [own.completeSince, evidence.completeSince].compactMap { $0 }.max()
        let latest = now.seconds - now.seconds % AuditLog.hourSeconds
        return (0..<Int64(count)).reversed().map { back in
            let start = Timestamp(seconds: latest - back * AuditLog.hourSeconds)
            return SignInHour(
                start: start, completed: UInt32(clamping: completed[start] ?? 0),
                refused: UInt32(clamping: refused[start] ?? 0))
        }.filter { hour in since.map { hour.start >= $0 } ?? true }
    }
}

extension Accounts {
    struct Figures: Sendable {
        /// All there are, disabled ones too.
        let users: UInt32
        let disabled: UInt32
        let administrators: UInt32
        let resetRequests: UInt32
        let now: Timestamp
        /// In UTC, as 2026-11-23.
        let day: String
    }

    /// A statement that gives how many users there are.
    static let count: SQL =
        "SELECT count(*) FROM auth.users WHERE state IN ('active', 'disabled')"

    /// The statement of `figures`.
    static let counting: SQL = """
        SELECT (\(count)),
            (SELECT count(*) FROM auth.users WHERE state = 'disabled'),
            (SELECT count(*) FROM auth.users
                WHERE 'administrator' = ANY (roles) AND state = 'active'),
            (SELECT count(*) FROM auth.reset_requests
                WHERE settled_at IS NULL AND expires_at > now()),
            now(), to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD')
        """

    func figures() async throws(PostgresFault) -> Figures {
        let rows = try await pool.query(Self.counting)
        guard let row = rows.first else { throw .decoding("no row of counts") }
        let (users, disabled, administrators, requests, now, day) = try row.decode(
            Int64.self, Int64.self, Int64.self, Int64.self, Timestamp.self, String.self)
        return Figures(
            users: UInt32(clamping: users), disabled: UInt32(clamping: disabled),
            administrators: UInt32(clamping: administrators),
            resetRequests: UInt32(clamping: requests), now: now, day: day)
    }
}
