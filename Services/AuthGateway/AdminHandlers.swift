import Audit
import Contracts
import Postgres
import RPC
import Wire

/// `AdminService`: users and verifiers, and in other files locked accounts and the two-factor
/// settings. Every method begins with the guard that says who may.
struct AdminHandlers: Administration {
    let gateway: Gateway

    /// Stores a user and gives him an initial password. Should the second fail after the first,
    /// the user cannot sign in; unless an administrator resets his password within a minute, he
    /// goes again and his name is free.
    func createUser(_ request: CreateUser, _ call: Call) async throws(Fault) -> UserCreated {
        let admin = try await gateway.freshAdministrator(of: call)
        let new = try NewAccount(request, defaultLocale: gateway.defaultLocale)
        let account = try await gateway.accounts.store(
            new, awaiting: .creation, by: admin.account.id,
            audit: call.audit(.userCreated, actor: admin.account.id, subject: new.id))
        let initial = try await gateway.verification.setInitialPassword(
            SetInitialPassword(user: account.id, actor: admin.account.id), call)
        guard try await gateway.done(.creation, account.id) else {
            throw Fault(.unavailable, detail: "it took so long that the user was taken back")
        }
        return UserCreated(
            user: account.view(.nothing), initialPassword: initial.initialPassword)
    }

    func disableUser(_ request: DisableUser, _ call: Call) async throws(Fault) -> UserView {
        try await setDisabled(true, request.user, because: request.reason, call)
    }

    func enableUser(_ request: EnableUser, _ call: Call) async throws(Fault) -> UserView {
        try await setDisabled(false, request.user, because: request.reason, call)
    }

    func setRoles(_ request: SetRoles, _ call: Call) async throws(Fault) -> UserView {
        let admin = try await administrator(over: request.user, because: request.reason, call)
        let roles = request.roles.isEmpty ? [] : Role.allCases.filter(request.roles.contains)
        let change = try await stored { () throws(PostgresFault) in
            try await gateway.accounts.setRoles(
                roles, of: request.user,
                audit: call.audit(
                    .rolesChanged, actor: admin.account.id, subject: request.user,
                    details: [
                        "reason": request.reason,
                        "roles": roles.map(\.rawValue).joined(separator: ","),
                    ]))
        }
        return try await view(of: change, call)
    }

    private func view(
        of change: Accounts.StateChange, _ call: Call
    ) async throws(Fault) -> UserView {
        switch change {
        case .done(let account): return await gateway.view(of: account, call)
        case .notFound: throw Fault(.userNotFound)
        case .lastAdministrator: throw Fault(.lastAdministrator)
        }
    }

    /// Of an administrator a second one has to approve it: `RequestReset`.
    func resetAuthenticators(
        _ request: ResetAuthenticators, _ call: Call
    ) async throws(Fault) -> AuthenticatorsReset {
        let admin = try await administrator(over: request.user, because: request.reason, call)
        let account = try await find(request.user)
        guard !account.isAdministrator else { throw Fault(.approvalRequired) }
        let (user, actor) = (request.user, admin.account.id)
        try await begin(.authenticatorsReset, of: user, by: actor, because: request.reason)
        return try await gateway.resetAuthenticators(
            of: user, by: actor, because: request.reason, call)
    }

    func resetPassword(
        _ request: ResetPassword, _ call: Call
    ) async throws(Fault) -> InitialPasswordSet {
        let admin = try await administrator(over: request.user, because: request.reason, call)
        let (user, actor) = (request.user, admin.account.id)
        _ = try await find(user)
        try await begin(.passwordReset, of: user, by: actor, because: request.reason)
        let password = try await gateway.verification.setInitialPassword(
            SetInitialPassword(user: user, actor: actor), call)
        try await gateway.endEverything(
            of: user, by: actor, because: request.reason,
            finishing: [.creation, .invitation, .passwordReset], call)
        return password
    }

    private func begin(
        _ work: Unfinished.Work, of user: UserID, by actor: UserID, because reason: String
    ) async throws(Fault) {
        let begun = try await stored { () throws(PostgresFault) in
            try await gateway.unfinished.begin(work, of: user, by: actor, because: reason)
        }
        guard begun else { throw Fault(.userNotFound) }
    }

    /// What takes an account, its password or its authenticators away is done to others only: a
    /// session that was stolen, or a slip, would else lock an administrator out, or get round what
    /// his own account asks of him.
    func administrator(
        over user: UserID, because reason: String, _ call: Call
    ) async throws(Fault) -> SessionRecord {
        let admin = try await gateway.freshAdministrator(of: call, because: reason)
        guard admin.account.id != user else { throw Fault(.ownAccount) }
        return admin
    }

    func find(_ id: UserID) async throws(Fault) -> AccountRecord {
        let account = try await stored { () throws(PostgresFault) in
            try await gateway.accounts.get(id)
        }
        guard let account else { throw Fault(.userNotFound) }
        return account
    }

    private func setDisabled(
        _ disabled: Bool, _ user: UserID, because reason: String, _ call: Call
    ) async throws(Fault) -> UserView {
        let admin = try await administrator(over: user, because: reason, call)
        let change = try await stored { () throws(PostgresFault) in
            try await gateway.accounts.setDisabled(
                disabled, user,
                audit: call.audit(
                    disabled ? .userDisabled : .userEnabled, actor: admin.account.id,
                    subject: user, details: ["reason": reason]))
        }
        return try await view(of: change, call)
    }
}

