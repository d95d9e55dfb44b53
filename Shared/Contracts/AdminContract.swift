import RPC
import Wire

/// What administrators do; every method wants an administrator's session of level 2, and one that
/// changes something a fresh proof.
package enum AdminContract: Contract {
    package static let service = ServiceName(0x13, "dubbelslot.v1.AdminService")
    package static let about =
        """
        What administrators do. Every method wants an administrator's session of level 2, and \
        every one that changes something a proof of the last five minutes: else it is refused \
        with `step_up_required`.
        """

    package static let createUser = Method<CreateUser, UserCreated>(
        0x1301, "CreateUser", callers: .registered,
        "Makes a user with a random initial password, told once.")

    package static let listUsers = Method<ListUsers, UserList>(
        0x1302, "ListUsers", callers: .registered,
        "Users by name, a page at a time, all or those of one kind.")

    package static let getUser = Method<GetUser, UserView>(
        0x1303, "GetUser", callers: .registered,
        "One user.")

    package static let disableUser = Method<DisableUser, UserView>(
        0x1304, "DisableUser", callers: .registered,
        "Stops another user's sign-ins and ends his sessions.")

    package static let enableUser = Method<EnableUser, UserView>(
        0x1305, "EnableUser", callers: .registered,
        "Lets another, disabled user sign in again.")

    package static let resetAuthenticators = Method<ResetAuthenticators, AuthenticatorsReset>(
        0x1306, "ResetAuthenticators", callers: .registered,
        "Unbinds all of another user's second factors and ends his sessions.")

    package static let resetPassword = Method<ResetPassword, InitialPasswordSet>(
        0x1307, "ResetPassword", callers: .registered,
        "Gives another user a new random initial password, told once.")

    package static let createVerifier = Method<CreateVerifier, VerifierView>(
        0x1308, "CreateVerifier", callers: .registered,
        "Sets a verifier up.")

    package static let listVerifiers = Method<ListVerifiers, VerifierList>(
        0x1309, "ListVerifiers", callers: .registered,
        "All verifiers with the number of their bindings.")

    package static let updateVerifier = Method<UpdateVerifier, VerifierView>(
        0x130a, "UpdateVerifier", callers: .registered,
        "Changes a verifier's title, description or settings.")

    package static let deleteVerifiers = Method<DeleteVerifiers, VerifiersDeleted>(
        0x130b, "DeleteVerifiers", callers: .registered,
        "Deletes verifiers, all of them or none.")

    package static let getTwoFactorSettings = Method<GetTwoFactorSettings, TwoFactorSettings>(
        0x130c, "GetTwoFactorSettings", callers: .registered,
        "The settings in force.")

    package static let updateTwoFactorSettings = Method<UpdateTwoFactorSettings, TwoFactorSettings>(
        0x130d, "UpdateTwoFactorSettings", callers: .registered,
        "Changes who is asked for a second factor, and with what.")

    package static let listLockedAccounts = Method<ListLockedAccounts, LockedAccountList>(
        0x130e, "ListLockedAccounts", callers: .registered,
        "Users whom failures have locked, a page at a time.")

    package static let unlockUser = Method<UnlockUser, UserUnlocked>(
        0x130f, "UnlockUser", callers: .registered,
        "Ends a user's delays and enables his password.")

    package static let testVerifier = Method<TestVerifier, TestSent>(
        0x1310, "TestVerifier", callers: .registered,
        "Sends a message that is no code, to see whether the settings work.")

    package static let listSettingsVersions = Method<ListSettingsVersions, SettingsVersionList>(
        0x1311, "ListSettingsVersions", callers: .registered,
        "Versions of the settings, the newest first, with author and reason.")

    package static let compareSettings = Method<CompareSettings, SettingsDifferences>(
        0x1312, "CompareSettings", callers: .registered,
        "What differs between two versions of the settings.")

    package static let restoreTwoFactorSettings = Method<
        RestoreTwoFactorSettings, TwoFactorSettings
    >(
        0x1313, "RestoreTwoFactorSettings", callers: .registered,
        "Puts an earlier version in force again, as a new one.")

    package static let tryTwoFactorSettings = Method<TryTwoFactorSettings, SettingsTried>(
        0x1314, "TryTwoFactorSettings", callers: .registered,
        "Says whom proposed settings would touch, before they are saved.")

    package static let extendGrace = Method<ExtendGrace, GraceExtended>(
        0x1315, "ExtendGrace", callers: .registered,
        "Lets a user put off binding for longer.")

    package static let listUserSessions = Method<ListUserSessions, SessionList>(
        0x1320, "ListUserSessions", callers: .registered,
        "A user's sessions in force.")

    package static let endUserSessions = Method<EndUserSessions, SessionsEnded>(
        0x1321, "EndUserSessions", callers: .registered,
        "Ends one of a user's sessions, or all, everywhere before it answers.")
    package static let listTrustedDevices = Method<ListTrustedDevices, TrustedDeviceList>(
        0x1330, "ListTrustedDevices", callers: .registered,
        "The devices that stand in for a user's second factor.")

    package static let forgetTrustedDevices = Method<
        ForgetTrustedDevices, TrustedDevicesForgotten
    >(
        0x1331, "ForgetTrustedDevices", callers: .registered,
        "Ends the trust in a user's devices, and the sessions that they opened.")
    package static let listPendingSettings = Method<ListPendingSettings, PendingSettingsList>(
        0x1340, "ListPendingSettings", callers: .registered,
        "Changes of the settings that wait before they are in force.")

    package static let approveSettings = Method<ApproveSettings, TwoFactorSettings>(
        0x1341, "ApproveSettings", callers: .registered,
        "Puts a change in force that another administrator has asked for.")

    package static let withdrawSettings = Method<WithdrawSettings, SettingsWithdrawn>(
        0x1342, "WithdrawSettings", callers: .registered,
        "Takes a change of the settings back that waits.")
    package static let setRoles = Method<SetRoles, UserView>(
        0x1360, "SetRoles", callers: .registered,
        "Makes a user an administrator, or one no more; his sessions end.")

    package static let listUserAuthenticators = Method<
        ListUserAuthenticators, UserAuthenticators
    >(
        0x1361, "ListUserAuthenticators", callers: .registered,
        "What a user has bound, masked as he sees it himself.")

    package static let updateUser = Method<UpdateUser, UserView>(
        0x1362, "UpdateUser", callers: .registered,
        "Changes another user's name and addresses; his sessions go on.")

    package static let inviteUser = Method<CreateUser, UserInvited>(
        0x1350, "InviteUser", callers: .registered,
        "Makes a user and sends him a link to choose his first password.")

    package static let renewInvitation = Method<RenewInvitation, UserInvited>(
        0x1351, "RenewInvitation", callers: .registered,
        "Sends another such link; the one before works no more.")

    package static let eraseUser = Method<EraseUser, UserErased>(
        0x1352, "EraseUser", callers: .registered,
        "Erases another user; asked again, goes on where it broke off.")

    package static let requestReset = Method<RequestReset, ResetRequestView>(
        0x1353, "RequestReset", callers: .registered,
        "Asks for another administrator's second factors to be removed.")

    package static let listResetRequests = Method<ListResetRequests, ResetRequestList>(
        0x1354, "ListResetRequests", callers: .registered,
        "The requests that wait.")

    package static let approveReset = Method<ApproveReset, AuthenticatorsReset>(
        0x1355, "ApproveReset", callers: .registered,
        "Approves what another administrator asked for of a third.")

    package static let refuseReset = Method<RefuseReset, ResetRefused>(
        0x1356, "RefuseReset", callers: .registered,
        "Ends a request that waits.")

    package static let listAudit = Method<ListAudit, AuditList>(
        0x1371, "ListAudit", callers: .registered,
        "What all services have noted, the newest first, a page at a time.")

    package static let getOverview = Method<GetOverview, Overview>(
        0x1372, "GetOverview", callers: .registered,
        "The figures of the installation.")

    package static var methods: [MethodDescription] {
        [
            createUser.described,
            listUsers.described,
            getUser.described,
            disableUser.described,
            enableUser.described,
            resetAuthenticators.described,
            resetPassword.described,
            createVerifier.described,
            listVerifiers.described,
            updateVerifier.described,
            deleteVerifiers.described,
            getTwoFactorSettings.described,
            updateTwoFactorSettings.described,
            listLockedAccounts.described,
            unlockUser.described,
            testVerifier.described,
            listSettingsVersions.described,
            compareSettings.described,
            restoreTwoFactorSettings.described,
            tryTwoFactorSettings.described,
            extendGrace.described,
            listUserSessions.described,
            endUserSessions.described,
            listTrustedDevices.described,
            forgetTrustedDevices.described,
            listPendingSettings.described,
            approveSettings.described,
            withdrawSettings.described,
            setRoles.described,
            listUserAuthenticators.described,
            updateUser.described,
            inviteUser.described,
            renewInvitation.described,
            eraseUser.described,
            requestReset.described,
            listResetRequests.described,
            approveReset.described,
            refuseReset.described,
            listAudit.described,
            getOverview.described,
        ]
    }
}

