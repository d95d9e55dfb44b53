import Contracts
import Crypto
import Daemon
import Hosting
import Mail
import Postgres
import RPC
import Reactor
import TLS

/// Starts the verification service: keys and the threads for hashes first, then the door.
enum VerificationServing {
    static func start(
        _ settings: VerificationSettings, _ runtime: Runtime
    ) async throws -> Serving<VerificationSettings> {
        try Libcrypto.check()
        try settings.host.requireFreePorts()
        let sealing = Sealing(keys: try settings.keyRing())
        let authorities = try Post.Authorities(settings)
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
        let meters = VerificationMeters(
            hashing.pool, host.islands, host.metrics)
        host.addCertificates()
        let post = Post(settings, authorities, sealing, host, meters, runtime)
        let door = try host.openRPC(contracts: [VerificationContract.self]) { island in
            VerificationDispatcher(
                VerificationHandlers(
                    pool: island.pool, sealing: sealing, hashing: hashing, issuer: settings.issuer,
                    relyingParty: settings.relyingParty, exits: post.exits,
                    budget: settings.messages.budget, log: runtime.log, meters: meters))
        }
        let operations = try host.openOperations([], runtime)
        return Serving(
            announce: { operations.drain() },
            drain: {
                await door.close()
                await post.close()
                await host.closeDatabase()
                await operations.close()
            },
            reload: { fresh in
                host.reload(fresh.host)
                post.reload(fresh)
                do throws(SetupFault) {
                    sealing.replace(keys: try fresh.keyRing())
                } catch {
                    runtime.log.error("key_ring_not_loaded", ["why": .text(error.description)])
                }
            })
    }
}

/// What takes messages out of this process: the ways that the settings name, and the one who
/// sends.
private struct Post: Sendable {
    let exits: MessageExits
    private let sending: (sender: OutboxSender, loop: EventLoop)?
    private let mail: MailCarrier?
    private let contexts: [TLSContext]
    private let log: Log

    /// Whom we believe the names of servers of the outside.
    struct Authorities: Sendable {
        let sms: TLSContext
        /// Nil where mail goes to nobody, or to this very machine.
        let mail: TLSContext?

        init(_ settings: VerificationSettings) throws(SetupFault) {
            sms = try TLSContext(
                outboundAuthorityFile: settings.messages.authorityFile, of: "SMS_AUTHORITY_FILE")
            guard let exit = settings.mail.exit, exit.server.security != .plainOnLoopback else {
                mail = nil
                return
            }
            mail = try TLSContext(
                outboundAuthorityFile: exit.authorityFile, of: "MAIL_AUTHORITY_FILE")
        }
    }

    init(
        _ settings: VerificationSettings, _ authorities: Authorities, _ sealing: Sealing,
        _ host: ServiceHost, _ meters: VerificationMeters, _ runtime: Runtime
    ) {
        log = runtime.log
        guard let island = host.islands.first else {
            (exits, sending, contexts, mail) = (.none, nil, [], nil)
            return
        }
        mail = Self.mail(settings, authorities, island, log)
        let dialing = island.outbound(authorities.sms)
        let sms = SMSCarrier(client: { dialing.client(on: $0) }, product: settings.issuer)
        contexts = [authorities.sms] + (authorities.mail.map { [$0] } ?? [])
        let carrier = MessageCarrier(mail: mail, sms: sms)
        let outbox = Outbox(
            pool: island.pool, sealing: sealing, exits: .none,
            meter: meters.messages(on: island.loop))
        let sender = OutboxSender(outbox, carrier, log)
        exits = MessageExits(channels: carrier.channels, carrier: carrier) { sender.wake() }
        sending = (sender, island.loop)
        island.loop.spawn { await sender.run() }
    }

    private static func mail(
        _ settings: VerificationSettings, _ authorities: Authorities, _ island: Island, _ log: Log
    ) -> MailCarrier? {
        guard let exit = settings.mail.exit, let address = settings.address else {
            log.warning("no_mail_server", ["consequence": .text("no mail is sent")])
            return nil
        }
        log.info("mail_server", ["host": .text(exit.server.host)])
        return MailCarrier(
            client: SMTPClient(exit.server, resolver: island.resolver, context: authorities.mail),
            from: exit.from,
            product: MailText(showing: settings.issuer) ?? MailText(literal: "Dubbelslot"),
            address: address)
    }

    func close() async {
        guard let sending else { return }
        do {
            try await sending.loop.run { await sending.sender.drain() }
        } catch {
            log.debug("loop_ended_before_its_sender")
        }
    }

    func reload(_ fresh: VerificationSettings) {
        for context in contexts { log.reload(context) }
        if let server = fresh.mail.exit?.server { mail?.renewCredentials(of: server) }
    }
}
