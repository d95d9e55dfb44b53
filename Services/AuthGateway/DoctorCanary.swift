import Contracts
import Crypto
import OTP
import Postgres
import RPC
import Reactor
import Wire

/// An account that nobody has, with an authenticator app: made at the verification service by the
/// calls of every sign-in, tried as an attacker would, and erased whatever came of it. The gateway
/// knows no such user, so what is bound opens nothing. It is the same account each time: what a
/// doctor leaves who is killed is erased by the next one, before he begins.
struct DoctorCanary: Sendable {
    /// Of version 8 (RFC 9562 §5.8), as no user's is: those are random.
    static let user = UserID(high: 0xd0c7_0000_0000_8000, low: 0x8000_0000_0000_0001)
    /// So many submissions at once.
    static let submissions = 50
    private static let parameters = OneTimePassword.standard
    /// Seconds of a time step that have to be left: a code must not grow old while it is tried.
    private static let roomSeconds: Int64 = 12

    private var user: UserID { Self.user }
    private let gateway: Gateway
    private let loop: EventLoop

    init(_ gateway: Gateway, on loop: EventLoop) {
        self.gateway = gateway
        self.loop = loop
    }

    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameter inspect: Looks at the canary in the database while it is there; it is told the
    ///   seed.
    func run(
        inspect: (SecretBytes) async -> Gathered<SealingFacts>
    ) async -> (Gathered<CanaryFacts>, Gathered<SealingFacts>) {
        let binding = await Gathered.of { try await bind() }
        guard case .known(let bound) = binding else {
            let isErased = await erase()
            var why = "no authenticator could be bound"
            if case .unknown(let reason) = binding { why += ": \(reason)" }
            if !isErased { why += ", and the trial account could not be erased" }
            return (.unknown(why), .unknown(why))
        }
        let sealing = await inspect(bound.seed)
        let right = Self.code(bound.seed, bound.step)
        let same = await submit(right, bound.authenticator, times: Self.submissions)
        let again = await submit(right, bound.authenticator)
        let wrong = Self.wrongCode(bound.seed, near: bound.step)
        let wrongs = await submit(wrong, bound.authenticator, times: Self.submissions)
        let wrongAfter = await submit(wrong, bound.authenticator)
        let facts = CanaryFacts(
            sameCode: same, sameCodeAgain: again, wrongCodes: wrongs, wrongCodeAfter: wrongAfter,
            isErased: await erase())
        return (.known(facts), sealing)
    }

    private struct Bound: Sendable {
        let authenticator: AuthenticatorID
        let seed: SecretBytes
        /// The current time step, whose code has not been used yet.
        let step: Int64
    }

    /// Every call is one of its own: calls of one identifier count as one call said twice.
    private var call: Call { Call(caller: .service(identity: "doctor")) }

    private func bind() async throws -> Bound {
        _ = try await gateway.verification.eraseUser(EraseEvidence(user: user), call)
        let all = try await gateway.verification.listVerifiers(ListVerifiers(), call).verifiers
        guard let verifier = all.first(where: { $0.type == .totp }) else {
            throw Refusal(description: "there is no verifier for authenticator apps")
        }
        let context = try ContextID.fresh()
        let started = try await gateway.verification.beginBinding(
            BeginBinding(
                user: user, verifier: verifier.uid, context: context, accountName: "doctor",
                additional: false), call)
        guard case .totp(let enrolment) = started.enrolment,
            var bytes = Base32.decode(enrolment.secret.utf8)
        else { throw Refusal(description: "it gave no seed") }
        let seed = SecretBytes(taking: &bytes)
        let step = try await stepWithRoom()
        // The code of the step before binds, so that the one of this step is there to be tried.
        let bound = try await gateway.verification.confirmBinding(
            ConfirmBinding(
                user: user, context: context, code: Self.code(seed, step - 1), additional: false),
            call)
        return Bound(authenticator: bound.authenticator.id, seed: seed, step: step)
    }

    /// By the database's clock, which is the one that codes are judged by.
    private func stepWithRoom() async throws -> Int64 {
        let period = Int64(Self.parameters.periodSeconds)
        var now = try await databaseNow()
        let left = period - now.seconds % period
        if left < Self.roomSeconds {
            await loop.sleep(for: .seconds(left + 1))
            now = try await databaseNow()
        }
        return Self.parameters.step(at: now)
    }

    private func databaseNow() async throws -> Timestamp {
        let rows = try await gateway.accounts.pool.query("SELECT clock_timestamp()")
        guard let row = rows.first else { throw Refusal(description: "the database has no clock") }
        return try row.decode(Timestamp.self)
    }

    private func submit(_ code: String, _ authenticator: AuthenticatorID) async -> CodeAnswer {
        do throws(Fault) {
            _ = try await gateway.verification.checkCode(
                CheckCode(
                    user: user, authenticator: authenticator, code: code, purpose: .stepUp), call)
            return .accepted
        } catch {
            return .refused(error.reason)
        }
    }

    private func submit(
        _ code: String, _ authenticator: AuthenticatorID, times: Int
    ) async -> [CodeAnswer] {
        await withTaskGroup(of: CodeAnswer.self) { group in
            for _ in 0..<times { group.addTask { await submit(code, authenticator) } }
            var answers: [CodeAnswer] = []
            for await answer in group { answers.append(answer) }
            return answers
        }
    }

    private func erase() async -> Bool {
        do throws(Fault) {
            _ = try await gateway.verification.eraseUser(EraseEvidence(user: user), call)
            return true
        } catch {
            return false
        }
    }

    private static func code(_ seed: SecretBytes, _ step: Int64) -> String {
        parameters.code(seed: seed, counter: UInt64(clamping: step)).text
    }

    /// One that no time step near this one has.
    static func wrongCode(_ seed: SecretBytes, near step: Int64) -> String {
        let right = Set((-5...5).map { code(seed, step + $0) })
        // Of twelve different codes one at least is none of eleven.
        let candidates = (0..<12).map { String(repeating: "0", count: 4) + String(10 + $0) }
        return candidates.first { !right.contains($0) } ?? ""
    }
}