/// What serves `AdminService`: its handlers, and at the other end of the wire its client.
package protocol Administration: Sendable {
    func createUser(_ request: CreateUser, _ call: Call) async throws(Fault) -> UserCreated
    func listUsers(_ request: ListUsers, _ call: Call) async throws(Fault) -> UserList
    func getUser(_ request: GetUser, _ call: Call) async throws(Fault) -> UserView
    func disableUser(_ request: DisableUser, _ call: Call) async throws(Fault) -> UserView
    func enableUser(_ request: EnableUser, _ call: Call) async throws(Fault) -> UserView
    func resetAuthenticators(
        _ request: ResetAuthenticators, _ call: Call
    ) async throws(Fault) -> AuthenticatorsReset
    func resetPassword(
        _ request: ResetPassword, _ call: Call
    ) async throws(Fault) -> InitialPasswordSet
    func createVerifier(_ request: CreateVerifier, _ call: Call) async throws(Fault) -> VerifierView
    func listVerifiers(_ request: ListVerifiers, _ call: Call) async throws(Fault) -> VerifierList
    func updateVerifier(_ request: UpdateVerifier, _ call: Call) async throws(Fault) -> VerifierView
    func deleteVerifiers(
        _ request: DeleteVerifiers, _ call: Call
    ) async throws(Fault) -> VerifiersDeleted
    func getTwoFactorSettings(
        _ request: GetTwoFactorSettings, _ call: Call
    ) async throws(Fault) -> TwoFactorSettings
    func updateTwoFactorSettings(
        _ request: UpdateTwoFactorSettings, _ call: Call
    ) async throws(Fault) -> TwoFactorSettings
    func listLockedAccounts(
        _ request: ListLockedAccounts, _ call: Call
    ) async throws(Fault) -> LockedAccountList
    func unlockUser(_ request: UnlockUser, _ call: Call) async throws(Fault) -> UserUnlocked
    func testVerifier(_ request: TestVerifier, _ call: Call) async throws(Fault) -> TestSent
    func listSettingsVersions(
        _ request: ListSettingsVersions, _ call: Call
    ) async throws(Fault) -> SettingsVersionList
    func compareSettings(
        _ request: CompareSettings, _ call: Call
    ) async throws(Fault) -> SettingsDifferences
    func restoreTwoFactorSettings(
        _ request: RestoreTwoFactorSettings, _ call: Call
    ) async throws(Fault) -> TwoFactorSettings
    func tryTwoFactorSettings(
        _ request: TryTwoFactorSettings, _ call: Call
    ) async throws(Fault) -> SettingsTried
    func extendGrace(
        _ request: ExtendGrace, _ call: Call
    ) async throws(Fault) -> GraceExtended
    func listUserSessions(
        _ request: ListUserSessions, _ call: Call
    ) async throws(Fault) -> SessionList
    func endUserSessions(
        _ request: EndUserSessions, _ call: Call
    ) async throws(Fault) -> SessionsEnded
    func listTrustedDevices(
        _ request: ListTrustedDevices, _ call: Call
    ) async throws(Fault) -> TrustedDeviceList
    func forgetTrustedDevices(
        _ request: ForgetTrustedDevices, _ call: Call
    ) async throws(Fault) -> TrustedDevicesForgotten
    func listPendingSettings(
        _ request: ListPendingSettings, _ call: Call
    ) async throws(Fault) -> PendingSettingsList
    func approveSettings(
        _ request: ApproveSettings, _ call: Call
    ) async throws(Fault) -> TwoFactorSettings
    func withdrawSettings(
        _ request: WithdrawSettings, _ call: Call
    ) async throws(Fault) -> SettingsWithdrawn
    func setRoles(_ request: SetRoles, _ call: Call) async throws(Fault) -> UserView
    func listUserAuthenticators(
        _ request: ListUserAuthenticators, _ call: Call
    ) async throws(Fault) -> UserAuthenticators
    func updateUser(_ request: UpdateUser, _ call: Call) async throws(Fault) -> UserView
    func inviteUser(_ request: CreateUser, _ call: Call) async throws(Fault) -> UserInvited
    func renewInvitation(_ request: RenewInvitation, _ call: Call) async throws(Fault)
        -> UserInvited
    func eraseUser(_ request: EraseUser, _ call: Call) async throws(Fault) -> UserErased
    func requestReset(_ request: RequestReset, _ call: Call) async throws(Fault) -> ResetRequestView
    func listResetRequests(_ request: ListResetRequests, _ call: Call) async throws(Fault)
        -> ResetRequestList
    func approveReset(_ request: ApproveReset, _ call: Call) async throws(Fault)
        -> AuthenticatorsReset
    func refuseReset(_ request: RefuseReset, _ call: Call) async throws(Fault) -> ResetRefused
    func listAudit(_ request: ListAudit, _ call: Call) async throws(Fault) -> AuditList
    func getOverview(_ request: GetOverview, _ call: Call) async throws(Fault) -> Overview
}

