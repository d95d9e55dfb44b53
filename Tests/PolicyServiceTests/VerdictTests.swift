import Contracts
import Testing
import Wire

@testable import PolicyService

/// The whole decision as a grid, drawn so that a change of policy is a change of the picture.
struct VerdictTests {
    private static let totp = VerifierUID("totp")!
    private static let keys = VerifierUID("keys")!

    private static func decide(
        _ enforcement: Enforcement, _ chosen: [VerifierUID], roles: [Role], bound: [VerifierUID],
        proved: [VerifierUID]
    ) -> Verdict {
        Verdict(
            SettingsVersion(version: 1, enforcement: enforcement, verifiers: chosen),
            Decide(
                roles: roles, method: .password, bound: bound, proved: proved, sinceVersion: 0))
    }

    private static func grid() -> String {
        var lines = ["enforcement    roles          bound      proved  outcome"]
        for enforcement in Enforcement.allCases {
            for roles in [[], [Role.administrator]] {
                for (bound, proved) in [([], []), ([keys], []), ([totp], []), ([totp], [totp])] {
                    let verdict = decide(
                        enforcement, [totp], roles: roles, bound: bound, proved: proved)
                    let cells = [
                        enforcement.rawValue.padded(14), (roles.first?.rawValue ?? "-").padded(14),
                        (bound.first?.text ?? "-").padded(10),
                        (proved.first?.text ?? "-").padded(7),
                        "\(verdict.outcome)",
                    ]
                    lines.append(cells.joined(separator: " "))
                }
            }
        }
        return lines.joined(separator: "\n")
    }

    @Test func `the decision grid`() {
        #expect(
            Self.grid() == """
                enforcement    roles          bound      proved  outcome
                administrators -              -          -       allow
                administrators -              keys       -       allow
                administrators -              totp       -       allow
                administrators -              totp       totp    allow
                administrators administrator  -          -       bind
                administrators administrator  keys       -       bind
                administrators administrator  totp       -       verify
                administrators administrator  totp       totp    allow
                everyone       -              -          -       bind
                everyone       -              keys       -       bind
                everyone       -              totp       -       verify
                everyone       -              totp       totp    allow
                everyone       administrator  -          -       bind
                everyone       administrator  keys       -       bind
                everyone       administrator  totp       -       verify
                everyone       administrator  totp       totp    allow
                """)
    }

    @Test func `only the chosen verifiers are offered`() {
        let verdict = Self.decide(
            .everyone, [Self.totp, Self.keys], roles: [], bound: [Self.keys], proved: [])
        #expect(verdict.outcome == .verify)
        #expect(verdict.verifiers == [Self.keys])
    }

    @Test func `of two versions the stricter decides, whichever came first`() {
        let loose = Self.decide(.administrators, [Self.totp], roles: [], bound: [], proved: [])
        let strict = Self.decide(.everyone, [Self.totp], roles: [], bound: [], proved: [])
        #expect(Verdict.strictest(loose, strict).outcome == .bind)
        #expect(Verdict.strictest(strict, loose).outcome == .bind)
        #expect(Verdict.strictest(loose, loose).outcome == .allow)
    }

    @Test func `where both versions ask alike, only what both accept is offered`() {
        let first = Self.decide(
            .everyone, [Self.totp, Self.keys], roles: [], bound: [], proved: [])
        let second = Self.decide(.everyone, [Self.keys], roles: [], bound: [], proved: [])
        #expect(Verdict.strictest(first, second).verifiers == [Self.keys])
    }
}

extension String {
    fileprivate func padded(_ width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
