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

        private static let hidden = "GET /livez HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n"

        /// Requests that two readers may end in different places, each with another one inside.
        private static let ambiguous: [String] = {
            let path = "POST /dubbelslot.v1.SessionService/Introspect HTTP/1.1\r\n"
            let head = path + "Host: a\r\nContent-Type: application/json\r\n"
            let chunk = String(hidden.utf8.count, radix: 16)
            let wrapped = "\(chunk)\r\n\(hidden)\r\n0\r\n\r\n"
            let fields = [
                "Transfer-Encoding: chunked\r\nContent-Length: 4",
                "Content-Length: 4\r\nTransfer-Encoding: chunked",
                "Transfer-Encoding : chunked\r\nContent-Length: 4",
                "Transfer-Encoding: xchunked\r\nContent-Length: 4",
                "Transfer-Encoding:\u{b}chunked\r\nContent-Length: 4",
                "Transfer-Encoding: identity, chunked\r\nContent-Length: 4",
                "Transfer-Encoding: chunked, identity\r\nContent-Length: 4",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\nContent-Length: 4",
                "X: y\rTransfer-Encoding: chunked\r\nContent-Length: 4",
                "X: y\nTransfer-Encoding: chunked\r\nContent-Length: 4",
                "X: y\r\n Transfer-Encoding: chunked\r\nContent-Length: 4",
                ": y\r\nTransfer-Encoding: chunked\r\nContent-Length: 4",
                "Transfer-Encoding: chunked", "Transfer_Encoding: chunked\r\nContent-Length: 4",
            ].map { head + $0 + "\r\n\r\n" + wrapped }
            let lengths = [
                "Content-Length: 0", "Content-Length: 00", "Content-Length: +\(hidden.utf8.count)",
                "Content-Length: 0\r\nContent-Length: \(hidden.utf8.count)",
                "Content-Length: \(hidden.utf8.count)\r\nContent-Length: 0",
                "Content-Length: 0, \(hidden.utf8.count)", "Content-Length: 0x2c",
                "Content-Length: \(hidden.utf8.count)", "Content-Length : 0",
                "Content-Length: \(hidden.utf8.count)\r\nExpect: 100-continue",
                "Content-Length: 0\r\nUpgrade: h2c\r\nConnection: Upgrade",
            ].map { head + $0 + "\r\n\r\n" + hidden }
            let chunks = [
                "0\r\n\r\n", "0;a=b\r\n\r\n", "0;a\nb\r\n\r\n", "0\n\n", "+0\r\n\r\n",
                "0x0\r\n\r\n",
                "00000000000000000\r\n\r\n", "10000000000000000\r\n\r\n",
                "0\r\nContent-Length: 5\r\n\r\n",
            ].map { head + "Transfer-Encoding: chunked\r\n\r\n" + $0 + hidden }
            let bodies = ["GET", "HEAD", "OPTIONS", "DELETE", "TRACE"].map {
                "\($0) /livez HTTP/1.1\r\nHost: a\r\nContent-Length: \(hidden.utf8.count)\r\n\r\n"
                    + hidden
            }
            let old =
                "POST /livez HTTP/1.0\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n"
                + wrapped
            return fields + lengths + chunks + bodies + [old]
        }()

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
