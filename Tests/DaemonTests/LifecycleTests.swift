import Foundation
import Reactor
import Testing
import Wire

@testable import Daemon

private struct NoSettings: Settings {
    init(_ reader: inout SettingsReader) {}
}

private struct Needy: Settings {
    init(_ reader: inout SettingsReader) {
        _ = reader.text("NEEDED_IN_TEST", "What is needed.")
    }
}

private struct Changing: Settings {
    let word: String

    init(_ reader: inout SettingsReader) {
        word = reader.text("WORD_IN_TEST", max: 8, "What changes.")
    }
}

/// A settings file of this process, with what it says now.
private func sayInFile(_ word: String) -> String {
    let path = NSTemporaryDirectory() + "/dubbelslot-settings-\(getpid())"
    let isWritten = FileManager.default.createFile(
        atPath: path, contents: Data("DUBBELSLOT_WORD_IN_TEST=\(word)\n".utf8))
    precondition(isWritten, "no file \(path)")
    return path
}

private struct Refusal: Error {}

/// Sends signals to the thread that waits for them, as the kernel would to a process of its own.
/// Unchecked: a thread's handle may be used anywhere while the thread lives.
private struct MainThread: @unchecked Sendable {
    let thread = pthread_self()

    func send(_ signals: [Int32], on loop: EventLoop) {
        for (number, signal) in signals.enumerated() {
            loop.schedule(after: .milliseconds(50 * (number + 1))) { pthread_kill(thread, signal) }
        }
    }
}

private func serve(
    _ signals: [Int32], announce: @escaping @Sendable () -> Void = {},
    drain: @escaping @Sendable () async -> Void = {},
    reload: (@Sendable () async -> Void)? = nil
) -> Serve {
    let main = MainThread()
    var taken: (@Sendable (NoSettings) async -> Void)?
    if let reload { taken = { _ in await reload() } }
    return Serve(NoSettings.self) { [taken] _, runtime in
        main.send(signals, on: runtime.mainLoop)
        return Serving(announce: announce, drain: drain, reload: taken)
    }
}

@Suite struct LifecycleTests {
    static func text(_ result: ExitTest.Result?) -> String {
        String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    }

