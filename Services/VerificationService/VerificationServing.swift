import Contracts
import Crypto
import Daemon
import Hosting
import RPC
import Reactor

/// Starts the verification service: keys and the threads for hashes first, then the door.
enum VerificationServing {
    static func start(_ settings: VerificationSettings, _ runtime: Runtime) async throws -> Serving
    {
        try Libcrypto.check()
        let keys = try settings.keyRing()
        let threads = settings.hashThreads(cores: runtime.loops.loops.count)
        let hashing = try PasswordHashing(
            pool: BlockingPool(
                name: "hash", threads: threads, queueMax: settings.hashQueueMax),
            parameters: settings.hashCost.parameters)
        let host = try await ServiceHost(
            .verification, settings.host, schema: "verification", runtime)
        if let first = host.islands.first {
            let sweep = Sweep(pool: first.pool, log: runtime.log)
            first.loop.spawn { await sweep.run() }
        }
        let door = try host.openRPC(methods: VerificationContract.methods) { island in
            VerificationDispatcher(
                VerificationHandlers(
                    pool: island.pool, keys: keys, hashing: hashing, issuer: settings.issuer,
                    relyingParty: settings.relyingParty, log: runtime.log))
        }
        let operations = try host.openOperations([], runtime)
        return Serving(
            drain: {
                operations.drain()
                await door.close()
                await host.closeDatabase()
                await operations.close()
            }, reload: { host.reloadCertificates() })
    }
}
