import Audit
import Contracts
import Postgres
import RPC
import Wire

extension AccountHandlers {
    func listSessions(
        _ request: ListOwnSessions, _ call: Call
    ) async throws(Fault) -> SessionList {
        let session = try await gateway.session(of: call)
        return try await gateway.sessionList(of: session.account.id, current: session.id)
    }

    /// Another's session is none, as if there were no such one.
    func endSession(_ request: EndOwnSession, _ call: Call) async throws(Fault) -> SessionsEnded {
        let session = try await gateway.session(of: call)
        let user = session.account.id
        let ended = try await stored { () throws(PostgresFault) in
            try await gateway.sessions.end(
                request.session, of: user,
                audit: call.audit(.sessionEnded, actor: user, subject: user))
        }
        guard ended else { throw Fault(.sessionNotFound) }
        if request.session == session.id { door.forget() }
        return SessionsEnded()
    }

    func endOtherSessions(
        _ request: EndOtherSessions, _ call: Call
    ) async throws(Fault) -> SessionsEnded {
        let session = try await gateway.session(of: call)
        try await endOthers(session, because: .sessionEnded, call)
        return SessionsEnded()
    }

    /// "That was not me". It wants no fresh proof: whoever reaches for it is in a hurry, and it
    /// opens nothing. What is to end ends first, also where no mail can go out.
    func reportNotMe(_ request: ReportNotMe, _ call: Call) async throws(Fault) -> NotMeReported {
        let session = try await gateway.session(of: call)
        let user = session.account.id
        _ = try await stored { () throws(PostgresFault) in
            try await gateway.accounts.endEverything(
                of: user, password: .suspected,
                audit: call.audit(
                    .sessionsEnded, actor: user, subject: user,
                    details: ["because": NoticeEvent.reportedNotMe.rawValue]))
        }
        door.forget()
        return NotMeReported(told: await tellOfReport(session.account, call))
    }

    /// False where there is nobody to tell, or no mail goes out: the sessions have ended already.
    private func tellOfReport(_ account: AccountRecord, _ call: Call) async -> Bool {
        guard let receiver = account.notify else { return false }
        do throws(Fault) {
            _ = try await gateway.verification.sendNotice(
                SendNotice(
                    user: account.id, receiver: receiver, event: .reportedNotMe,
                    place: call.place),
                call)
            return true
        } catch {
            return false
        }
    }
}

extension AdminHandlers {
    func listUserSessions(
        _ request: ListUserSessions, _ call: Call
    ) async throws(Fault) -> SessionList {
        let admin = try await gateway.administrator(of: call)
        _ = try await find(request.user)
        return try await gateway.sessionList(of: request.user, current: admin.id)
    }

    func endUserSessions(
        _ request: EndUserSessions, _ call: Call
    ) async throws(Fault) -> SessionsEnded {
        let admin = try await gateway.freshAdministrator(of: call, because: request.reason)
        _ = try await find(request.user)
        guard let session = request.session else {
            try await gateway.endEverything(
                of: request.user, by: admin.account.id, because: request.reason, finishing: [],
                call)
            return SessionsEnded()
        }
        let ended = try await stored { () throws(PostgresFault) in
            try await gateway.sessions.end(
                session, of: request.user,
                audit: call.audit(
                    .sessionEnded, actor: admin.account.id, subject: request.user,
                    details: ["reason": request.reason]))
        }
        guard ended else { throw Fault(.sessionNotFound) }
        return SessionsEnded()
    }
}

extension Gateway {
    fileprivate func sessionList(
        of user: UserID, current: SessionID
    ) async throws(Fault) -> SessionList {
        SessionList(
            sessions: try await stored { () throws(PostgresFault) in
                try await sessions.list(of: user, current: current)
            })
    }
}

extension Sessions {
    /// Those in force, the newest first; at most as many as a message holds.
    func list(
        of user: UserID, current: SessionID
    ) async throws(PostgresFault) -> [SessionSummary] {
        let rows = try await pool.query(
            """
            SELECT s.id, s.created_at, s.last_used_at, s.expires_at, s.methods, s.level, s.place,
                s.agent, coalesce(s.caller, '')
            FROM auth.sessions s JOIN auth.users u ON u.id = s.user_id
            WHERE s.user_id = \(user) AND \(Self.inForce)
            ORDER BY s.created_at DESC LIMIT 100
            """)
        var list: [SessionSummary] = []
        for row in rows {
            let (
                id, createdAt, lastUsedAt, expiresAt, methods, level, place, agent, caller
            ) = try row.decode(
                SessionID.self, Timestamp.self, Timestamp.self, Timestamp.self, [String].self,
                Int64.self, String.self, String.self, String.self)
            list.append(
                SessionSummary(
                    id: id, createdAt: createdAt, lastUsedAt: lastUsedAt, expiresAt: expiresAt,
                    amr: methods.compactMap(AuthenticationMethod.init),
                    aal: UInt32(clamping: level), current: id == current, place: place,
                    agent: agent, caller: caller))
        }
        return list
    }

    /// Ends one session in force of a user; false where there is none such.
    func end(
        _ id: SessionID, of user: UserID, audit: AuditEntry
    ) async throws(PostgresFault) -> Bool {
        let rows = try await pool.query(
            """
            WITH ended AS (
                UPDATE auth.sessions s SET ended_at = clock_timestamp() FROM auth.users u
                WHERE s.id = \(id) AND s.user_id = \(user) AND u.id = s.user_id
                    AND \(Self.inForce)
                RETURNING s.id
            ), \(audit.row(from: "ended"))
            SELECT true FROM ended
            """)
        return !rows.isEmpty
    }
}
