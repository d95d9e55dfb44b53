import RPC
import Wire

/// Proves who somebody is. Holds every authenticator; speaks only to the gateway.
package enum VerificationContract: Contract {
    package static let service = ServiceName(0x01, "dubbelslot.v1.VerificationService")
    package static let about =
        "Proves who somebody is. Holds every authenticator; speaks only to the gateway."

    package static let checkPassword = Method<CheckPassword, PasswordVerdict>(
        0x0101, "CheckPassword", callers: .services([.gateway]),
        "Counts the try, then checks the password.")

    package static let setInitialPassword = Method<SetInitialPassword, InitialPasswordSet>(
        0x0102, "SetInitialPassword", callers: .services([.gateway]),
        "Gives a user a random password for one sign-in.")

    package static let replacePassword = Method<ReplacePassword, PasswordReplaced>(
        0x0103, "ReplacePassword", callers: .services([.gateway]),
        "Sets the password that a user chose.")

    package static let listAuthenticators = Method<ListAuthenticators, AuthenticatorList>(
        0x0104, "ListAuthenticators", callers: .services([.gateway]),
        "A user's second factors.")

    package static let beginBinding = Method<BeginBinding, BindingStarted>(
        0x0105, "BeginBinding", callers: .services([.gateway]),
        "Makes a seed that waits for its first code.")

    package static let confirmBinding = Method<ConfirmBinding, AuthenticatorBound>(
        0x0106, "ConfirmBinding", callers: .services([.gateway]),
        "Counts the try, then binds with the first code.")

    package static let checkCode = Method<CheckCode, Proof>(
        0x0107, "CheckCode", callers: .services([.gateway]),
        "Counts the try, then checks and consumes the code.")

    package static let unbind = Method<RemoveAuthenticator, AuthenticatorRemoved>(
        0x0108, "Unbind", callers: .services([.gateway]),
        "Removes one second factor.")

    package static let resetAuthenticators = Method<RemoveAuthenticators, AuthenticatorsReset>(
        0x0109, "ResetAuthenticators", callers: .services([.gateway]),
        "Removes all second factors of a user.")

    package static let createVerifier = Method<MakeVerifier, VerifierView>(
        0x010a, "CreateVerifier", callers: .services([.gateway]),
        "Sets a verifier up.")

    package static let listVerifiers = Method<ListVerifiers, VerifierList>(
        0x010b, "ListVerifiers", callers: .services([.gateway]),
        "All verifiers with the number of their bindings.")

    package static let updateVerifier = Method<ChangeVerifier, VerifierView>(
        0x010c, "UpdateVerifier", callers: .services([.gateway]),
        "Changes a verifier.")

    package static let deleteVerifiers = Method<RemoveVerifiers, VerifiersDeleted>(
        0x010d, "DeleteVerifiers", callers: .services([.gateway]),
        "Deletes verifiers, all of them or none.")

    package static let listLocked = Method<ListLocked, LockedList>(
        0x010e, "ListLocked", callers: .services([.gateway]),
        "Authenticators that failures have delayed or disabled.")

    package static let unlock = Method<Unlock, UserUnlocked>(
        0x010f, "Unlock", callers: .services([.gateway]),
        "Ends the delays of a user, and enables his password.")

    package static let beginChallenge = Method<BeginChallenge, ChallengeStarted>(
        0x0110, "BeginChallenge", callers: .services([.gateway]),
        "Sends a code, or asks a passkey.")

    package static let beginPasskeyChallenge = Method<BeginPasskeyChallenge, PasskeyChallenge>(
        0x0111, "BeginPasskeyChallenge", callers: .services([.gateway]),
        "Asks any passkey of this site.")

    package static let checkPasskey = Method<CheckPasskey, PasskeyVerdict>(
        0x0112, "CheckPasskey", callers: .services([.gateway]),
        "Consumes the challenge, then checks the passkey and says whose it is.")

    package static let makeRecoveryCodes = Method<MakeRecoveryCodes, RecoveryCodes>(
        0x0113, "MakeRecoveryCodes", callers: .services([.gateway]),
        "Replaces the recovery codes.")

    package static let sendNotice = Method<SendNotice, NoticeQueued>(
        0x0114, "SendNotice", callers: .services([.gateway]),
        "Tells a user what happened to his account.")

    package static let beginReset = Method<BeginReset, ResetBegun>(
        0x0115, "BeginReset", callers: .services([.gateway]),
        "Sends a link for a new password.")

    package static let findReset = Method<FindReset, ResetFound>(
        0x0116, "FindReset", callers: .services([.gateway]),
        "Says whose password a link may replace.")

    package static let importAuthenticators = Method<ImportAuthenticators, AuthenticatorsImported>(
        0x0117, "ImportAuthenticators", callers: .services([.gateway]),
        "Takes what users bring from elsewhere.")

    package static let testVerifier = Method<TryVerifier, TestSent>(
        0x0118, "TestVerifier", callers: .services([.gateway]),
        "Sends a message that is no code.")

    package static let findPasskey = Method<FindPasskey, PasskeyFound>(
        0x0119, "FindPasskey", callers: .services([.gateway]),
        "Says whose a passkey would be.")

    package static let listBound = Method<ListBound, BoundFactorList>(
        0x011a, "ListBound", callers: .services([.gateway]),
        "What many users have bound, and whom failures have locked.")

    package static let eraseUser = Method<EraseEvidence, EvidenceErased>(
        0x0130, "EraseUser", callers: .services([.gateway]),
        "Removes all there is of a user; may be asked again.")

    package static let sendInvitation = Method<SendInvitation, InvitationSent>(
        0x0131, "SendInvitation", callers: .services([.gateway]),
        "Sends a link for a first password.")

    package static let sendSignUp = Method<SendSignUp, SignUpQueued>(
        0x0132, "SendSignUp", callers: .services([.gateway]),
        "Sends what answers a sign-up.")

    package static let setChosenPassword = Method<SetChosenPassword, ChosenPasswordSet>(
        0x0133, "SetChosenPassword", callers: .services([.gateway]),
        "Sets the password of somebody who becomes a user.")

    package static let listAudit = Method<ReadAudit, AuditPage>(
        0x0144, "ListAudit", callers: .services([.gateway]),
        "A page of this service's audit.")

    package static let getOverview = Method<GetEvidenceOverview, EvidenceOverview>(
        0x0145, "GetOverview", callers: .services([.gateway]),
        "Who has bound what, what is locked, what was refused and sent.")

    package static let renameAuthenticator = Method<NameAuthenticator, AuthenticatorView>(
        0x0134, "RenameAuthenticator", callers: .services([.gateway]),
        "Calls a user's second factor by another name.")

    package static let endLinks = Method<EndLinks, LinksEnded>(
        0x0135, "EndLinks", callers: .services([.gateway]),
        "Makes void what was sent to an earlier address, and tells it.")

    package static var methods: [MethodDescription] {
        [
            checkPassword.described,
            setInitialPassword.described,
            replacePassword.described,
            listAuthenticators.described,
            beginBinding.described,
            confirmBinding.described,
            checkCode.described,
            unbind.described,
            resetAuthenticators.described,
            createVerifier.described,
            listVerifiers.described,
            updateVerifier.described,
            deleteVerifiers.described,
            listLocked.described,
            unlock.described,
            beginChallenge.described,
            beginPasskeyChallenge.described,
            checkPasskey.described,
            makeRecoveryCodes.described,
            sendNotice.described,
            beginReset.described,
            findReset.described,
            importAuthenticators.described,
            testVerifier.described,
            findPasskey.described,
            listBound.described,
            eraseUser.described,
            sendInvitation.described,
            sendSignUp.described,
            setChosenPassword.described,
            listAudit.described,
            getOverview.described,
            renameAuthenticator.described,
            endLinks.described,
        ]
    }
}

