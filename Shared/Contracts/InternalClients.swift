import RPC
import Wire

/// `VerificationService` at the other end of the wire: the same protocol as its handlers.
package struct VerificationClient: Verification {
    package let rpc: RPCClient
    package let timeout: Duration
    /// Policy's, as last heard: they travel with each call that counts tries or messages.
    private let limits: @Sendable () -> LimitSettings?

    package init(
        _ rpc: RPCClient, timeout: Duration = .seconds(10),
        limits: @escaping @Sendable () -> LimitSettings? = { nil }
    ) {
        self.rpc = rpc
        self.timeout = timeout
        self.limits = limits
    }

    package func checkPassword(
        _ request: CheckPassword, _ call: Call
    ) async throws(Fault) -> PasswordVerdict {
        var limited = request
        limited.limits = limits()
        return try await rpc.call(
            VerificationContract.checkPassword, limited, deadline: timeout, for: call)
    }

    package func setInitialPassword(
        _ request: SetInitialPassword, _ call: Call
    ) async throws(Fault) -> InitialPasswordSet {
        try await rpc.call(
            VerificationContract.setInitialPassword, request, deadline: timeout, for: call)
    }

    package func replacePassword(
        _ request: ReplacePassword, _ call: Call
    ) async throws(Fault) -> PasswordReplaced {
        var limited = request
        limited.limits = limits()
        return try await rpc.call(
            VerificationContract.replacePassword, limited, deadline: timeout, for: call)
    }

    package func listAuthenticators(
        _ request: ListAuthenticators, _ call: Call
    ) async throws(Fault) -> AuthenticatorList {
        try await rpc.call(
            VerificationContract.listAuthenticators, request, deadline: timeout, for: call)
    }

    package func eraseUser(
        _ request: EraseEvidence, _ call: Call
    ) async throws(Fault) -> EvidenceErased {
        try await rpc.call(
            VerificationContract.eraseUser, request, deadline: timeout, for: call)
    }

    package func sendInvitation(
        _ request: SendInvitation, _ call: Call
    ) async throws(Fault) -> InvitationSent {
        try await rpc.call(
            VerificationContract.sendInvitation, request, deadline: timeout, for: call)
    }

    package func sendSignUp(
        _ request: SendSignUp, _ call: Call
    ) async throws(Fault) -> SignUpQueued {
        try await rpc.call(
            VerificationContract.sendSignUp, request, deadline: timeout, for: call)
    }

    package func setChosenPassword(
        _ request: SetChosenPassword, _ call: Call
    ) async throws(Fault) -> ChosenPasswordSet {
        try await rpc.call(
            VerificationContract.setChosenPassword, request, deadline: timeout, for: call)
    }

    package func renameAuthenticator(
        _ request: NameAuthenticator, _ call: Call
    ) async throws(Fault) -> AuthenticatorView {
        try await rpc.call(
            VerificationContract.renameAuthenticator, request, deadline: timeout, for: call)
    }

    package func endLinks(
        _ request: EndLinks, _ call: Call
    ) async throws(Fault) -> LinksEnded {
        try await rpc.call(VerificationContract.endLinks, request, deadline: timeout, for: call)
    }

    package func listBound(
        _ request: ListBound, _ call: Call
    ) async throws(Fault) -> BoundFactorList {
        try await rpc.call(VerificationContract.listBound, request, deadline: timeout, for: call)
    }

    package func beginBinding(
        _ request: BeginBinding, _ call: Call
    ) async throws(Fault) -> BindingStarted {
        var limited = request
        limited.limits = limits()
        return try await rpc.call(
            VerificationContract.beginBinding, limited, deadline: timeout, for: call)
    }

    package func confirmBinding(
        _ request: ConfirmBinding, _ call: Call
    ) async throws(Fault) -> AuthenticatorBound {
        try await rpc.call(
            VerificationContract.confirmBinding, request, deadline: timeout, for: call)
    }

    package func checkCode(
        _ request: CheckCode, _ call: Call
    ) async throws(Fault) -> Proof {
        var limited = request
        limited.limits = limits()
        return try await rpc.call(
            VerificationContract.checkCode, limited, deadline: timeout, for: call)
    }

    package func unbind(
        _ request: RemoveAuthenticator, _ call: Call
    ) async throws(Fault) -> AuthenticatorRemoved {
        try await rpc.call(VerificationContract.unbind, request, deadline: timeout, for: call)
    }

    package func resetAuthenticators(
        _ request: RemoveAuthenticators, _ call: Call
    ) async throws(Fault) -> AuthenticatorsReset {
        try await rpc.call(
            VerificationContract.resetAuthenticators, request, deadline: timeout, for: call)
    }

    package func createVerifier(
        _ request: MakeVerifier, _ call: Call
    ) async throws(Fault) -> VerifierView {
        try await rpc.call(
            VerificationContract.createVerifier, request, deadline: timeout, for: call)
    }

    package func listVerifiers(
        _ request: ListVerifiers, _ call: Call
    ) async throws(Fault) -> VerifierList {
        try await rpc.call(
            VerificationContract.listVerifiers, request, deadline: timeout, for: call)
    }

    package func updateVerifier(
        _ request: ChangeVerifier, _ call: Call
    ) async throws(Fault) -> VerifierView {
        try await rpc.call(
            VerificationContract.updateVerifier, request, deadline: timeout, for: call)
    }

    package func deleteVerifiers(
        _ request: RemoveVerifiers, _ call: Call
    ) async throws(Fault) -> VerifiersDeleted {
        try await rpc.call(
            VerificationContract.deleteVerifiers, request, deadline: timeout, for: call)
    }

    package func listLocked(
        _ request: ListLocked, _ call: Call
    ) async throws(Fault) -> LockedList {
        try await rpc.call(VerificationContract.listLocked, request, deadline: timeout, for: call)
    }

    package func unlock(_ request: Unlock, _ call: Call) async throws(Fault) -> UserUnlocked {
        try await rpc.call(VerificationContract.unlock, request, deadline: timeout, for: call)
    }

    package func beginChallenge(
        _ request: BeginChallenge, _ call: Call
    ) async throws(Fault) -> ChallengeStarted {
        var limited = request
        limited.limits = limits()
        return try await rpc.call(
            VerificationContract.beginChallenge, limited, deadline: timeout, for: call)
    }

    package func beginPasskeyChallenge(
        _ request: BeginPasskeyChallenge, _ call: Call
    ) async throws(Fault) -> PasskeyChallenge {
        try await rpc.call(
            VerificationContract.beginPasskeyChallenge, request, deadline: timeout, for: call)
    }

    package func checkPasskey(
        _ request: CheckPasskey, _ call: Call
    ) async throws(Fault) -> PasskeyVerdict {
        try await rpc.call(
            VerificationContract.checkPasskey, request, deadline: timeout, for: call)
    }

    package func makeRecoveryCodes(
        _ request: MakeRecoveryCodes, _ call: Call
    ) async throws(Fault) -> RecoveryCodes {
        try await rpc.call(
            VerificationContract.makeRecoveryCodes, request, deadline: timeout, for: call)
    }

    package func sendNotice(
        _ request: SendNotice, _ call: Call
    ) async throws(Fault) -> NoticeQueued {
        try await rpc.call(
            VerificationContract.sendNotice, request, deadline: timeout, for: call)
    }

    package func beginReset(
        _ request: BeginReset, _ call: Call
    ) async throws(Fault) -> ResetBegun {
        try await rpc.call(
            VerificationContract.beginReset, request, deadline: timeout, for: call)
    }

    package func findReset(
        _ request: FindReset, _ call: Call
    ) async throws(Fault) -> ResetFound {
        try await rpc.call(
            VerificationContract.findReset, request, deadline: timeout, for: call)
    }

    package func importAuthenticators(
        _ request: ImportAuthenticators, _ call: Call
    ) async throws(Fault) -> AuthenticatorsImported {
        try await rpc.call(
            VerificationContract.importAuthenticators, request, deadline: timeout, for: call)
    }

    package func testVerifier(
        _ request: TryVerifier, _ call: Call
    ) async throws(Fault) -> TestSent {
        try await rpc.call(
            VerificationContract.testVerifier, request, deadline: timeout, for: call)
    }

    package func findPasskey(
        _ request: FindPasskey, _ call: Call
    ) async throws(Fault) -> PasskeyFound {
        try await rpc.call(
            VerificationContract.findPasskey, request, deadline: timeout, for: call)
    }

    package func listAudit(_ request: ReadAudit, _ call: Call) async throws(Fault) -> AuditPage {
        try await rpc.call(VerificationContract.listAudit, request, deadline: timeout, for: call)
    }

    package func getOverview(
        _ request: GetEvidenceOverview, _ call: Call
    ) async throws(Fault) -> EvidenceOverview {
        var limited = request
        limited.limits = limits()
        return try await rpc.call(
            VerificationContract.getOverview, limited, deadline: timeout, for: call)
    }
}

