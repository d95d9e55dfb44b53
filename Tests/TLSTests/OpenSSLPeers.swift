import Fixtures
import Foundation
import Reactor
import TLS
import Wire

/// OpenSSL's own programs as peers: they present whatever certificate they are given, which our
/// side would refuse to start with, and they are not of our making.
struct OpenSSLClient {
    private let arguments: [String]

    init(
        _ leaf: TestAuthority.Leaf?, _ authority: TestAuthority,
        alpn: String? = TLSContext.applicationProtocolDefault, _ more: [String] = []
    ) {
        let own = leaf.map { ["-cert", $0.certificate, "-key", $0.key] } ?? []
        arguments =
            ["s_client", "-quiet", "-CAfile", authority.file] + own
            + (alpn.map { ["-alpn", $0] } ?? []) + more
    }

    /// Connects to a server of ours; what came of it there. With a `recorder` the stream stays
    /// open until nothing more has come for a moment.
    func visit(
        _ loop: EventLoop, _ context: TLSContext, recorder: StreamRecorder? = nil
    ) async throws -> Result<String, TLSFault> {
        let (verdicts, feed) = AsyncStream.makeStream(of: Result<String, TLSFault>.self)
        let listener = try TCPListener(loop: loop, address: .ipv4(0x7f00_0001, port: 0)) { stream in
            loop.spawn {
                do throws(TLSFault) {
                    let sealed = try await TLSStream.accept(over: stream, context: context)
                    sealed.start(recorder ?? StreamRecorder())
                    if recorder != nil { await loop.sleep(for: .milliseconds(100)) }
                    feed.yield(.success(sealed.peerIdentity ?? ""))
                    sealed.close()
                } catch {
                    feed.yield(.failure(error))
                }
                feed.finish()
            }
        }
        defer { listener.close() }
        let child = try ChildProcess(
            "openssl", arguments + ["-connect", "127.0.0.1:\(listener.port)"])
        defer { child.end(seconds: 0) }
        for await verdict in verdicts { return verdict }
        return .failure(.cancelled)
    }
}

struct OpenSSLServer {
    private let arguments: [String]

    init(
        _ leaf: TestAuthority.Leaf, _ authority: TestAuthority,
        alpn: String? = TLSContext.applicationProtocolDefault, _ more: [String] = []
    ) {
        self.init(
            leaf,
            ["-CAfile", authority.file, "-Verify", "4"] + (alpn.map { ["-alpn", $0] } ?? []) + more)
    }

    /// A server that asks nobody for a certificate.
    init(_ leaf: TestAuthority.Leaf, _ more: [String] = []) {
        arguments =
            [
                "s_server", "-www", "-accept", "127.0.0.1:0", "-naccept", "1",
                "-cert", leaf.certificate, "-key", leaf.key,
            ] + more
    }

    /// Lets a client of ours connect; what came of it there.
    func receive(
        _ loop: EventLoop, _ context: TLSContext, expecting: String = Parties.verificationName
    ) async throws -> Result<String, TLSFault> {
        try await receive(loop) { stream throws(TLSFault) in
            try await TLSStream.connect(over: stream, context: context, expecting: expecting)
        }
    }

    /// The same for a client that takes it for a server in the world, called `host`.
    func receive(
        _ loop: EventLoop, _ context: TLSContext, host: String
    ) async throws -> Result<String, TLSFault> {
        try await receive(loop) { stream throws(TLSFault) in
            try await TLSStream.connect(over: stream, context: context, host: host)
        }
    }

    private func receive(
        _ loop: EventLoop,
        _ seal: @escaping @Sendable (SocketStream) async throws(TLSFault) -> TLSStream
    ) async throws -> Result<String, TLSFault> {
        let child = try ChildProcess("openssl", arguments)
        defer { child.end(seconds: 0) }
        return try await loop.run {
            let port = try await port(of: child, loop)
            let stream = try await SocketStream.connect(
                to: .ipv4(0x7f00_0001, port: port), on: loop, timeout: .seconds(5))
            do throws(TLSFault) {
                let sealed = try await seal(stream)
                sealed.start(StreamRecorder())
                sealed.close()
                return .success(sealed.peerIdentity ?? "")
            } catch {
                return .failure(error)
            }
        }
    }

    /// Has OpenSSL's client visit, and keep a session that may be resumed with early data, in
    /// `file`.
    func giveSession(to leaf: TestAuthority.Leaf, in file: String) async throws {
        // It goes on for as long as it is told something.
        let child = try ChildProcess(
            "sh",
            ["-c", #"tail -f /dev/null | openssl "$@""#, "sh"] + arguments.filter { $0 != "-www" })
        defer { child.end(seconds: 0) }
        try await withRunningLoop { loop in
            try await loop.run {
                let port = try await port(of: child, loop)
                let client = try ChildProcess(
                    "openssl",
                    [
                        "s_client", "-quiet", "-connect", "127.0.0.1:\(port)", "-sess_out", file,
                        "-cert", leaf.certificate, "-key", leaf.key, "-alpn",
                        TLSContext.applicationProtocolDefault,
                    ])
                defer { client.end(seconds: 0) }
                for _ in 0..<2000 where !FileManager.default.fileExists(atPath: file) {
                    await loop.sleep(for: .milliseconds(5))
                }
                await loop.sleep(for: .milliseconds(50))
            }
        }
    }

    private struct NotListening: Error {
        let output: String
    }

    /// The program prints the port that the kernel gave it.
    private func port(of child: ChildProcess, _ loop: EventLoop) async throws -> UInt16 {
        for _ in 0..<2000 {
            let words = child.output.split(whereSeparator: \.isWhitespace)
            if let place = words.firstIndex(of: "ACCEPT"), place + 1 < words.count,
                let port = words[place + 1].split(separator: ":").last.flatMap({ UInt16($0) })
            {
                return port
            }
            await loop.sleep(for: .milliseconds(5))
        }
        throw NotListening(output: child.output)
    }
}
