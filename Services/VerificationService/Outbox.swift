import Contracts
import Crypto
import Postgres
import Wire

enum MessageKind: IdentifierKind { static let noun = "message" }
typealias MessageID = Identifier<MessageKind>

/// `verification.outbox`: messages on their way. Whoever decides something that is told puts the
/// message into the statement that decides it, and calls `wake` once that is committed:
///
/// ```swift
/// let queued = try outbox.queue(message, to: user, by: .mail)
/// "WITH bound AS (INSERT …), \(queued.row(from: "bound")) SELECT …"
/// outbox.wake()
/// ```
/// Should the process end in between, the sweeper of any process finds the message.
struct Outbox: Sendable {
    let pool: ConnectionPool
    let sealing: Sealing
    let exits: MessageExits
    /// Nil where nobody counts.
    var meter: MessageMeter? = nil

    /// A message on its way into a statement; of nothing where it cannot be sent at all.
    struct Queued: Sendable {
        /// One for each receiver.
        fileprivate var insertions: [SQL]

        static let nothing = Queued(insertions: [])

        /// The same, told to another receiver too.
        static func + (_ one: Queued, _ other: Queued) -> Queued {
            Queued(insertions: one.insertions + other.insertions)
        }

        /// The common table expression `queued AS (INSERT …)`: the message is written where `gate`
        /// has a row. For further receivers `queued_2` and so on follow.
        func row(from gate: StaticString, named name: StaticString = "queued") -> SQL {
            guard let first = insertions.first else {
                return "\(unsafe: name.description) AS (SELECT WHERE false)"
            }
            var rows = Self.row(first, from: gate, named: name.description)
            for (number, insertion) in insertions.enumerated().dropFirst() {
                let next = Self.row(insertion, from: gate, named: "\(name)_\(number + 1)")
                rows = "\(rows), \(next)"
            }
            return rows
        }

        private static func row(
            _ insertion: SQL, from gate: StaticString, named name: String
        ) -> SQL {
            """
            \(unsafe: name) AS (
                \(insertion) FROM \(unsafe: gate.description) LIMIT 1
                RETURNING 1
            )
            """
        }
    }

    /// Nothing where no such message leaves this installation.
    /// - Parameter isForNobody: The row is written without a message, so that it takes as long.
    func queue(
        _ message: OutboundMessage, to user: UserID, by channel: MessageChannel,
        isForNobody: Bool = false
    ) throws(Fault) -> Queued {
        guard exits.channels.contains(channel) else { return .nothing }
        let id = try MessageID.fresh()
        let plaintext = SecretBytes(copying: message.encoded())
        let sealed = try sealing.seal(plaintext, message: id, of: user)
        return Queued(
            insertions: [
                """
                INSERT INTO verification.outbox
                    (id, user_id, channel, subject, sealed, expires_at, outcome, settled_at)
                SELECT \(id), \(user), \(channel), \(message.subject),
                    \(isForNobody ? nil : sealed),
                    clock_timestamp() + \(message.subject.lifetime),
                    \(isForNobody ? MessageOutcome.nobody : nil),
                    CASE WHEN \(isForNobody) THEN clock_timestamp() END
                """
            ])
    }

    /// A message that whoever writes it sends himself, as soon as it is committed. Throws where
    /// no such message leaves this installation.
    /// - Parameter now: What is said to be the time of its making, by this machine's clock.
    func queueTaken(
        _ message: OutboundMessage, to user: UserID, by channel: MessageChannel, now: Timestamp
    ) throws(Fault) -> (Queued, Taken) {
        guard exits.channels.contains(channel) else {
            throw Fault(.messageSendFailed, detail: "nothing goes out by \(channel.rawValue)")
        }
        let id = try MessageID.fresh()
        let plaintext = SecretBytes(copying: message.encoded())
        let sealed = try sealing.seal(plaintext, message: id, of: user)
        let queued = Queued(
            insertions: [
                """
                INSERT INTO verification.outbox
                    (id, user_id, channel, subject, sealed, created_at, expires_at, due_at, tries)
                SELECT \(id), \(user), \(channel), \(message.subject), \(sealed), \(now),
                    clock_timestamp() + \(message.subject.lifetime),
                    clock_timestamp() + \(Self.lease), 1
                """
            ])
        return (
            queued, Taken(id: id, user: user, tries: 1, createdAt: now, sealed: sealed)
        )
    }

    /// A notice by mail; nothing for nobody.
    func notice(
        _ event: NoticeEvent, to receiver: NoticeReceiver?, of user: UserID,
        _ fill: (inout OutboundMessage) -> Void = { _ in }
    ) throws(Fault) -> Queued {
        guard let receiver else { return .nothing }
        var message = OutboundMessage(MessageSubject(event), to: receiver)
        fill(&message)
        return try queue(message, to: user, by: .mail)
    }

    /// A message whose receiver must not show in the time that it takes: for nobody a row is
    /// written too, without a message.
    func queue(
        _ subject: MessageSubject, toWhomever receiver: NoticeReceiver?, of user: UserID,
        _ fill: (inout OutboundMessage) -> Void = { _ in }
    ) throws(Fault) -> Queued {
        let nowhere = NoticeReceiver(address: "", locale: "", displayName: "")
        var message = OutboundMessage(subject, to: receiver ?? nowhere)
        fill(&message)
        return try queue(message, to: user, by: .mail, isForNobody: receiver == nil)
    }