/// What serves `VerificationService`: its handlers, and at the other end of the wire its client.
package protocol Verification: Sendable {
    func checkPassword(
        _ request: CheckPassword, _ call: Call
    ) async throws(Fault) -> PasswordVerdict
    func setInitialPassword(
        _ request: SetInitialPassword, _ call: Call
    ) async throws(Fault) -> InitialPasswordSet
    func replacePassword(
        _ request: ReplacePassword, _ call: Call
    ) async throws(Fault) -> PasswordReplaced
    func listAuthenticators(
        _ request: ListAuthenticators, _ call: Call
    ) async throws(Fault) -> AuthenticatorList
    func beginBinding(_ request: BeginBinding, _ call: Call) async throws(Fault) -> BindingStarted
    func confirmBinding(
        _ request: ConfirmBinding, _ call: Call
    ) async throws(Fault) -> AuthenticatorBound
    func checkCode(_ request: CheckCode, _ call: Call) async throws(Fault) -> Proof
    func unbind(
        _ request: RemoveAuthenticator, _ call: Call
    ) async throws(Fault) -> AuthenticatorRemoved
    func resetAuthenticators(
        _ request: RemoveAuthenticators, _ call: Call
    ) async throws(Fault) -> AuthenticatorsReset
    func createVerifier(_ request: MakeVerifier, _ call: Call) async throws(Fault) -> VerifierView
    func listVerifiers(_ request: ListVerifiers, _ call: Call) async throws(Fault) -> VerifierList
    func updateVerifier(_ request: ChangeVerifier, _ call: Call) async throws(Fault) -> VerifierView
    func deleteVerifiers(
        _ request: RemoveVerifiers, _ call: Call
    ) async throws(Fault) -> VerifiersDeleted
    func listLocked(_ request: ListLocked, _ call: Call) async throws(Fault) -> LockedList
    func unlock(_ request: Unlock, _ call: Call) async throws(Fault) -> UserUnlocked
    func beginChallenge(_ request: BeginChallenge, _ call: Call) async throws(Fault)
        -> ChallengeStarted
    func beginPasskeyChallenge(_ request: BeginPasskeyChallenge, _ call: Call) async throws(Fault)
        -> PasskeyChallenge
    func checkPasskey(_ request: CheckPasskey, _ call: Call) async throws(Fault) -> PasskeyVerdict
    func makeRecoveryCodes(_ request: MakeRecoveryCodes, _ call: Call) async throws(Fault)
        -> RecoveryCodes
    func sendNotice(_ request: SendNotice, _ call: Call) async throws(Fault) -> NoticeQueued
    func beginReset(_ request: BeginReset, _ call: Call) async throws(Fault) -> ResetBegun
    func findReset(_ request: FindReset, _ call: Call) async throws(Fault) -> ResetFound
    func importAuthenticators(_ request: ImportAuthenticators, _ call: Call) async throws(Fault)
        -> AuthenticatorsImported
    func testVerifier(_ request: TryVerifier, _ call: Call) async throws(Fault) -> TestSent
    func findPasskey(_ request: FindPasskey, _ call: Call) async throws(Fault) -> PasskeyFound
    func listBound(_ request: ListBound, _ call: Call) async throws(Fault) -> BoundFactorList
    func eraseUser(_ request: EraseEvidence, _ call: Call) async throws(Fault)
        -> EvidenceErased
    func sendInvitation(_ request: SendInvitation, _ call: Call) async throws(Fault)
        -> InvitationSent
    func sendSignUp(_ request: SendSignUp, _ call: Call) async throws(Fault)
        -> SignUpQueued
    func setChosenPassword(_ request: SetChosenPassword, _ call: Call) async throws(Fault)
        -> ChosenPasswordSet
    func listAudit(_ request: ReadAudit, _ call: Call) async throws(Fault) -> AuditPage
    func getOverview(
        _ request: GetEvidenceOverview, _ call: Call
    ) async throws(Fault) -> EvidenceOverview
    func renameAuthenticator(_ request: NameAuthenticator, _ call: Call) async throws(Fault)
        -> AuthenticatorView
    func endLinks(_ request: EndLinks, _ call: Call) async throws(Fault) -> LinksEnded
}

