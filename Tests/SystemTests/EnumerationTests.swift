import Fixtures
import Foundation
import Testing

extension SharedSystemTests {
    /// Whether an account exists is not told by what is answered. That the time does not tell
    /// either is measured by `Benchmarks enumeration`.
    @Suite struct EnumerationTests {
        private let system: System

        init() throws { system = try System.shared.get() }

        @Test func `L-22 whoever exists is answered with the bytes of whoever does not`() throws {
            let client = try system.installation.client()
            var users: [EnumerationCases.Case: String] = [:]
            users[.imported] = try EnumerationCases.makeImported(
                system.installation, record: ImportLines.cheapRecord)
            for it in EnumerationCases.users where it != .imported {
                users[it] = EnumerationCases.nobody()
                _ = try system.initialPassword(of: try #require(users[it]))
            }
            let cases = try EnumerationCases(system.installation, users: users, client)
            var seen: [EnumerationCases.Case: Set<[String]>] = [:]
            for _ in 0..<EnumerationCases.triesMax {
                for it in EnumerationCases.Case.allCases.shuffled() {
                    let answer = try client.call("SignInService/Start", cases.body(it))
                    seen[it, default: []].insert(EnumerationCases.visible(answer))
                }
            }
            for row in EnumerationCases.alike {
                let first = try #require(seen[row[0]])
                #expect(first.count == 1, "\(row[0].rawValue): \(first)")
                for it in row.dropFirst() {
                    #expect(seen[it] == first, "\(it.rawValue) against \(row[0].rawValue)")
                }
            }
            let reasons = EnumerationCases.alike.map { seen[$0[0]]?.first?.last ?? "" }
            for (text, word) in zip(reasons, ["password_wrong", "delayed", "exhausted"]) {
                #expect(text.contains(word), "\(text)")
            }
        }
    }
}
