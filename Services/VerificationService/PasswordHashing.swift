import Crypto
import Reactor
import Wire

/// Password hashes, made in a few threads at low priority with a bounded queue: two cores make
/// six to eleven of them per second, so this is where a flood of sign-ins is stopped. What finds
/// the queue full is refused at once and nothing is counted against anybody.
struct PasswordHashing: Sendable {
    let pool: BlockingPool
    let parameters: PasswordHash.Parameters
    /// Checked in place of the record of a user who does not exist; no password fits it.
    private let decoy: PasswordRecord
    private let time: HashTime

    init(pool: BlockingPool, parameters: PasswordHash.Parameters) throws(CryptoFault) {
        self.pool = pool
        self.parameters = parameters
        decoy = try .decoy(parameters)
        time = HashTime(parameters)
    }

    enum Verdict: Sendable {
        case wrong
        /// `stronger` is a new record where the old one was made with weaker parameters.
        case right(stronger: PasswordRecord?)
    }

    /// - Parameter record: nil for a user who does not exist.
    func check(_ password: Password, _ record: PasswordRecord?) async throws(Fault) -> Verdict {
        let parameters = parameters
        let (decoy, time) = (decoy, time)
        return try await run { () throws(CryptoFault) in
            guard try time.matches(password, record ?? decoy), let record else { return .wrong }
            guard record.isWeaker(than: parameters) else { return .right(stronger: nil) }
            return .right(stronger: try PasswordRecord(of: password, parameters))
        }
    }

    /// The record of a new password; nil when it is the one that `old` stands for.
    func record(
        of password: Password, unlike old: PasswordRecord? = nil
    ) async throws(Fault) -> PasswordRecord? {
        let parameters = parameters
        return try await run { () throws(CryptoFault) in
            if let old, try old.matches(password) { return nil }
            return try PasswordRecord(of: password, parameters)
        }
    }

    /// Throws `.overloaded` while a hash would find the queue full: asked before anything is
    /// written for one, so that a flood costs the database nothing.
    func requireRoom() throws(Fault) {
        if pool.isFull { throw PoolRefusal.queueFull.fault }
    }

    private func run<T: Sendable>(
        _ work: @escaping @Sendable () throws(CryptoFault) -> T
    ) async throws(Fault) -> T {
        let result: Result<T, CryptoFault>
        do throws(PoolRefusal) {
            result = try await pool.run { () -> Result<T, CryptoFault> in
                do throws(CryptoFault) {
                    return .success(try work())
                } catch {
                    return .failure(error)
                }
            }
        } catch {
            throw error.fault
        }
        switch result {
        case .success(let value): return value
        // Most likely the memory that a hash wants was not there.
        case .failure(let fault): throw Fault(.unavailable, detail: "hashing: \(fault)")
        }
    }
}

extension PoolRefusal {
    fileprivate var fault: Fault {
        switch self {
        case .queueFull: Fault(.overloaded, retryAfterSeconds: 1, detail: "hash queue full")
        case .cancelled: Fault(.canceled)
        case .stopped: Fault(.unavailable, detail: "the hash pool has stopped")
        }
    }
}