extension Gateway {
    /// A grace ends with what was bound: whoever had authenticators binds at the next sign-in.
    /// May be done again.
    func resetAuthenticators(
        of user: UserID, by actor: UserID?, because reason: String, _ call: Call
    ) async throws(Fault) -> AuthenticatorsReset {
        try await stored { () throws(PostgresFault) in try await grace.end(user) }
        let reset = try await verification.resetAuthenticators(
            RemoveAuthenticators(user: user, actor: actor, reason: reason), call)
        try await endEverything(
            of: user, by: actor, because: reason, finishing: [.authenticatorsReset], call)
        return reset
    }

    /// The last act of a reset: what began with the old password or the old authenticators ends,
    /// also what began while they were being replaced. Should it fail, the administrator is told,
    /// and does the whole again; or it is done for him.
    func endEverything(
        of user: UserID, by actor: UserID?, because reason: String,
        finishing works: [Unfinished.Work], _ call: Call
    ) async throws(Fault) {
        let found = try await stored { () throws(PostgresFault) in
            try await accounts.endEverything(
                of: user, finishing: works,
                audit: call.audit(
                    .sessionsEnded, actor: actor, subject: user, details: ["reason": reason]))
        }
        guard found else { throw Fault(.userNotFound) }
    }
}

extension AdminHandlers {
    func createVerifier(
        _ request: CreateVerifier, _ call: Call
    ) async throws(Fault) -> VerifierView {
        let admin = try await gateway.freshAdministrator(of: call)
        return try await gateway.verification.createVerifier(
            MakeVerifier(actor: admin.account.id, verifier: request), call)
    }

    func listVerifiers(_ request: ListVerifiers, _ call: Call) async throws(Fault) -> VerifierList {
        _ = try await gateway.administrator(of: call)
        return try await gateway.verification.listVerifiers(request, call)
    }

    func updateVerifier(
        _ request: UpdateVerifier, _ call: Call
    ) async throws(Fault) -> VerifierView {
        let admin = try await gateway.freshAdministrator(of: call)
        return try await gateway.verification.updateVerifier(
            ChangeVerifier(actor: admin.account.id, verifier: request), call)
    }

    /// Costs a message, so it wants what a change wants.
    func testVerifier(_ request: TestVerifier, _ call: Call) async throws(Fault) -> TestSent {
        let admin = try await gateway.freshAdministrator(of: call)
        return try await gateway.verification.testVerifier(
            TryVerifier(actor: admin.account.id, verifier: request), call)
    }

    /// A verifier that the settings name stays, or a change that waits. Between the look at the
    /// settings and the deletion they may come to name it: sign-ins then skip a verifier that does
    /// not exist, and where none is left they are refused, never let through.
    func deleteVerifiers(
        _ request: DeleteVerifiers, _ call: Call
    ) async throws(Fault) -> VerifiersDeleted {
        let admin = try await gateway.freshAdministrator(of: call)
        let settings = try await gateway.settings(call)
        let named = try await namedByPending(call).union(settings.named)
        guard !request.uids.contains(where: named.contains) else { throw Fault(.verifierInUse) }
        if request.deleteBindings { try await keepAdministratorsBound(without: request.uids, call) }
        return try await gateway.verification.deleteVerifiers(
            RemoveVerifiers(actor: admin.account.id, verifiers: request), call)
    }
}

extension AdminHandlers {
    /// Of more administrators than anybody has.
    private static let lookedAtMax: Int64 = 1000

    /// No administrator loses his last factor with a verifier: that takes two (`RequestReset`).
    /// Whoever has none is asked for none.
    private func keepAdministratorsBound(
        without uids: [VerifierUID], _ call: Call
    ) async throws(Fault) {
        let administrators = try await stored { () throws(PostgresFault) in
            try await gateway.accounts.everyAdministrator(limit: Self.lookedAtMax)
        }
        for administrator in administrators {
            let list = try await gateway.verification.listAuthenticators(
                ListAuthenticators(user: administrator), call)
            let left = list.authenticators.filter { !uids.contains($0.verifier) }
            guard left.isEmpty == list.authenticators.isEmpty else {
                throw Fault(.lastFactor, detail: "the last one of \(administrator)")
            }
        }
    }
}

extension Accounts {
    /// `add`, with the refusal a caller meets.
    func store(
        _ account: NewAccount, awaiting work: Unfinished.Work, by actor: UserID,
        audit: AuditEntry
    ) async throws(Fault) -> AccountRecord {
        do throws(AccountConflict) {
            return try await add(account, awaiting: work, by: actor, audit: audit)
        } catch {
            throw error.fault
        }
    }
}

extension NewAccount {
    /// Parses what an administrator typed; each part has its own refusal.
    init(_ request: CreateUser, defaultLocale: String) throws(Fault) {
        guard let name = UserName(parsing: request.userName) else {
            throw Fault(.userNameInvalid)
        }
        let profile = try Profile(
            of: name.text, displayName: request.displayName, email: request.email,
            phone: request.phone, locale: request.locale, defaultLocale: defaultLocale)
        self.init(
            id: try .fresh(), name: name, displayName: profile.displayName, email: profile.email,
            phone: profile.phone, locale: profile.locale, roles: Array(Set(request.roles)))
    }
}
