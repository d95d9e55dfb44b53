import Fixtures
import Foundation

/// How long it takes to bring so many users with their passwords, and a quarter of them with a
/// seed, into an installation of the services beside this executable.
struct ImportBenchmark {
    struct Row: Codable {
        let rows: Int
        let seconds: Double
        let rowsPerSecond: Double
        /// Of the command, at most.
        let megabytes: Double
        let told: String
    }

    let rows: Int

    func run() throws -> Row {
        let installation = try Installation(gateways: 1)
        let folder = TemporaryFolder("import")
        let file = folder.file("users")
        try ImportLines.write(rows, "user", to: file)
        let start = Core.nanoseconds()
        let command = try installation.importUsers([file, "--totp-verifier", "totp"])
        var kilobytes = 0
        while command.waitForExit(seconds: 0.2) == nil {
            kilobytes = max(kilobytes, residentKilobytes(command.identifier))
        }
        let seconds = Double(Core.nanoseconds() - start) / 1e9
        guard command.exitStatus == 0 else {
            throw BenchmarkAdministrator.Refused(description: command.output)
        }
        let told = command.output.split(separator: "\n").last ?? ""
        return Row(
            rows: rows, seconds: seconds, rowsPerSecond: Double(rows) / seconds,
            megabytes: Double(kilobytes) / 1024, told: String(told))
    }

    private func residentKilobytes(_ process: Int32) -> Int {
        let bytes = FileManager.default.contents(atPath: "/proc/\(process)/status") ?? Data()
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        where line.hasPrefix("VmRSS:") {
            return Int(line.filter { ("0"..."9").contains($0) }) ?? 0
        }
        return 0
    }

    static func table(_ row: Row) -> String {
        String(
            format: "%d rows in %.1f s: %.0f rows/s; the command held at most %.0f MB\n%@",
            row.rows, row.seconds, row.rowsPerSecond, row.megabytes, row.told)
    }
}
