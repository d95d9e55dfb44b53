import Contracts
import RPC
import Reactor
import Wire

/// What one process lets in, judged by where a call comes from alone and before anything is spent
/// on it: no body is decoded, no name looked up, no password hashed. So a refusal is the same for
/// every name.
///
/// Shared by all loops of the process; every gateway counts for itself.
final class CallLimits: Sendable {
    struct Rates: Sendable, Hashable {
        /// Of one network: every call.
        var calls: TokenBucket.Rate
        /// Of one network: calls that have a password hashed.
        var passwords: TokenBucket.Rate
        /// Of all callers together: calls that have a password hashed.
        var allPasswords: TokenBucket.Rate

        /// These, where policy says less.
        func tightened(by said: LimitSettings) -> Rates {
            Rates(
                calls: calls.tightened(said.networkCallsBurst, said.networkCallsPerMinute),
                passwords: passwords.tightened(
                    said.networkPasswordsBurst, said.networkPasswordsPerMinute),
                allPasswords: allPasswords.tightened(
                    said.passwordsBurst, said.passwordsPerMinute))
        }
    }

    fileprivate struct State: Sendable {
        var calls: NetworkBuckets
        var passwords: NetworkBuckets
        var allPasswords = TokenBucket()
        var rates: CallLimits.Rates
    }

    /// Each has the verification service make a hash, or may, which costs it a core for a while;
    /// or has it send mail, which is as dear.
    private static let hashing: Set<UInt16> = [
        SignInContract.start.number, SignInContract.changePassword.number,
        SignInContract.signUp.number, SignInContract.confirmSignUp.number,
        SignInContract.beginPasswordReset.number, SignInContract.completePasswordReset.number,
        AccountContract.changePassword.number, AccountContract.stepUp.number,
    ]

    private let rates: Rates
    private let now: @Sendable () -> Int64
    private let state: Guarded<State>

    /// - Parameter now: Nanoseconds that do not go back.
    init(
        _ rates: Rates, networksMax: Int = NetworkBuckets.networksMax,
        now: @escaping @Sendable () -> Int64
    ) {
        self.rates = rates
        self.now = now
        state = Guarded(
            State(
                calls: NetworkBuckets(rates.calls, networksMax: networksMax),
                passwords: NetworkBuckets(rates.passwords, networksMax: networksMax),
                rates: rates))
    }

    /// Policy's limits from now on: what an operator has set, where they do not say less.
    func follow(_ said: LimitSettings?) {
        let rates = said.map(self.rates.tightened) ?? self.rates
        state.withLock { state in
            guard state.rates != rates else { return }
            state.rates = rates
            state.calls.rate = rates.calls
            state.passwords.rate = rates.passwords
        }
    }

    convenience init(_ rates: Rates) {
        let start = ContinuousClock.now
        self.init(rates) {
            let span = start.duration(to: .now).components
            return span.seconds * 1_000_000_000 + span.attoseconds / 1_000_000_000
        }
    }

    /// Throws `.overloaded` with the time after which it makes sense to come again; a call that is
    /// refused takes nothing. A registered caller speaks for people of many networks, so only what
    /// all callers together may cost binds him.
    func admit(_ method: UInt16, from caller: Caller) throws(Fault) {
        let network: NetworkBuckets.Network? =
            switch caller {
            case .outside(let address): .init(address)
            case .service: nil
            }
        let isHashing = Self.hashing.contains(method)
        let delay = state.withLock { $0.take(network, isHashing, at: now()) }
        guard delay > 0 else { return }
        let seconds = UInt32(clamping: (delay + 999_999_999) / 1_000_000_000)
        throw Fault(.overloaded, retryAfterSeconds: seconds, detail: "over a limit of calls")
    }
}

extension CallLimits.State {
    /// Takes a token from every bucket that the call concerns, or from none when one of them is
    /// empty: then it says how many nanoseconds it takes until none is.
    fileprivate mutating func take(
        _ network: NetworkBuckets.Network?, _ isHashing: Bool, at now: Int64
    ) -> Int64 {
        var delay: Int64 = 0
        if let network { delay = calls.delay(of: network, at: now) }
        if isHashing {
            if let network { delay = max(delay, passwords.delay(of: network, at: now)) }
            delay = max(delay, allPasswords.delay(rates.allPasswords, at: now))
        }
        guard delay == 0 else { return delay }
        if let network { calls.take(from: network, at: now) }
        if isHashing {
            if let network { passwords.take(from: network, at: now) }
            allPasswords.take(rates.allPasswords, at: now)
        }
        return 0
    }
}

extension TokenBucket.Rate {
    /// What policy may say is at least 1, by its bounds; less would let nobody in ever again.
    fileprivate func tightened(_ burst: UInt32?, _ perMinute: UInt32?) -> Self {
        Self(
            burst: max(1, burst.orFewer(than: self.burst)),
            perMinute: max(1, perMinute.orFewer(than: self.perMinute)))
    }
}