    @Test func `SIGTERM drains and ends well`() async {
        let result = await #expect(
            processExitsWith: .exitCode(0), observing: [\.standardErrorContent]
        ) {
            Lifecycle.main(
                "test", serve: serve([SIGTERM], drain: { print("drained") }), commands: [],
                arguments: [])
        }
        for event in ["ready", "draining", "stopped"] {
            #expect(Self.text(result).contains("\"event\":\"\(event)\""))
        }
    }

    @Test func `SIGHUP asks for a reload and does not end`() async {
        let result = await #expect(
            processExitsWith: .exitCode(0), observing: [\.standardErrorContent]
        ) {
            Lifecycle.main(
                "test", serve: serve([SIGHUP, SIGINT], reload: {}), commands: [],
                arguments: ["serve"])
        }
        #expect(Self.text(result).contains("\"event\":\"reloaded\""))
    }

    @Test func `SIGHUP gives what the settings say by then`() async {
        let result = await #expect(
            processExitsWith: .exitCode(0), observing: [\.standardOutputContent]
        ) {
            let path = sayInFile("first")
            let main = MainThread()
            Lifecycle.main(
                "test",
                serve: Serve(Changing.self) { settings, runtime in
                    print("began with \(settings.word)")
                    _ = sayInFile("then")
                    main.send([SIGHUP, SIGTERM], on: runtime.mainLoop)
                    return Serving(
                        drain: { unlink(path) }, reload: { print("took \($0.word)") })
                }, commands: [], arguments: [],
                environment: ["DUBBELSLOT_SETTINGS_FILE": path])
        }
        let text = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
        #expect(text.contains("began with first\ntook then\n"), "\(text)")
    }

    @Test func `settings with problems are not taken by SIGHUP, and it serves on`() async {
        let result = await #expect(
            processExitsWith: .exitCode(0),
            observing: [\.standardOutputContent, \.standardErrorContent]
        ) {
            let path = sayInFile("first")
            let main = MainThread()
            Lifecycle.main(
                "test",
                serve: Serve(Changing.self) { _, runtime in
                    _ = sayInFile("much too long")
                    main.send([SIGHUP, SIGTERM], on: runtime.mainLoop)
                    return Serving(
                        drain: { unlink(path) }, reload: { print("took \($0.word)") })
                }, commands: [], arguments: [],
                environment: ["DUBBELSLOT_SETTINGS_FILE": path])
        }
        let text = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
        #expect(!text.contains("took"), "\(text)")
        #expect(Self.text(result).contains("DUBBELSLOT_WORD_IN_TEST is not text"))
    }

    @Test func `a second signal ends at once`() async {
        let result = await #expect(
            processExitsWith: .exitCode(1), observing: [\.standardErrorContent]
        ) {
            Lifecycle.main(
                "test",
                serve: serve(
                    [SIGTERM, SIGTERM], drain: { await EventLoop.current?.sleep(for: .seconds(60)) }
                ),
                commands: [], arguments: [])
        }
        #expect(Self.text(result).contains("\"event\":\"stopped_at_once\""))
    }

    /// The notice is no part of the time to drain, so both may take a second here.
    @Test func `what is to end says so, and serves on until the notice is over`() async {
        let result = await #expect(
            processExitsWith: .exitCode(0), observing: [\.standardErrorContent]
        ) {
            let announced = ContinuousClock.now
            Lifecycle.main(
                "test",
                serve: serve(
                    [SIGTERM],
                    announce: { FileHandle.standardError.write(Data("announced ".utf8)) },
                    drain: {
                        guard announced.duration(to: .now) >= .seconds(1) else { exit(9) }
                        FileHandle.standardError.write(Data("drained ".utf8))
                        await EventLoop.current?.sleep(for: .milliseconds(700))
                    }), commands: [], arguments: [],
                environment: [
                    "DUBBELSLOT_DRAIN_NOTICE_SECONDS": "1", "DUBBELSLOT_DRAIN_SECONDS": "1",
                ])
        }
        let text = Self.text(result)
        let words = text.split { !$0.isLetter }.map(String.init)
        let order = words.filter { ["announced", "drained", "stopped"].contains($0) }
        #expect(order == ["announced", "drained", "stopped"], "\(text)")
    }

    @Test func `draining has a bound even when a loop hangs`() async {
        let result = await #expect(
            processExitsWith: .exitCode(1), observing: [\.standardErrorContent]
        ) {
            Lifecycle.main(
                "test", serve: serve([SIGTERM], drain: { sleep(60) }), commands: [],
                arguments: [], environment: ["DUBBELSLOT_DRAIN_SECONDS": "1"])
        }
        #expect(Self.text(result).contains("\"event\":\"drain_timed_out\""))
    }

    @Test func `a start that fails ends the process with its reason`() async {
        let result = await #expect(
            processExitsWith: .exitCode(1), observing: [\.standardErrorContent]
        ) {
            Lifecycle.main(
                "test", serve: Serve(NoSettings.self) { _, _ in throw Refusal() }, commands: [],
                arguments: [])
        }
        #expect(Self.text(result).contains(#""event":"start_failed","reason":"Refusal()""#))
    }

    @Test func `settings with problems start nothing`() async {
        let result = await #expect(
            processExitsWith: .exitCode(2), observing: [\.standardErrorContent]
        ) {
            Lifecycle.main(
                "test", serve: Serve(Needy.self) { _, _ in Serving(drain: {}) }, commands: [],
                arguments: [],
                environment: ["DUBBELSLOT_LOOPS": "x", "DUBBELSLOT_NEEDED_IN_TESTS": "x"])
        }
        let text = Self.text(result)
        #expect(text.contains("DUBBELSLOT_LOOPS is not event loops, 0 to 256"))
        #expect(text.contains("DUBBELSLOT_NEEDED_IN_TEST must be set: What is needed."))
        #expect(text.contains("is DUBBELSLOT_NEEDED_IN_TEST meant?"))
        #expect(!text.contains("\"event\""))
    }

    @Test func `a command has its own settings and exit code`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            Lifecycle.main(
                "test", serve: Serve(Needy.self) { _, _ in Serving(drain: {}) },
                commands: [
                    Command("work", "Works.", NoSettings.self) { _, runtime in
                        await runtime.mainLoop.sleep(for: .milliseconds(1))
                        return runtime.arguments == ["a", "b"] ? .success : .failure
                    }
                ], arguments: ["work", "a", "b"])
        }
        await #expect(processExitsWith: .exitCode(1)) {
            Lifecycle.main(
                "test", serve: Serve(NoSettings.self) { _, _ in Serving(drain: {}) },
                commands: [Command("work", "Works.", NoSettings.self) { _, _ in throw Refusal() }],
                arguments: ["work"])
        }
    }

    @Test func `settings and help are printed`() async {
        let settings = await #expect(
            processExitsWith: .exitCode(0), observing: [\.standardOutputContent]
        ) {
            Lifecycle.main(
                "test", serve: Serve(NoSettings.self) { _, _ in Serving(drain: {}) },
                commands: [Command("work", "Works.", Needy.self) { _, _ in .success }],
                arguments: ["settings"])
        }
        let text = String(decoding: settings?.standardOutputContent ?? [], as: UTF8.self)
        for name in ["LOG_LEVEL", "LOOPS", "DRAIN_SECONDS", "SETTINGS_FILE", "NEEDED_IN_TEST"] {
            #expect(text.contains("DUBBELSLOT_\(name)\n"))
        }
        let help = await #expect(
            processExitsWith: .exitCode(0), observing: [\.standardOutputContent]
        ) {
            Lifecycle.main(
                "test", serve: Serve(NoSettings.self) { _, _ in Serving(drain: {}) },
                commands: [Command("work", "Works.", Needy.self) { _, _ in .success }],
                arguments: ["--help"])
        }
        let usage = String(decoding: help?.standardOutputContent ?? [], as: UTF8.self)
        #expect(usage.contains("  work      Works.\n"))
        await #expect(processExitsWith: .exitCode(64)) {
            Lifecycle.main(
                "test", serve: Serve(NoSettings.self) { _, _ in Serving(drain: {}) }, commands: [],
                arguments: ["nonsense"])
        }
    }

    @Test func `no core file is left and a closed pipe does not kill`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            Lifecycle.main(
                "test", serve: Serve(NoSettings.self) { _, _ in Serving(drain: {}) },
                commands: [
                    Command("look", "Looks.", NoSettings.self) { _, _ in
                        var limit = rlimit()
                        getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
                        raise(SIGPIPE)
                        return limit.rlim_max == 0 ? .success : .failure
                    }
                ], arguments: ["look"])
        }
    }
}

