import Fixtures
import Foundation
import Testing

extension SharedSystemTests {
    /// The gateway behind Debian's HAProxy, which sends everybody's requests on connections that
    /// it keeps: where the two disagree about where a request ends, one visitor's bytes become
    /// part of another's.
    @Suite struct ProxyTests {
        private let system: System
        private let folder = TemporaryFolder("proxy")
        private let proxy: ChildProcess
        private let port = FreePort.take()

        init() throws {
            system = try System.shared.get()
            let gateway = try system.installation.port("auth-gateway.http")
            let settings = try folder.write(
                "haproxy.cfg",
                """
                defaults
                    mode http
                    timeout connect 5s
                    timeout client 1s
                    timeout server 5s
                    http-reuse always
                listen proxy
                    bind 127.0.0.1:\(port)
                    server gateway 127.0.0.1:\(gateway) maxconn 1

                """)
            proxy = try ChildProcess("haproxy", ["-db", "-f", settings])
            for _ in 0..<500 where try !isAnswering() { usleep(10_000) }
        }

        private func isAnswering() throws -> Bool {
            do {
                return try HTTPTestClient(port: port, seconds: 5).get("/livez").status == 200
            } catch is HTTPTestClient.Failed {
                return false
            }
        }

        /// A request without its end: the next visitor's becomes the value of its last field.
        private static let hidden = "GET /livez HTTP/1.1\r\nX: "

        /// Requests that two readers may end in different places, each with another one inside.
        private static let ambiguous = chunked + counted + ended + bodies

        private static let head = """
            POST /dubbelslot.v1.SessionService/Introspect HTTP/1.1\r
            Host: a\r
            Content-Type: application/json\r

            """

        /// Framed by chunks and by a length: to one the hidden request is outside, to the other
        /// within.
        private static let chunked: [String] = [
            "Transfer-Encoding: chunked", "Transfer-Encoding : chunked",
            "Transfer-Encoding: xchunked", "Transfer-Encoding:\u{b}chunked",
            "Transfer-Encoding: identity, chunked", "Transfer-Encoding: chunked, identity",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: x", "Transfer_Encoding: chunked",
            "X: y\rTransfer-Encoding: chunked", "X: y\nTransfer-Encoding: chunked",
            "X: y\r\n Transfer-Encoding: chunked", ": y\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: \"chunked\"", "Transfer-Encoding: chunked;a=b",
        ].flatMap { field -> [String] in
            let ended = "0\r\n\r\n" + hidden
            let whole = hidden + "y\r\n\r\n"
            let wrapped = "\(String(whole.utf8.count, radix: 16))\r\n\(whole)\r\n0\r\n\r\n"
            return [
                head + "\(field)\r\nContent-Length: \(ended.utf8.count)\r\n\r\n" + ended,
                head + "Content-Length: \(ended.utf8.count)\r\n\(field)\r\n\r\n" + ended,
                head + "\(field)\r\nContent-Length: 4\r\n\r\n" + wrapped,
            ]
        }

        private static let counted: [String] = {
            let count = hidden.utf8.count
            return [
                "Content-Length: \(count)", "Content-Length: +\(count)",
                "Content-Length : \(count)", "Content-Length: 0\r\nContent-Length: \(count)",
                "Content-Length: \(count)\r\nContent-Length: 0", "Content-Length: 0, \(count)",
                "Content-Length: 0x\(String(count, radix: 16))", "Content-Length: 00\(count)",
                "Content-Length: \(count)\r\nExpect: 100-continue",
                "Content-Length: \(count)\r\nUpgrade: h2c\r\nConnection: Upgrade",
                "Content-Length: \(count)\r\nConnection: Content-Length",
            ].map { head + $0 + "\r\n\r\n" + hidden }
        }()

        private static let ended = [
            "0\r\n\r\n", "0;a=b\r\n\r\n", "0;a\nb\r\n\r\n", "0\n\n", "+0\r\n\r\n", "0x0\r\n\r\n",
            "00000000000000000\r\n\r\n", "10000000000000000\r\n\r\n",
            "0\r\nContent-Length: 5\r\n\r\n", "0\r\nX: y\r\n\r\n", "0 \r\n\r\n",
        ].map { head + "Transfer-Encoding: chunked\r\n\r\n" + $0 + hidden }

        /// Methods and versions of which some think that they have no body.
        private static let bodies = [
            "GET /livez HTTP/1.1", "HEAD /livez HTTP/1.1", "OPTIONS * HTTP/1.1",
            "DELETE /livez HTTP/1.1", "TRACE /livez HTTP/1.1", "POST /livez HTTP/1.0",
            "GET /livez HTTP/1.0", "POST /nothing HTTP/1.1", "GET / HTTP/1.1",
        ].map { "\($0)\r\nHost: a\r\nContent-Length: \(hidden.utf8.count)\r\n\r\n\(hidden)" }

        @Test func `H-72 no request hidden in another is answered to whoever comes next`() throws {
            var attackers: [HTTPTestClient] = []
            for attack in Self.ambiguous {
                let attacker = HTTPTestClient(port: port, seconds: 5)
                attackers.append(attacker)
                try attacker.sendRaw(Array(attack.utf8))
                for _ in 0..<3 {
                    let victim = HTTPTestClient(port: port, seconds: 20)
                    let answer = try victim.call("AccountService/Get")
                    #expect(answer.reason == "not_signed_in", "\(attack)\n\(answer)")
                }
            }
            proxy.end(seconds: 0)
        }
    }
}
