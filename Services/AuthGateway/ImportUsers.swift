import Contracts
import Daemon
import Hosting
import RPC
import Reactor
import Wire

/// What the words behind `import-users` say.
struct ImportOptions: Sendable, Equatable {
    static let usage =
        "import-users FILE [--dry-run] [--totp-verifier UID] [--phone-verifier UID]"

    let file: String
    var isDryRun = false
    /// Under which imported seeds are bound.
    var totpVerifier: VerifierUID?
    /// Under which phones are bound as second factors; without it they only name their user.
    var phoneVerifier: VerifierUID?

    /// nil for words that say something else.
    init?(_ words: [String]) {
        guard let first = words.first, !first.hasPrefix("--") else { return nil }
        file = first
        var rest = words.dropFirst()
        while let word = rest.popFirst() {
            switch word {
            case "--dry-run" where !isDryRun: isDryRun = true
            case "--totp-verifier" where totpVerifier == nil:
                guard let uid = rest.popFirst().flatMap({ VerifierUID($0) }) else { return nil }
                totpVerifier = uid
            case "--phone-verifier" where phoneVerifier == nil:
                guard let uid = rest.popFirst().flatMap({ VerifierUID($0) }) else { return nil }
                phoneVerifier = uid
            case _: return nil
            }
        }
    }
}

/// The command `import-users`: brings the users of another system from a file of JSON lines
/// (`ImportedUser`). It ends with `data` when rows were refused; all the others are imported. When
/// it broke off it ends with `failure`, and is run again.
enum ImportUsers {
    static func run(_ settings: GatewaySettings, _ runtime: Runtime) async throws -> ExitCode {
        let log = runtime.log
        guard let options = ImportOptions(runtime.arguments) else {
            log.error("usage", ["text": .text(ImportOptions.usage)])
            return .usage
        }
        let file: LineFile
        do throws(SystemFault) {
            file = try LineFile(options.file, lineMax: ImportedUser.lineMax)
        } catch {
            log.error("file_unreadable", ["why": .text(error.description)])
            return .usage
        }
        let host = try await ServiceHost(.gateway, settings.host, schema: "auth", runtime)
        guard let island = host.islands.first else { return .failure }
        let desk = Desk(island, settings, PolicyVersions())
        guard await desk.becomesReady(within: .seconds(10)) else {
            log.error("services_unreachable")
            return .failure
        }
        let gateway = desk.dispatcher.gateway
        var report = ImportReport(isDryRun: options.isDryRun, log: log)
        do {
            let run = ImportRun(gateway, options, on: island.loop)
            let isVerifiable = try await run.patiently { () throws(Fault) in
                try await gateway.hasVerifiers(options)
            }
            guard isVerifiable else {
                log.error("verifier_missing")
                return .usage
            }
            try await run.run(file, &report)
        } catch {
            report.conclude()
            log.error("import_broke_off", ["why": .text("\(error)")])
            return .failure
        }
        report.conclude()
        return report.refused > 0 ? .data : .success
    }
}

extension Gateway {
    /// Whether there are the verifiers that are named, each of its type.
    fileprivate func hasVerifiers(_ options: ImportOptions) async throws(Fault) -> Bool {
        let call = Call(caller: .service(identity: "import-users"))
        let all = try await verification.listVerifiers(ListVerifiers(), call).verifiers
        func has(_ uid: VerifierUID?, _ type: VerifierType) -> Bool {
            uid == nil || all.contains { $0.uid == uid && $0.type == type }
        }
        return has(options.totpVerifier, .totp) && has(options.phoneVerifier, .sms)
    }
}
