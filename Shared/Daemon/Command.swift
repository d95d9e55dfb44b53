import Glibc
import Reactor

/// How a process ends.
package enum ExitCode: Int32, Sendable {
    case success = 0
    case failure = 1
    /// What it was told does not do: a setting, a secret, a certificate, a port. Nothing was
    /// started.
    case setup = 2
    /// Nothing was found wrong, and not all could be looked at.
    case untried = 3
    /// Words on the command line that mean nothing here.
    case usage = 64
    /// Data that were refused, whole or in part.
    case data = 65
}

/// What a command has besides its settings.
package struct Runtime: Sendable {
    package let log: Log
    package let clock: WallClock
    /// Running; one for each core when serving, else one.
    package let loops: EventLoopGroup
    /// The words behind the command's name.
    package let arguments: [String]

    /// The loop that commands begin on.
    package var mainLoop: EventLoop { loops.loops[0] }
}

/// A word on the command line, with its settings and what it does.
package struct Command: Sendable {
    /// Does the work; on the main loop. What it throws is logged, and the process fails.
    typealias Work = @Sendable (Runtime) async throws -> ExitCode

    package let name: String
    /// One line for the list of commands.
    package let about: String
    /// Reads the settings and gives the work that is left.
    let prepare: @Sendable (inout SettingsReader) -> Work

    package init<S: Settings>(
        _ name: String, _ about: String, _ settings: S.Type,
        _ run: @escaping @Sendable (S, Runtime) async throws -> ExitCode
    ) {
        self.name = name
        self.about = about
        prepare = { reader in
            let settings = S(&reader)
            return { runtime in try await run(settings, runtime) }
        }
    }
}

/// A service that has started and now serves.
package struct Serving<S: Settings>: Sendable {
    /// Says that it ends soon, to whoever asks whether it is ready, and goes on serving.
    let announce: @Sendable () -> Void
    /// Takes no more work, finishes what is under way, returns when it is done.
    let drain: @Sendable () async -> Void
    /// Takes what may change while it serves (certificates, keys, passwords) from settings that
    /// were read anew; asked for by SIGHUP.
    let reload: (@Sendable (S) async -> Void)?

    package init(
        announce: @escaping @Sendable () -> Void = {},
        drain: @escaping @Sendable () async -> Void,
        reload: (@Sendable (S) async -> Void)? = nil
    ) {
        self.announce = announce
        self.drain = drain
        self.reload = reload
    }
}

/// A service that serves, for those who need not know its settings.
struct Served: Sendable {
    let announce: @Sendable () -> Void
    let drain: @Sendable () async -> Void
    /// Reads the settings again. Gives the problems with them, a sentence each; with one, nothing
    /// has changed.
    let reload: (@Sendable (SettingsSource) async -> [String])?

    init<S>(_ serving: Serving<S>) {
        announce = serving.announce
        drain = serving.drain
        guard let reload = serving.reload else {
            self.reload = nil
            return
        }
        self.reload = { source in
            var reader = SettingsReader(source)
            let settings = S(&reader)
            guard reader.problems.isEmpty else { return reader.problems }
            await reload(settings)
            return []
        }
    }
}

/// The command `serve`: starts a service, then leaves it to the loops until a signal ends it.
package struct Serve: Sendable {
    typealias Start = @Sendable (Runtime) async throws -> Served

    let prepare: @Sendable (inout SettingsReader) -> Start

    /// `start` returns once the service is ready; what it throws is logged, and the process fails.
    package init<S: Settings>(
        _ settings: S.Type,
        _ start: @escaping @Sendable (S, Runtime) async throws -> Serving<S>
    ) {
        prepare = { reader in
            let settings = S(&reader)
            return { runtime in Served(try await start(settings, runtime)) }
        }
    }
}

/// The settings that every service has.
struct DaemonSettings: Settings {
    enum LogFormat: String, CaseIterable {
        case automatic, json, text
    }

    let logLevel: Log.Level
    let logFormat: LogFormat
    /// At least one.
    let loops: Int
    let drainNotice: Duration
    let drainMax: Duration

    init(_ reader: inout SettingsReader) {
        logLevel = reader.choice(
            "LOG_LEVEL", default: .info, "The least important lines that are written.")
        logFormat = reader.choice(
            "LOG_FORMAT", default: .automatic,
            "How lines are written; automatic is text at a terminal and JSON elsewhere.")
        let loops = reader.integer(
            "LOOPS", default: 0, in: 0...256, unit: "event loops",
            "Threads that serve connections; 0 is one for each core.")
        self.loops = loops > 0 ? loops : max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        drainNotice = reader.duration(
            "DRAIN_NOTICE_SECONDS", default: 0, in: 0...60,
            "How long after SIGTERM it still serves, not ready, so that balancers go elsewhere.")
        drainMax = reader.duration(
            "DRAIN_SECONDS", default: 10, in: 1...300,
            "How long requests under way may take after SIGTERM and the notice.")
    }

    func format(isTerminal: Bool) -> Log.Format {
        switch logFormat {
        case .json: .json
        case .text: isTerminal ? .colour : .text
        case .automatic: isTerminal ? .colour : .json
        }
    }
}
