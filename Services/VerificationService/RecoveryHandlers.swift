import Audit
import Contracts
import Crypto
import OTP
import RPC
import Wire

/// Recovery codes: making and using. A check is one keyed digest and one probe of an index.
extension VerificationHandlers {
    func makeRecoveryCodes(
        _ request: MakeRecoveryCodes, _ call: Call
    ) async throws(Fault) -> RecoveryCodes {
        let new = try newRecoveryCodes(request.user)
        let notice = try await noticeEverywhere(
            .recoveryCodesMade, to: request.notify, of: request.user)
        let audit = AuditContext(call, actor: request.user)
        guard try await recovery.make(new, telling: notice, audit) else {
            throw Fault(.authenticatorNotFound)
        }
        outbox.wake()
        return RecoveryCodes(codes: new.printed)
    }

    /// A set that is not stored yet.
    func newRecoveryCodes(_ user: UserID) throws(Fault) -> RecoverySets.New {
        let id = try AuthenticatorID.fresh()
        let sealed = try sealing.seal(SecretBytes(copying: id.bytes), authenticator: id, of: user)
        do throws(CryptoFault) {
            let set = try RecoveryCodeSet.random()
            let digests = try set.digests(of: user, sealing.keys)
            return RecoverySets.New(
                id: id, user: user, sealed: sealed, digests: digests.map { Bytes($0.bytes) },
                keyName: sealing.keys.primaryName, printed: set.printed)
        } catch {
            throw error.fault
        }
    }

    /// Checks and settles a try that was admitted.
    func prove(
        recoveryCode typed: String, _ admitted: SecondFactors.Admitted,
        telling receiver: NoticeReceiver?, _ audit: AuditContext
    ) async throws(Fault) {
        let attempt = admitted.attempt
        let digests: [Bytes]
        let resealed: SealedValue?
        do throws(Fault) {
            let opened = try sealing.open(
                admitted.sealed, authenticator: attempt.authenticator, of: attempt.user)
            resealed = try sealing.renewed(
                admitted.sealed, opened, authenticator: attempt.authenticator, of: attempt.user)
            digests = try recoveryDigests(typed, of: attempt.user)
        } catch {
            await giveBack(attempt)
            throw error
        }
        // Each code that is used at the same time lets it begin anew.
        for _ in 0...RecoveryCodeSet.count {
            let use = try await use(
                digests, attempt, resealed: resealed, telling: receiver, audit)
            switch use {
            case .consumed: return outbox.wake()
            case .used: throw Fault(.codeUsed)
            case .wrong: throw try await failure(admitted, telling: receiver, audit)
            case .overtaken: continue
            }
        }
        throw .overtaken
    }

    /// The mail says how many are left, so it is written for a set that stands as it does now.
    private func use(
        _ digests: [Bytes], _ attempt: Attempt, resealed: SealedValue?,
        telling receiver: NoticeReceiver?, _ audit: AuditContext
    ) async throws(Fault) -> RecoverySets.Use {
        let standing: RecoverySets.Standing
        let notice: Outbox.Queued
        do throws(Fault) {
            standing = try await recovery.standing(attempt)
            notice = try await noticeEverywhere(
                .recoveryCodeUsed, to: receiver, of: attempt.user
            ) { $0.left = UInt32(clamping: standing.unused - 1) }
        } catch {
            await giveBack(attempt)
            throw error
        }
        return try await recovery.use(
            attempt, digests, after: standing, resealed: resealed, telling: notice, audit)
    }

    /// Under every key of the ring: which one a set was made under is not asked for before.
    private func recoveryDigests(_ typed: String, of user: UserID) throws(Fault) -> [Bytes] {
        guard let code = RecoveryCode(typed: typed) else { return [] }
        var digests: [Bytes] = []
        do throws(CryptoFault) {
            for name in sealing.keys.names {
                digests.append(Bytes(try code.digest(of: user, sealing.keys, under: name).bytes))
            }
        } catch {
            throw error.fault
        }
        return digests
    }
}
