import Audit
import Contracts
import Daemon
import Hosting
import Postgres
import RPC
import Wire

/// For the administrator who has nobody to approve for him: whoever may start commands on this
/// machine gives him a new initial password and takes away all that he has bound. He binds anew at
/// his next sign-in. Running it again does all of it again.
enum RestoreAdministrator {
    static func run(
        _ settings: GatewaySettings, _ runtime: Runtime
    ) async throws -> ExitCode {
        guard let name = CreateAdministrator.name(runtime.arguments) else {
            runtime.log.error("usage", ["text": .text("restore-admin --name NAME")])
            return .usage
        }
        let host = try await ServiceHost(.gateway, settings.host, schema: "auth", runtime)
        guard let island = host.islands.first else { return .failure }
        let desk = Desk(island, settings, PolicyVersions())
        guard await desk.becomesReady(within: .seconds(10)) else {
            runtime.log.error("services_unreachable")
            return .failure
        }
        let gateway = desk.dispatcher.gateway
        do throws(Fault) {
            let (user, password) = try await gateway.restoreAdministrator(
                name, Call(caller: .service(identity: "restore-admin")))
            runtime.log.info("administrator_restored", ["user": .id(user)])
            CreateAdministrator.tell(password)
            return .success
        } catch {
            runtime.log.error(
                "administrator_not_restored",
                ["reason": .text(error.reason.rawValue), "detail": .text(error.detail)])
            return .failure
        }
    }
}

extension Gateway {
    /// His identifier, and the initial password. What was open in his name ends last, also what
    /// began meanwhile.
    func restoreAdministrator(
        _ name: UserName, _ call: Call
    ) async throws(Fault) -> (UserID, String) {
        let account = try await stored { () throws(PostgresFault) in
            try await accounts.administrator(named: name)
        }
        guard let account else { throw Fault(.userNotFound, detail: "none of this name") }
        let user = account.id
        if account.disabled {
            _ = try await stored { () throws(PostgresFault) in
                try await accounts.setDisabled(
                    false, user, audit: call.audit(.userEnabled, subject: user))
            }
        }
        let initial = try await verification.setInitialPassword(
            SetInitialPassword(user: user), call)
        _ = try await resetAuthenticators(of: user, by: nil, because: "restore-admin", call)
        try await stored { () throws(PostgresFault) in
            _ = try await accounts.pool.execute(
                call.audit(.administratorRestored, subject: user).insert)
        }
        return (user, initial.initialPassword)
    }
}

extension Accounts {
    /// An administrator by his name, disabled ones too.
    fileprivate func administrator(
        named name: UserName
    ) async throws(PostgresFault) -> AccountRecord? {
        let rows = try await pool.query(
            """
            SELECT \(Self.columns) FROM auth.users u
            WHERE u.name_key = \(name.key) AND 'administrator' = ANY (u.roles)
                AND u.state IN ('active', 'disabled')
            """)
        return try rows.first.map { row throws(PostgresFault) in try AccountRecord(row) }
    }
}
