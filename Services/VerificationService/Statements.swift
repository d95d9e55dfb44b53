import Postgres
import Wire

extension ConnectionPool {
    /// The one row that a statement always gives.
    func one<T: Sendable>(
        _ sql: SQL, _ decode: (Row) throws(PostgresFault) -> T
    ) async throws(Fault) -> T {
        guard let value = try await atMostOne(sql, decode) else {
            throw Fault(.internal, detail: "a statement gave no row")
        }
        return value
    }

    /// The row of a statement that gives one or none.
    func atMostOne<T: Sendable>(
        _ sql: SQL, _ decode: (Row) throws(PostgresFault) -> T
    ) async throws(Fault) -> T? {
        let values = try await all(sql, decode)
        guard values.count <= 1 else {
            throw Fault(.internal, detail: "a statement gave \(values.count) rows")
        }
        return values.first
    }

    func all<T: Sendable>(
        _ sql: SQL, _ decode: (Row) throws(PostgresFault) -> T
    ) async throws(Fault) -> [T] {
        do throws(PostgresFault) {
            var values: [T] = []
            for row in try await query(sql) { values.append(try decode(row)) }
            return values
        } catch .sqlState(.foreignKeyViolation, let message) {
            // An authenticator was removed or replaced in between, or a verifier was.
            throw Fault(
                message.constraint == "device_counters_authenticator"
                    ? .unavailable : .verifierNotFound,
                detail: message.text)
        } catch {
            throw error.fault
        }
    }
}
