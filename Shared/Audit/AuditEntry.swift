import Postgres
import Wire

/// One row of the audit on its way into the statement that makes the decision, so that neither
/// stands without the other:
///
/// ```swift
/// try await pool.query("""
///     WITH gate AS (
///         UPDATE session SET ended_at = clock_timestamp()
///         WHERE id = \(session) AND ended_at IS NULL RETURNING id
///     ), \(audit.row(from: "gate"))
///     SELECT count(*) FROM gate
///     """)
/// ```
///
/// A gate that lets nothing through writes no row. Details never hold a secret: no password,
/// code, seed, token or key, whole or in part.
package struct AuditEntry: Sendable, Equatable {
    package let event: AuditEvent
    /// Who did it; nil when nobody is known yet, or the system did it by itself.
    package let actor: Identifier<AuditedUser>?
    /// To whom it was done.
    package let subject: Identifier<AuditedUser>?
    /// The 16 bytes that name the request in logs and calls.
    package let requestID: Bytes?
    /// The trace that the call belongs to, as the log writes it, a dash, and its span. Both travel
    /// with every call that serves another one, which a request id does not, and the span is the
    /// gateway's own, so the rows of several services are joined by it. Stored as `trace` among
    /// the details.
    package let trace: String?
    /// Where it came from: a caller's identity, or the address of an outsider.
    package let source: String
    package let details: [Detail]

    package struct Detail: Sendable, Equatable {
        package let key: String
        package let value: String
    }

    package enum Limits {
        /// Bytes of a source; what is longer is cut, because it was not chosen by us.
        package static let sourceMax = 256
        package static let detailsMax = 16
        /// Bytes of one detail's value; what is longer is cut.
        package static let valueMax = 1024
    }

    /// - Parameter details: In the order they are read; at most `detailsMax`.
    package init<Kind: IdentifierKind>(
        _ event: AuditEvent, actor: Identifier<Kind>?, subject: Identifier<Kind>?,
        requestID: Bytes? = nil, trace: String? = nil, source: String,
        _ details: KeyValuePairs<String, String> = [:]
    ) {
        precondition(details.count <= Limits.detailsMax, "details are few")
        self.event = event
        self.actor = actor.map(Identifier.init)
        self.subject = subject.map(Identifier.init)
        self.requestID = requestID
        self.trace = trace
        self.source = source.cut(to: Limits.sourceMax)
        self.details = details.map {
            Detail(key: $0.key, value: $0.value.cut(to: Limits.valueMax))
        }
    }

    /// An entry that concerns no known user.
    package init(
        _ event: AuditEvent, requestID: Bytes? = nil, trace: String? = nil, source: String,
        _ details: KeyValuePairs<String, String> = [:]
    ) {
        let nobody: Identifier<AuditedUser>? = nil
        self.init(
            event, actor: nobody, subject: nobody, requestID: requestID, trace: trace,
            source: source, details)
    }
}

/// The user an audit row names. Users have one identifier in all services.
package enum AuditedUser: IdentifierKind {
    package static var noun: String { "user" }
}

extension Identifier where Kind == AuditedUser {
    fileprivate init(_ other: Identifier<some IdentifierKind>) {
        self.init(high: other.high, low: other.low)
    }
}

extension String {
    /// At most so many bytes, without cutting a character in two, and without NUL, which
    /// PostgreSQL's text does not take.
    fileprivate func cut(to bytes: Int) -> String {
        guard utf8.count > bytes || utf8.contains(0) else { return self }
        var size = 0
        return String(
            unicodeScalars.filter { $0.value != 0 }.prefix { scalar in
                size += UTF8.width(scalar)
                return size <= bytes
            })
    }
}

// MARK: - SQL

extension AuditEntry {
    /// The common table expression `audited AS (INSERT …)`: one row for each row of `gate`, which
    /// is a common table expression of the same statement.
    /// - Parameters:
    ///   - subject: An expression over the gate's row that yields the subject's id, for decisions
    ///     that learn it only there; else the entry's own.
    ///   - details: Details that only the gate knows: an expression of type `jsonb` over its row.
    ///   - name: Of the expression, when a statement has several.
    package func row(
        from gate: StaticString, subject: SQL? = nil, details: SQL? = nil,
        named name: StaticString = "audited"
    ) -> SQL {
        let payload = payload
        let all: SQL = details.map { "\(payload) || \($0)" } ?? payload
        return """
            \(unsafe: name.description) AS (
                INSERT INTO audit (event, actor, subject, request_id, source, payload)
                SELECT \(event.rawValue), \(actor), \(subject ?? "\(self.subject)"), \(requestID),
                    \(source), \(all)
                FROM \(unsafe: gate.description)
                RETURNING 1
            )
            """
    }

    /// The whole statement, for a decision that changes nothing else, like a refusal.
    package var insert: SQL {
        """
        INSERT INTO audit (event, actor, subject, request_id, source, payload)
        VALUES (\(event.rawValue), \(actor), \(subject), \(requestID), \(source), \(payload))
        """
    }

    private var payload: SQL {
        let all = (trace.map { [Detail(key: "trace", value: $0)] } ?? []) + details
        return "jsonb_object(\(all.map(\.key)), \(all.map(\.value)))"
    }
}