/// Decodes, calls the handler and encodes, for each method of `AdminService`.
package struct AdministrationDispatcher<Handlers: Administration>: Dispatcher {
    package let handlers: Handlers

    package init(_ handlers: Handlers) { self.handlers = handlers }

    package func answer(
        _ method: UInt16, _ coding: Coding, _ body: [UInt8], _ call: Call
    ) async throws(Fault) -> [UInt8] {
        typealias Methods = AdminContract
        switch method {
        case Methods.createUser.number:
            return try await Methods.createUser.serve(
                coding, body, call, handlers.createUser)
        case Methods.listUsers.number:
            return try await Methods.listUsers.serve(
                coding, body, call, handlers.listUsers)
        case Methods.getUser.number:
            return try await Methods.getUser.serve(
                coding, body, call, handlers.getUser)
        case Methods.disableUser.number:
            return try await Methods.disableUser.serve(
                coding, body, call, handlers.disableUser)
        case Methods.enableUser.number:
            return try await Methods.enableUser.serve(
                coding, body, call, handlers.enableUser)
        case Methods.resetAuthenticators.number:
            return try await Methods.resetAuthenticators.serve(
                coding, body, call, handlers.resetAuthenticators)
        case Methods.resetPassword.number:
            return try await Methods.resetPassword.serve(
                coding, body, call, handlers.resetPassword)
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
        case Methods.listLockedAccounts.number:
            return try await Methods.listLockedAccounts.serve(
                coding, body, call, handlers.listLockedAccounts)
        case Methods.unlockUser.number:
            return try await Methods.unlockUser.serve(
                coding, body, call, handlers.unlockUser)
        case Methods.testVerifier.number:
            return try await Methods.testVerifier.serve(
                coding, body, call, handlers.testVerifier)
        case Methods.listUserSessions.number:
            return try await Methods.listUserSessions.serve(
                coding, body, call, handlers.listUserSessions)
        case Methods.endUserSessions.number:
            return try await Methods.endUserSessions.serve(
                coding, body, call, handlers.endUserSessions)
        default: return try await answerSettings(method, coding, body, call)
        }
    }

    /// The two-factor settings and their rules.
    private func answerSettings(
        _ method: UInt16, _ coding: Coding, _ body: [UInt8], _ call: Call
    ) async throws(Fault) -> [UInt8] {
        typealias Methods = AdminContract
        switch method {
        case Methods.getTwoFactorSettings.number:
            return try await Methods.getTwoFactorSettings.serve(
                coding, body, call, handlers.getTwoFactorSettings)
        case Methods.updateTwoFactorSettings.number:
            return try await Methods.updateTwoFactorSettings.serve(
                coding, body, call, handlers.updateTwoFactorSettings)
        case Methods.listSettingsVersions.number:
            return try await Methods.listSettingsVersions.serve(
                coding, body, call, handlers.listSettingsVersions)
        case Methods.compareSettings.number:
            return try await Methods.compareSettings.serve(
                coding, body, call, handlers.compareSettings)
        case Methods.restoreTwoFactorSettings.number:
            return try await Methods.restoreTwoFactorSettings.serve(
                coding, body, call, handlers.restoreTwoFactorSettings)
        case Methods.tryTwoFactorSettings.number:
            return try await Methods.tryTwoFactorSettings.serve(
                coding, body, call, handlers.tryTwoFactorSettings)
        case Methods.extendGrace.number:
            return try await Methods.extendGrace.serve(
                coding, body, call, handlers.extendGrace)
        case Methods.listPendingSettings.number:
            return try await Methods.listPendingSettings.serve(
                coding, body, call, handlers.listPendingSettings)
        case Methods.approveSettings.number:
            return try await Methods.approveSettings.serve(
                coding, body, call, handlers.approveSettings)
        case Methods.withdrawSettings.number:
            return try await Methods.withdrawSettings.serve(
                coding, body, call, handlers.withdrawSettings)
        default: return try await answerAccounts(method, coding, body, call)
        }
    }

    /// How accounts begin and end, and what takes two administrators.
    private func answerAccounts(
        _ method: UInt16, _ coding: Coding, _ body: [UInt8], _ call: Call
    ) async throws(Fault) -> [UInt8] {
        typealias Methods = AdminContract
        switch method {
        case Methods.listTrustedDevices.number:
            return try await Methods.listTrustedDevices.serve(
                coding, body, call, handlers.listTrustedDevices)
        case Methods.forgetTrustedDevices.number:
            return try await Methods.forgetTrustedDevices.serve(
                coding, body, call, handlers.forgetTrustedDevices)
        case Methods.setRoles.number:
            return try await Methods.setRoles.serve(coding, body, call, handlers.setRoles)
        case Methods.listUserAuthenticators.number:
            return try await Methods.listUserAuthenticators.serve(
                coding, body, call, handlers.listUserAuthenticators)
        case Methods.updateUser.number:
            return try await Methods.updateUser.serve(coding, body, call, handlers.updateUser)
        case Methods.inviteUser.number:
            return try await Methods.inviteUser.serve(
                coding, body, call, handlers.inviteUser)
        case Methods.renewInvitation.number:
            return try await Methods.renewInvitation.serve(
                coding, body, call, handlers.renewInvitation)
        case Methods.eraseUser.number:
            return try await Methods.eraseUser.serve(
                coding, body, call, handlers.eraseUser)
        case Methods.requestReset.number:
            return try await Methods.requestReset.serve(
                coding, body, call, handlers.requestReset)
        case Methods.listResetRequests.number:
            return try await Methods.listResetRequests.serve(
                coding, body, call, handlers.listResetRequests)
        case Methods.approveReset.number:
            return try await Methods.approveReset.serve(
                coding, body, call, handlers.approveReset)
        case Methods.refuseReset.number:
            return try await Methods.refuseReset.serve(
                coding, body, call, handlers.refuseReset)
        default: return try await answerReading(method, coding, body, call)
        }
    }

    /// What has happened, and how things stand.
    private func answerReading(
        _ method: UInt16, _ coding: Coding, _ body: [UInt8], _ call: Call
    ) async throws(Fault) -> [UInt8] {
        typealias Methods = AdminContract
        switch method {
        case Methods.listAudit.number:
            return try await Methods.listAudit.serve(coding, body, call, handlers.listAudit)
        case Methods.getOverview.number:
            return try await Methods.getOverview.serve(
                coding, body, call, handlers.getOverview)
        default: throw Fault(.methodUnknown)
        }
    }
}