    /// Queues what no other statement decides.
    func add(_ queued: Queued) async throws(Fault) {
        try await run("WITH gate AS (SELECT 1), \(queued.row(from: "gate")) SELECT FROM gate")
        wake()
    }

    /// After the commit of what was queued.
    func wake() { exits.wake() }
}

/// Which messages can leave this process, and who is told that one waits.
struct MessageExits: Sendable {
    let channels: Set<MessageChannel>
    /// Sends what somebody waits for.
    var carrier: MessageCarrier?
    /// May be called on any thread.
    let wake: @Sendable () -> Void

    /// An installation that sends nothing.
    static let none = MessageExits(channels: []) {}
}

// MARK: - Sending

extension Outbox {
    /// A message that this process has taken, until the lease is over.
    struct Taken: Sendable {
        let id: MessageID
        let user: UserID
        let tries: Int
        let createdAt: Timestamp
        let sealed: Bytes
    }

    /// Longer than a sending may take, so no two processes send one message at once.
    static let lease = Duration.seconds(90)

    /// Takes messages that are due: those that expire first are the first, so codes go before
    /// notices. Of any number of processes each message is taken by one.
    func take(_ channel: MessageChannel, max: Int) async throws(Fault) -> [Taken] {
        let sql: SQL = """
            WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
            due AS (
                SELECT d.id FROM verification.outbox d, clock
                WHERE d.channel = \(channel) AND d.sealed IS NOT NULL AND d.due_at <= clock.now
                    AND d.expires_at > clock.now
                ORDER BY d.expires_at LIMIT \(max) FOR UPDATE OF d SKIP LOCKED
            )
            UPDATE verification.outbox o
            SET due_at = clock.now + \(Self.lease), tries = o.tries + 1
            FROM due, clock WHERE o.id = due.id
            RETURNING o.id, o.user_id, o.tries, o.created_at, o.sealed
            """
        return try await pool.all(sql) { (row) throws(PostgresFault) in
            let (id, user, tries, createdAt, sealed) = try row.decode(
                MessageID.self, UserID.self, Int.self, Timestamp.self, Bytes.self)
            return Taken(
                id: id, user: user, tries: tries, createdAt: createdAt, sealed: sealed)
        }
    }

    func open(_ taken: Taken) throws(Fault) -> OutboundMessage {
        let plaintext = try sealing.open(taken.sealed, message: taken.id, of: taken.user)
        do throws(WireFault) {
            return try OutboundMessage(decoding: plaintext.revealed())
        } catch {
            throw Fault(.internal, detail: "a message in the outbox: \(error)")
        }
    }

    /// The end of a message: its outcome stays, what it said goes.
    func settle(_ taken: Taken, _ outcome: MessageOutcome) async throws(Fault) {
        try await run(
            """
            UPDATE verification.outbox o
            SET sealed = NULL, outcome = \(outcome), settled_at = clock_timestamp()
            WHERE o.id = \(taken.id) AND o.tries = \(taken.tries) AND o.sealed IS NOT NULL
            """)
    }

    /// It is taken again after a rest, by whoever comes first.
    func putBack(_ taken: Taken, for rest: Duration) async throws(Fault) {
        try await run(
            """
            UPDATE verification.outbox o SET due_at = clock_timestamp() + \(rest)
            WHERE o.id = \(taken.id) AND o.tries = \(taken.tries) AND o.sealed IS NOT NULL
            """)
    }

    /// Erases what nobody has to be told any more.
    /// - Returns: How many there were.
    func expire() async throws(Fault) -> Int {
        let expired = MessageOutcome.expired
        return try await run(
            """
            UPDATE verification.outbox o
            SET sealed = NULL, outcome = \(expired), settled_at = clock_timestamp()
            WHERE o.id IN (
                SELECT e.id FROM verification.outbox e
                WHERE e.sealed IS NOT NULL AND e.expires_at <= clock_timestamp()
                    AND e.due_at <= clock_timestamp()
                LIMIT \(Sweep.rowsMax) FOR UPDATE SKIP LOCKED
            )
            """)
    }

    @discardableResult
    private func run(_ sql: SQL) async throws(Fault) -> Int {
        do throws(PostgresFault) {
            return try await pool.execute(sql)
        } catch {
            throw error.fault
        }
    }
}

/// How a message ended; the word stands in the outbox.
enum MessageOutcome: String, Sendable, CaseIterable {
    /// A server has taken it.
    case sent
    /// The receiver, or the message itself, was refused for good.
    case refused
    /// The provider takes no more for now, and nobody waits so long.
    case limited
    /// Only an operator can help.
    case failed
    /// Nobody took it in time.
    case expired
    /// A later one has made void what it says.
    case replaced
    /// There was nobody to send it to, and nobody is to learn that.
    case nobody
    /// It could not be opened, or held no receiver that a message can go to.
    case unreadable
}

extension MessageChannel: SQLValue {}
extension MessageSubject: SQLValue {}
extension MessageOutcome: SQLValue {}
