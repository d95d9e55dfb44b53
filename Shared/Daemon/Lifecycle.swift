import Glibc
import Reactor

/// From the command line to the exit: reads the settings, starts the loops, runs the command, ends
/// in order. A main is one call:
///
/// ```swift
/// Lifecycle.main(
///     "auth-gateway", serve: Serve(GatewaySettings.self, Gateway.start),
///     commands: [Command("migrate", "Renews the schema.", MigrationSettings.self, migrate)])
/// ```
/// `serve` is the default; `settings` and `help` come by themselves.
package enum Lifecycle {
    /// Makes the standard library hash alike in every process (`Hasher`).
    private static let foretoldHashing = "SWIFT_DETERMINISTIC_HASHING"

    /// `environment`: instead of the process's own, for tests.
    package static func main(
        _ service: StaticString, serve: Serve, commands: [Command],
        arguments: [String] = Array(CommandLine.arguments.dropFirst()),
        environment: [String: String]? = nil
    ) -> Never {
        // A peer that has gone is told by the write, not by a signal that ends the process.
        signal(SIGPIPE, SIG_IGN)
        let environment = environment ?? SettingsSource.processEnvironment()
        let readSource = { @Sendable in SettingsSource(environment: environment) }
        let source = readSource()
        do throws(SystemFault) {
            try CoreDumps.forbid()
        } catch {
            complain(service, ["core dumps cannot be forbidden: \(error)."])
            exit(.failure)
        }
        // With it anybody can work out which keys meet in one place of a hash table.
        guard getenv(Self.foretoldHashing) == nil else {
            complain(service, ["\(Self.foretoldHashing) is set: hashing has to be seeded."])
            exit(.setup)
        }
        switch Invocation(arguments, commands) {
        case .help:
            print(Invocation.help(service, commands), terminator: "")
            exit(.success)
        case .unknown(let word):
            complain(service, ["\(word) is not a command.", Invocation.list(commands)])
            exit(.usage)
        case .settings: printSettings(service, source, serve, commands)
        case .serve: runService(service, source, serve, commands, readSource)
        case .command(let command, let rest):
            runCommand(service, source, serve, commands, command, rest)
        }
    }

    private static func runService(
        _ service: StaticString, _ source: SettingsSource, _ serve: Serve, _ commands: [Command],
        _ readSource: @escaping @Sendable () -> SettingsSource
    ) -> Never {
        var reader = SettingsReader(source)
        let settings = DaemonSettings(&reader)
        let start = serve.prepare(&reader)
        refuseProblems(service, reader, serve, commands)
        // Blocked before the first thread starts, so that every thread inherits it and only the
        // main thread below ever takes one.
        var signals = SignalSet([SIGTERM, SIGINT, SIGHUP])
        signals.block()
        let runtime = startRuntime(service, settings, settings.loops, [])
        let stage = ServingStage(
            service, runtime, notice: settings.drainNotice, readSource)
        stage.begin(start)
        stage.watch(&signals, drainMax: settings.drainMax)
    }

    private static func runCommand(
        _ service: StaticString, _ source: SettingsSource, _ serve: Serve, _ commands: [Command],
        _ command: Command, _ arguments: [String]
    ) -> Never {
        var reader = SettingsReader(source)
        let settings = DaemonSettings(&reader)
        let work = command.prepare(&reader)
        refuseProblems(service, reader, serve, commands)
        let runtime = startRuntime(service, settings, 1, arguments)
        runtime.mainLoop.spawn {
            do {
                exit(try await work(runtime))
            } catch let fault as SetupFault {
                refuse(service, fault)
            } catch {
                runtime.log.error("command_failed", ["reason": .text("\(error)")])
                exit(.failure)
            }
        }
        while true { pause() }
    }

    private static func printSettings(
        _ service: StaticString, _ source: SettingsSource, _ serve: Serve, _ commands: [Command]
    ) -> Never {
        var reader = SettingsReader(source)
        _ = DaemonSettings(&reader)
        _ = serve.prepare(&reader)
        // What only other commands need is shown, but its absence is no problem here.
        let all = walkAll(reader, serve, commands)
        print(all.described(), terminator: "")
        let problems = reader.problems + all.unknownNames
        complain(service, problems)
        exit(problems.isEmpty ? .success : .setup)
    }

    /// Everything that a command of this service may be told, so that no name of another command
    /// passes for a mistake.
    private static func walkAll(
        _ reader: SettingsReader, _ serve: Serve, _ commands: [Command]
    ) -> SettingsReader {
        var reader = reader
        _ = DaemonSettings(&reader)
        _ = serve.prepare(&reader)
        for command in commands { _ = command.prepare(&reader) }
        return reader
    }

    /// Ends the process when the settings read have a problem, or when there are unknown ones.
    private static func refuseProblems(
        _ service: StaticString, _ reader: SettingsReader, _ serve: Serve, _ commands: [Command]
    ) {
        let problems = reader.problems + walkAll(reader, serve, commands).unknownNames
        guard !problems.isEmpty else { return }
        complain(service, problems)
        exit(.setup)
    }

    private static func startRuntime(
        _ service: StaticString, _ settings: DaemonSettings, _ loopCount: Int,
        _ arguments: [String]
    ) -> Runtime {
        let output = DescriptorOutput.standardError
        let log = Log(
            service: service, level: settings.logLevel,
            format: settings.format(isTerminal: output.isTerminal), output: output)
        do throws(SystemFault) {
            let loops = try EventLoopGroup(count: loopCount, name: "loop")
            loops.start()
            return Runtime(log: log, clock: .system, loops: loops, arguments: arguments)
        } catch {
            log.error("start_failed", ["reason": .text("\(error)")])
            exit(.failure)
        }
    }

    /// Ends a process that was told something it cannot start with.
    static func refuse(_ service: StaticString, _ fault: SetupFault) -> Never {
        complain(service, [fault.description])
        exit(.setup)
    }

    private static func complain(_ service: StaticString, _ sentences: [String]) {
        for sentence in sentences {
            DescriptorOutput.standardError.write(Array("\(service): \(sentence)\n".utf8))
        }
    }

    /// Without the handlers of exit(3): they would take libraries apart under threads that use
    /// them.
    static func exit(_ code: ExitCode) -> Never {
        fflush(nil)
        _exit(code.rawValue)
    }
}

