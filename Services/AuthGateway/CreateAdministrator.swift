import Audit
import Contracts
import Daemon
import Hosting
import Postgres
import RPC
import Reactor
import Wire

/// What `create-admin` is told: as the gateway itself, and the first administrator's password if
/// one was prepared.
struct CreateAdministratorSettings: Settings {
    let gateway: GatewaySettings
    let initialPassword: SecretText?

    init(_ reader: inout SettingsReader) {
        gateway = GatewaySettings(&reader)
        initialPassword = reader.optionalSecret(
            "INITIAL_PASSWORD", max: 1024,
            "The first administrator's initial password; random and printed when absent.")
    }
}

/// Makes the first administrator, and the verifier that a fresh installation's settings name, so
/// that he can bind a second factor at once. Running it again changes nothing.
enum CreateAdministrator {
    static func run(
        _ settings: CreateAdministratorSettings, _ runtime: Runtime
    ) async throws -> ExitCode {
        guard let name = name(runtime.arguments) else {
            runtime.log.error("usage", ["text": .text("create-admin --name NAME")])
            return .usage
        }
        let host = try await ServiceHost(.gateway, settings.gateway.host, schema: "auth", runtime)
        guard let island = host.islands.first else { return .failure }
        let desk = Desk(island, settings.gateway, PolicyVersions())
        guard await desk.becomesReady(within: .seconds(10)) else {
            runtime.log.error("services_unreachable")
            return .failure
        }
        let gateway = desk.dispatcher.gateway
        do throws(PostgresFault) {
            if try await gateway.accounts.hasAdministrator() {
                runtime.log.info("administrator_exists")
                return .success
            }
        } catch {
            runtime.log.error("database_refused", ["why": .text(error.detail)])
            return .failure
        }
        return try await create(name, settings.initialPassword, gateway, runtime)
    }

    private static func create(
        _ name: UserName, _ password: SecretText?, _ gateway: Gateway, _ runtime: Runtime
    ) async throws -> ExitCode {
        let call = Call(caller: .service(identity: "create-admin"))
        do throws(Fault) {
            let (id, told) = try await gateway.createAdministrator(
                name, password.map { String(decoding: $0.reveal(), as: UTF8.self) }, call)
            runtime.log.info("administrator_created", ["user": .id(id)])
            if password == nil { tell(told) }
            return .success
        } catch {
            runtime.log.error(
                "administrator_not_created",
                ["reason": .text(error.reason.rawValue), "detail": .text(error.detail)])
            return .failure
        }
    }

    /// Of `--name NAME`; nil for anything else.
    static func name(_ arguments: [String]) -> UserName? {
        guard arguments.count == 2, arguments[0] == "--name" else { return nil }
        return UserName(parsing: arguments[1])
    }

    /// The one line that holds the password, on standard output, never in the log.
    static func tell(_ password: String) {
        print(password)
    }
}

extension Gateway {
    /// The verifier, then a password for an identifier nobody has yet, and the administrator last:
    /// wherever this breaks off, there is no administrator yet, so that it can be run again. His
    /// identifier, and the initial password.
    func createAdministrator(
        _ name: UserName, _ password: String?, _ call: Call
    ) async throws(Fault) -> (UserID, String) {
        try await ensureVerifier(call)
        let new = NewAccount(
            id: try .fresh(), name: name, displayName: name.text, email: nil, phone: nil,
            locale: defaultLocale, roles: [.administrator])
        let initial = try await verification.setInitialPassword(
            SetInitialPassword(user: new.id, password: password), call)
        do throws(AccountConflict) {
            _ = try await accounts.add(
                new, audit: call.audit(.administratorCreated, subject: new.id))
        } catch {
            throw error.fault
        }
        return (new.id, initial.initialPassword)
    }

    private func ensureVerifier(_ call: Call) async throws(Fault) {
        let wanted = CreateVerifier(
            uid: VerifierUID("totp"), type: .totp, title: "Authenticator app",
            description: "Codes from an app on a phone or computer.")
        do throws(Fault) {
            _ = try await verification.createVerifier(MakeVerifier(verifier: wanted), call)
        } catch  where error.reason == .verifierExists {
            return
        }
    }
}

extension Desk {
    /// Waits until both services answer.
    func becomesReady(within limit: Duration) async -> Bool {
        let end = ContinuousClock.now + limit
        while !isReady {
            guard ContinuousClock.now < end else { return false }
            await island.loop.sleep(for: .milliseconds(20))
        }
        return true
    }
}
