import Reactor
import Wire

/// The question of the `health` command: does a service on this machine answer? A wildcard address
/// that it listens on reaches it too.
package enum HealthProbe {
    /// Octets read of an answer; its first line is enough.
    private static let answerMax = 4096

    /// True when `GET path` at `address` is answered with 200. On the loop.
    package static func answers(
        at address: SocketAddress, path: StaticString, on loop: EventLoop,
        timeout: Duration = .seconds(2)
    ) async -> Bool {
        do throws(SystemFault) {
            let stream = try await SocketStream.connect(to: address, on: loop, timeout: timeout)
            let question = Question(stream)
            let timer = loop.schedule(after: timeout) { stream.abort() }
            defer { timer.cancel() }
            let head = await question.ask(
                "GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return head.starts(with: "HTTP/1.1 200 ".utf8)
        } catch {
            return false
        }
    }

    /// Unchecked: touched on the loop's thread only.
    private final class Question: ByteStreamReceiver, @unchecked Sendable {
        private let stream: SocketStream
        private var answer: [UInt8] = []
        private var continuation: UnsafeContinuation<Void, Never>?

        init(_ stream: SocketStream) {
            self.stream = stream
        }

        func ask(_ request: String) async -> [UInt8] {
            await withUnsafeContinuation { continuation in
                self.continuation = continuation
                stream.write { $0.append(utf8: request) }
                stream.start(self)
            }
            return answer
        }

        func received(_ bytes: UnsafeRawBufferPointer, _ output: inout OutputBuffer) -> Int {
            answer.append(contentsOf: bytes.prefix(answerMax - answer.count))
            if answer.count == answerMax { stream.abort() }
            return bytes.count
        }

        func ended(_ end: StreamEnd) {
            continuation?.resume()
            continuation = nil
        }
    }
}