@Suite struct HealthProbeTests {
    @Test func `a probe tells whether a service says that it is ready`() async throws {
        let loop = try EventLoop(name: "test")
        loop.start()
        defer {
            loop.stop()
            loop.join()
        }
        try await loop.run {
            for (status, isWell) in [("200 OK", true), ("503 Service Unavailable", false)] {
                let listener = try TCPListener(
                    loop: loop, address: .ipv4(0x7f00_0001, port: 0),
                    accept: { $0.start(Answering(status, $0)) })
                #expect(
                    await HealthProbe.answers(at: listener.address, path: "/readyz", on: loop)
                        == isWell)
                listener.close()
                #expect(!(await HealthProbe.answers(at: listener.address, path: "/", on: loop)))
            }
            let silent = try TCPListener(
                loop: loop, address: .ipv4(0x7f00_0001, port: 0),
                accept: { $0.start(Answering(nil, $0)) })
            #expect(
                !(await HealthProbe.answers(
                    at: silent.address, path: "/", on: loop, timeout: .milliseconds(50))))
        }
    }
}

/// Answers a request with a status, or never. Unchecked: lives on one loop.
private final class Answering: ByteStreamReceiver, @unchecked Sendable {
    private let status: String?
    private let stream: SocketStream

    init(_ status: String?, _ stream: SocketStream) {
        self.status = status
        self.stream = stream
    }

    func received(_ bytes: UnsafeRawBufferPointer, _ output: inout OutputBuffer) -> Int {
        guard let status else { return bytes.count }
        output.append(utf8: "HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n")
        stream.close()
        return bytes.count
    }

    func ended(_ end: StreamEnd) {}
}