/// Decodes, calls the handler and encodes, for each method of `VerificationService`.
package struct VerificationDispatcher<Handlers: Verification>: Dispatcher {
    package let handlers: Handlers

    package init(_ handlers: Handlers) { self.handlers = handlers }

    package func answer(
        _ method: UInt16, _ coding: Coding, _ body: [UInt8], _ call: Call
    ) async throws(Fault) -> [UInt8] {
        typealias Methods = VerificationContract
        switch method {
        case Methods.checkPassword.number:
            return try await Methods.checkPassword.serve(
                coding, body, call, handlers.checkPassword)
        case Methods.setInitialPassword.number:
            return try await Methods.setInitialPassword.serve(
                coding, body, call, handlers.setInitialPassword)
        case Methods.replacePassword.number:
            return try await Methods.replacePassword.serve(
                coding, body, call, handlers.replacePassword)
        case Methods.listAuthenticators.number:
            return try await Methods.listAuthenticators.serve(
                coding, body, call, handlers.listAuthenticators)
        case Methods.beginBinding.number:
            return try await Methods.beginBinding.serve(
                coding, body, call, handlers.beginBinding)
        case Methods.confirmBinding.number:
            return try await Methods.confirmBinding.serve(
                coding, body, call, handlers.confirmBinding)
        case Methods.checkCode.number:
            return try await Methods.checkCode.serve(
                coding, body, call, handlers.checkCode)
        case Methods.unbind.number:
            return try await Methods.unbind.serve(
                coding, body, call, handlers.unbind)
        case Methods.resetAuthenticators.number:
            return try await Methods.resetAuthenticators.serve(
                coding, body, call, handlers.resetAuthenticators)
        case Methods.createVerifier.number:
            return try await Methods.createVerifier.serve(
                coding, body, call, handlers.createVerifier)
        case Methods.listVerifiers.number:
            return try await Methods.listVerifiers.serve(
                coding, body, call, handlers.listVerifiers)
        case Methods.updateVerifier.number:
            return try await Methods.updateVerifier.serve(
                coding, body, call, handlers.updateVerifier)
        case Methods.deleteVerifiers.number:
            return try await Methods.deleteVerifiers.serve(
                coding, body, call, handlers.deleteVerifiers)
        case Methods.listLocked.number:
            return try await Methods.listLocked.serve(
                coding, body, call, handlers.listLocked)
        case Methods.unlock.number:
            return try await Methods.unlock.serve(
                coding, body, call, handlers.unlock)
        default: return try await answerFurther(method, coding, body, call)
        }
    }

    /// Challenges, recovery codes, notices, resets and imports.
    private func answerFurther(
        _ method: UInt16, _ coding: Coding, _ body: [UInt8], _ call: Call
    ) async throws(Fault) -> [UInt8] {
        typealias Methods = VerificationContract
        switch method {
        case Methods.beginChallenge.number:
            return try await Methods.beginChallenge.serve(
                coding, body, call, handlers.beginChallenge)
        case Methods.beginPasskeyChallenge.number:
            return try await Methods.beginPasskeyChallenge.serve(
                coding, body, call, handlers.beginPasskeyChallenge)
        case Methods.checkPasskey.number:
            return try await Methods.checkPasskey.serve(
                coding, body, call, handlers.checkPasskey)
        case Methods.makeRecoveryCodes.number:
            return try await Methods.makeRecoveryCodes.serve(
                coding, body, call, handlers.makeRecoveryCodes)
        case Methods.sendNotice.number:
            return try await Methods.sendNotice.serve(
                coding, body, call, handlers.sendNotice)
        case Methods.beginReset.number:
            return try await Methods.beginReset.serve(
                coding, body, call, handlers.beginReset)
        case Methods.findReset.number:
            return try await Methods.findReset.serve(
                coding, body, call, handlers.findReset)
        case Methods.importAuthenticators.number:
            return try await Methods.importAuthenticators.serve(
                coding, body, call, handlers.importAuthenticators)
        case Methods.testVerifier.number:
            return try await Methods.testVerifier.serve(
                coding, body, call, handlers.testVerifier)
        case Methods.findPasskey.number:
            return try await Methods.findPasskey.serve(
                coding, body, call, handlers.findPasskey)
        case Methods.listBound.number:
            return try await Methods.listBound.serve(
                coding, body, call, handlers.listBound)
        default: return try await answerAccounts(method, coding, body, call)
        }
    }

    /// How accounts begin and end, what is called how, and what there is to read of all.
    private func answerAccounts(
        _ method: UInt16, _ coding: Coding, _ body: [UInt8], _ call: Call
    ) async throws(Fault) -> [UInt8] {
        typealias Methods = VerificationContract
        switch method {
        case Methods.eraseUser.number:
            return try await Methods.eraseUser.serve(
                coding, body, call, handlers.eraseUser)
        case Methods.sendInvitation.number:
            return try await Methods.sendInvitation.serve(
                coding, body, call, handlers.sendInvitation)
        case Methods.sendSignUp.number:
            return try await Methods.sendSignUp.serve(
                coding, body, call, handlers.sendSignUp)
        case Methods.setChosenPassword.number:
            return try await Methods.setChosenPassword.serve(
                coding, body, call, handlers.setChosenPassword)
        case Methods.listAudit.number:
            return try await Methods.listAudit.serve(
                coding, body, call, handlers.listAudit)
        case Methods.getOverview.number:
            return try await Methods.getOverview.serve(
                coding, body, call, handlers.getOverview)
        case Methods.renameAuthenticator.number:
            return try await Methods.renameAuthenticator.serve(
                coding, body, call, handlers.renameAuthenticator)
        case Methods.endLinks.number:
            return try await Methods.endLinks.serve(coding, body, call, handlers.endLinks)
        default: throw Fault(.methodUnknown)
        }
    }
}
