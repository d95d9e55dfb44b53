import Fixtures
import Foundation

/// How long each service takes from its start until it serves, and what it holds in memory then.
/// The services stand beside this executable and are set up by `Services/up`.
struct ServicesBenchmark {
    struct Row: Codable {
        let service: String
        let startMilliseconds: Double
        let idleMegabytes: Double
        let starts: Int
    }

    let starts: Int

    func run() throws -> [Row] {
        let installation = try Installation(gateways: 1)
        let names: [Installation.Name] = [.verification, .policy, .gateway]
        return try names.map { name in
            let environment = try installation.environment(of: name)
            try installation.stop(name)
            let samples = try (0..<starts).map { _ in try start(name, environment) }
            try installation.start(name)
            return Row(
                service: name.rawValue, startMilliseconds: median(samples.map(\.milliseconds)),
                idleMegabytes: median(samples.map(\.megabytes)), starts: starts)
        }
    }

    /// Starts it once: until it says that it is ready, then a second at rest.
    private func start(
        _ name: Installation.Name, _ environment: [String: String]
    ) throws -> (milliseconds: Double, megabytes: Double) {
        let begin = Core.nanoseconds()
        let process = try Installation.serve(name, environment)
        let milliseconds = Double(Core.nanoseconds() - begin) / 1e6
        Thread.sleep(forTimeInterval: 1)
        let megabytes = try residentMegabytes(process.identifier)
        _ = process.end(seconds: 15)
        return (milliseconds, megabytes)
    }

    private func residentMegabytes(_ process: Int32) throws -> Double {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        for line in status.split(separator: "\n") where line.hasPrefix("VmRSS:") {
            let digits = line.filter { ("0"..."9").contains($0) }
            return (Double(digits) ?? 0) / 1024
        }
        return 0
    }

    private func median(_ values: [Double]) -> Double {
        values.sorted()[values.count / 2]
    }

    static func table(_ rows: [Row]) -> String {
        let lines = rows.map {
            String(
                format: "| %@ | %.0f | %.1f |", $0.service, $0.startMilliseconds,
                $0.idleMegabytes)
        }
        let head = ["| service | start ms | idle MB (VmRSS) |", "| --- | --- | --- |"]
        return (head + lines).joined(separator: "\n")
    }
}