/// `PolicyService` at the other end of the wire: the same protocol as its handlers.
package struct PolicyDecisionClient: PolicyDecision {
    package let rpc: RPCClient
    package let timeout: Duration

    package init(_ rpc: RPCClient, timeout: Duration = .seconds(10)) {
        self.rpc = rpc
        self.timeout = timeout
    }

    package func decide(_ request: Decide, _ call: Call) async throws(Fault) -> Decision {
        try await rpc.call(PolicyContract.decide, request, deadline: timeout, for: call)
    }

    package func getSettings(
        _ request: GetTwoFactorSettings, _ call: Call
    ) async throws(Fault) -> TwoFactorSettings {
        try await rpc.call(PolicyContract.getSettings, request, deadline: timeout, for: call)
    }

    package func updateSettings(
        _ request: ChangeSettings, _ call: Call
    ) async throws(Fault) -> TwoFactorSettings {
        try await rpc.call(PolicyContract.updateSettings, request, deadline: timeout, for: call)
    }

    package func eraseUser(
        _ request: EraseAssignments, _ call: Call
    ) async throws(Fault) -> AssignmentsErased {
        try await rpc.call(PolicyContract.eraseUser, request, deadline: timeout, for: call)
    }

    package func listVersions(
        _ request: ListSettingsVersions, _ call: Call
    ) async throws(Fault) -> SettingsVersionList {
        try await rpc.call(PolicyContract.listVersions, request, deadline: timeout, for: call)
    }

    package func compareSettings(
        _ request: CompareSettings, _ call: Call
    ) async throws(Fault) -> SettingsDifferences {
        try await rpc.call(PolicyContract.compareSettings, request, deadline: timeout, for: call)
    }

    package func decideProposed(
        _ request: DecideProposed, _ call: Call
    ) async throws(Fault) -> DecisionList {
        try await rpc.call(PolicyContract.decideProposed, request, deadline: timeout, for: call)
    }

    package func listPending(
        _ request: ListPendingSettings, _ call: Call
    ) async throws(Fault) -> PendingSettingsList {
        try await rpc.call(PolicyContract.listPending, request, deadline: timeout, for: call)
    }

    package func getPending(
        _ request: GetPendingSettings, _ call: Call
    ) async throws(Fault) -> ProposedSettings {
        try await rpc.call(PolicyContract.getPending, request, deadline: timeout, for: call)
    }

    package func approvePending(
        _ request: DecideChange, _ call: Call
    ) async throws(Fault) -> TwoFactorSettings {
        try await rpc.call(PolicyContract.approvePending, request, deadline: timeout, for: call)
    }

    package func withdrawPending(
        _ request: DecideChange, _ call: Call
    ) async throws(Fault) -> SettingsWithdrawn {
        try await rpc.call(PolicyContract.withdrawPending, request, deadline: timeout, for: call)
    }

    package func weighSettings(
        _ request: WeighSettings, _ call: Call
    ) async throws(Fault) -> SettingsWeighed {
        try await rpc.call(PolicyContract.weighSettings, request, deadline: timeout, for: call)
    }

    package func edgePolicy(
        _ request: GetEdgePolicy, _ call: Call
    ) async throws(Fault) -> EdgePolicy {
        try await rpc.call(PolicyContract.edgePolicy, request, deadline: timeout, for: call)
    }

    package func listAudit(_ request: ReadAudit, _ call: Call) async throws(Fault) -> AuditPage {
        try await rpc.call(PolicyContract.listAudit, request, deadline: timeout, for: call)
    }
}

extension RPCClient {
    /// A call made on behalf of another one: within its deadline, in its trace and span, by which
    /// the audits are joined, under a request id of its own.
    fileprivate func call<Request, Response>(
        _ method: Method<Request, Response>, _ request: Request, deadline timeout: Duration,
        for call: Call
    ) async throws(Fault) -> Response {
        do throws(Fault) {
            return try await self.call(
                method, request, deadline: min(timeout, call.timeLeft(otherwise: timeout)),
                trace: call.trace)
        } catch {
            throw error.ofPeer(method.name)
        }
    }
}

extension Fault {
    /// What a refusal by a service behind us is for our caller: the same, unless it blames whoever
    /// called that service, for that is us.
    fileprivate func ofPeer(_ method: String) -> Fault {
        switch reason {
        case .malformed, .tooLarge, .methodUnknown, .callerNotAllowed, .compressionUnsupported,
            .crossSite, .requestIDReused:
            Fault(.internal, detail: "\(method) was refused as \(reason.rawValue): \(detail)")
        case _: self
        }
    }
}
