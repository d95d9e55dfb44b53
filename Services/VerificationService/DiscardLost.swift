import Audit
import Contracts
import Crypto
import Daemon
import Hosting
import Postgres
import RPC
import Wire

/// For a key ring that is lost, with a new one in its place and while the service does not serve:
/// what the lost keys sealed opens never again, and its rows only stand in the way of binding anew.
/// Passwords, authenticators and recovery codes under keys that the ring does not hold are
/// deleted. Then `restore-admin` lets an administrator in, who gives out initial passwords.
///
/// It refuses to run without the word that confirms it: with the wrong ring it would delete what
/// the right one still opens.
enum DiscardLost {
    static let confirmation = "--keys-are-lost"

    static func run(_ settings: VerificationSettings, _ runtime: Runtime) async throws -> ExitCode {
        guard runtime.arguments == [confirmation] else {
            runtime.log.error("usage", ["text": .text("discard-lost \(confirmation)")])
            return .usage
        }
        let keys = try settings.keyRing()
        let host = try await ServiceHost(
            .verification, settings.host, schema: "verification", runtime)
        guard let island = host.islands.first else { return .failure }
        do throws(PostgresFault) {
            let discarded = try await LostKeys(pool: island.pool, known: keys.names).discard(
                Call(caller: .service(identity: "discard-lost")))
            runtime.log.info("lost_discarded", ["authenticators": .integer(discarded)])
            return .success
        } catch {
            runtime.log.error("not_all_discarded", ["why": .text(error.detail)])
            return .failure
        }
    }
}

/// What stands under keys that nobody has any more.
struct LostKeys: Sendable {
    let pool: ConnectionPool
    /// The names of the keys that are there.
    let known: [String]

    private static let batch: Int64 = 1000

    /// How many authenticators went. The audit row comes last: without it, it broke off.
    func discard(_ call: Call) async throws(PostgresFault) -> Int {
        // Sealed as well, and void within the hour.
        for table: SQL in ["verification.challenges", "verification.bindings"] {
            _ = try await pool.execute("DELETE FROM \(table)")
        }
        _ = try await pool.execute("DELETE FROM verification.outbox WHERE sealed IS NOT NULL")
        // Digests of a lost key are no more use than what it sealed.
        _ = try await pool.execute(
            "DELETE FROM verification.recovery_codes WHERE key_id <> ALL (\(known))")
        let discarding: SQL = """
            DELETE FROM verification.authenticators a
            USING (
                SELECT user_id, id FROM verification.authenticators
                WHERE key_id <> ALL (\(known)) LIMIT \(Self.batch) FOR UPDATE
            ) b
            WHERE a.user_id = b.user_id AND a.id = b.id
            """
        var discarded = 0
        while case let count = try await pool.execute(discarding), count > 0 {
            discarded += count
        }
        _ = try await pool.execute(
            AuditEntry(
                .lostKeysDiscarded, requestID: Bytes(call.requestID.bytes),
                trace: call.trace.audited, source: call.caller.description,
                ["authenticators": String(discarded)]
            ).insert)
        return discarded
    }
}
