import Fixtures
import Foundation
import Testing

extension SharedSystemTests {
    /// More connections than there is room for, at a real gateway.
    @Suite struct ExhaustionTests {
        private let system: System
        private let port: UInt16
        private let process: Int32

        init() throws {
            system = try System.shared.get()
            port = try system.installation.port("auth-gateway-2.http")
            process = try system.installation.process(.secondGateway)
        }

        /// Runs `body` while the gateway may have so many files open.
        private func withDescriptors(_ count: Int, _ body: () throws -> Void) throws {
            let before = try limit()
            try limit(count)
            do {
                try body()
            } catch {
                try limit(before)
                throw error
            }
            try limit(before)
        }

        private func limit() throws -> Int {
            let told = try ChildProcess.run(
                "prlimit",
                ["--pid", String(process), "--nofile", "--noheadings", "--output", "SOFT"])
            let text = told.output.trimmingCharacters(in: .whitespacesAndNewlines)
            return try #require(Int(text), "\(told.output)")
        }

        private func limit(_ count: Int) throws {
            let told = try ChildProcess.run(
                "prlimit", ["--pid", String(process), "--nofile=\(count):"])
            try #require(told.status == 0, "\(told.output)")
        }

        /// As many files as this process may have, and the gateway with it.
        private func descriptorsMost() throws -> Int {
            let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
            var own = rlimit()
            try #require(getrlimit(kind, &own) == 0)
            own.rlim_cur = own.rlim_max
            try #require(setrlimit(kind, &own) == 0)
            return Int(min(own.rlim_max, 1_000_000))
        }

        private func words(of file: String) throws -> [Int] {
            let text = try String(contentsOfFile: "/proc/\(process)/\(file)", encoding: .utf8)
            return (text.split(separator: ")").last ?? "").split(separator: " ").map {
                Int($0.trimmingCharacters(in: .newlines)) ?? 0
            }
        }

        /// Bytes resident.
        private func memory() throws -> Int {
            try words(of: "statm")[1] * sysconf(Int32(_SC_PAGESIZE))
        }

        /// Seconds of a core that it has used (proc(5): utime and stime).
        private func secondsUsed() throws -> Double {
            let all = try words(of: "stat")
            return Double(all[11] + all[12]) / Double(sysconf(Int32(_SC_CLK_TCK)))
        }

        /// Within ten seconds.
        private func isServing() throws -> Bool {
            for _ in 0..<100 {
                do {
                    return try HTTPTestClient(port: port, seconds: 1).get("/livez").status == 200
                } catch is HTTPTestClient.Failed {
                    usleep(100_000)
                }
            }
            return false
        }

        @Test func `X-01 with 256 files and 1,000 connections it neither spins nor stays away`()
            throws
        {
            let count = min(1000, try descriptorsMost() - 500)
            let person = try system.person(.secondGateway)
            let early = HTTPTestClient(port: port)
            #expect(try early.get("/livez").status == 200)
            try withDescriptors(256) {
                let clients = (0..<count).map { _ in HTTPTestClient(port: port) }
                for client in clients { try client.sendRaw(Array("GET /li".utf8)) }
                let before = try secondsUsed()
                usleep(1_000_000)
                #expect(try secondsUsed() - before < 0.5)
                // Newcomers wait, and whoever was there before is served.
                #expect(throws: HTTPTestClient.Failed.self) {
                    try HTTPTestClient(port: port, seconds: 1).get("/livez")
                }
                #expect(try early.get("/livez").status == 200)
                #expect(try person.call(early, "AccountService/Get").status == 200)
                for client in clients { client.disconnect() }
                #expect(try isServing())
            }
            let client = try system.installation.client(of: .secondGateway)
            let ticket = try person.start(client)
            #expect(try person.complete(client, ticket, try person.code()).status == 200)
        }

        @Test func `X-02 each of 10,000 connections takes at most 32 KiB`() throws {
            let most = try descriptorsMost()
            let count = min(10_000, most - 1000)
            #expect(try isServing())
            try withDescriptors(most) {
                let before = try memory()
                let clients = (0..<count).map { _ in HTTPTestClient(port: port) }
                for client in clients { try client.sendRaw(Array("GET /livez HTTP/1.1\r\n".utf8)) }
                let waiting = try memory() - before
                for client in clients { try client.sendRaw(Array("Host: a\r\n\r\n".utf8)) }
                for client in clients { #expect(try client.receive().status == 200) }
                let idle = try memory() - before
                print("\(count) connections: \(waiting / count) bytes each with half a request,")
                print("  \(idle / count) bytes each when idle after an answer")
                #expect(waiting / count <= 32 * 1024 && idle / count <= 32 * 1024)
                for client in clients { client.disconnect() }
                #expect(try isServing())
            }
        }
    }
}
