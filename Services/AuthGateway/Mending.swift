import Audit
import Contracts
import Daemon
import Postgres
import RPC
import Reactor
import Wire

/// Finds what was begun and broke off between two services, and does the rest. Every step may
/// have been done already, so all are made to be repeated.
struct Mending: Sendable {
    let gateway: Gateway
    let log: Log

    static let interval = Duration.seconds(30)
    /// Pieces of work taken up at once, so that one gateway does not sit on all.
    private static let worksMax: Int64 = 8

    /// Runs until the task is cancelled. Any number of gateways may do so at once.
    func run(on loop: EventLoop) async {
        while !Task.isCancelled {
            await loop.sleep(for: Self.interval * Double.random(in: 0.5...1))
            if Task.isCancelled { return }
            do throws(Fault) {
                let mended = try await once()
                if mended > 0 { log.info("mended", ["works": .integer(mended)]) }
            } catch {
                log.warning("mending_failed", ["why": .text(error.detail)])
            }
        }
    }

    /// How many pieces of work were brought to an end.
    func once() async throws(Fault) -> Int {
        let items = try await stored { () throws(PostgresFault) in
            try await gateway.unfinished.take(max: Self.worksMax)
        }
        var mended = 0
        for item in items {
            do throws(Fault) {
                try await mend(item, Call(caller: .service(identity: "mending")))
                mended += 1
            } catch {
                log.warning(
                    "not_mended",
                    [
                        "user": .id(item.user), "work": .text(item.work.rawValue),
                        "reason": .text(error.reason.rawValue), "why": .text(error.detail),
                    ])
            }
        }
        return mended + (try await sweepSignUps())
    }

    private func mend(_ item: Unfinished.Item, _ call: Call) async throws(Fault) {
        let user = item.user
        switch item.work {
        case .creation:
            // Nobody was told his password, and whoever made him was told that it failed.
            try await gateway.erase(user, by: item.actor, because: "creation broke off", call)
        case .invitation:
            try await gateway.sendInvitation(to: user, by: item.actor, call)
        case .authenticatorsReset:
            _ = try await gateway.resetAuthenticators(
                of: user, by: item.actor, because: item.reason, call)
        case .passwordReset:
            // The new password is made again by whoever wanted it and was not told it.
            try await gateway.endEverything(
                of: user, by: item.actor, because: item.reason,
                finishing: [.passwordReset], call)
        case .addressChange:
            try await gateway.leave(item.reason, of: user, call)
        case .erasure:
            try await gateway.finishErasure(of: user, by: item.actor, call)
        case .erasureAgain:
            try await gateway.eraseElsewhere(user, by: item.actor, call)
            _ = try await stored { () throws(PostgresFault) in
                try await gateway.unfinished.end(.erasureAgain, of: user)
            }
        }
    }

    /// Sign-ups that were never confirmed go, with what was made for them elsewhere.
    private func sweepSignUps() async throws(Fault) -> Int {
        let expired = try await stored { () throws(PostgresFault) in
            try await gateway.signUps.expired(max: Self.worksMax)
        }
        let call = Call(caller: .service(identity: "mending"))
        for signUp in expired {
            if signUp.wasTried {
                _ = try await gateway.verification.eraseUser(
                    EraseEvidence(user: signUp.user), call)
            }
            try await stored { () throws(PostgresFault) in
                try await gateway.signUps.remove(signUp)
            }
        }
        return expired.count
    }
}