/// What the words of the command line ask for.
enum Invocation {
    case help
    case settings
    case serve
    case command(Command, arguments: [String])
    case unknown(String)

    init(_ arguments: [String], _ commands: [Command]) {
        guard let word = arguments.first else {
            self = .serve
            return
        }
        let rest = Array(arguments.dropFirst())
        if let command = commands.first(where: { $0.name == word }) {
            self = .command(command, arguments: rest)
        } else if let extra = rest.first {
            self = .unknown("\(word) \(extra)")
        } else {
            switch word {
            case "help", "--help", "-h": self = .help
            case "settings": self = .settings
            case "serve": self = .serve
            case _: self = .unknown(word)
            }
        }
    }

    static func list(_ commands: [Command]) -> String {
        let names = ["serve", "settings", "help"] + commands.map(\.name)
        return "Commands are \(names.joined(separator: ", "))."
    }

    static func help(_ service: StaticString, _ commands: [Command]) -> String {
        let own = [
            ("serve", "Serves until SIGTERM (the default)."),
            ("settings", "Prints every setting with its default, bounds and source."),
            ("help", "Prints this."),
        ]
        let all = own + commands.map { ($0.name, $0.about) }
        let width = all.map { $0.0.count }.max() ?? 0
        let lines = all.map { name, about in
            "  \(name)\(String(repeating: " ", count: width - name.count))  \(about)\n"
        }
        return "\(service) [COMMAND]\n\n" + lines.joined()
    }
}
