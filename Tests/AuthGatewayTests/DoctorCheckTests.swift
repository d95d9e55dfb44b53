import Crypto
import Daemon
import Hosting
import OTP
import RPC
import Testing
import Wire

@testable import AuthGateway

extension DoctorFacts {
    /// Of a system in order.
    fileprivate static let sound = DoctorFacts(
        canary: .known(.sound),
        sealing: .known(SealingFacts(showsSeed: false, unsealedRows: 0)),
        excessiveRights: .known([]),
        doors: .known([.door(.verification, .refused)]),
        clockSkew: .known(.milliseconds(3)),
        durability: .known([
            DurabilityFact(name: "fsync", role: nil, value: "on"),
            DurabilityFact(name: "synchronous_commit", role: nil, value: "remote_apply"),
        ]),
        certificates: .known([
            CertificateFact(file: "/x/auth-gateway.pem", left: .seconds(300 * 86_400))
        ]), openSecrets: .known([]))

    fileprivate func with(
        canary: Gathered<CanaryFacts>? = nil, sealing: Gathered<SealingFacts>? = nil,
        excessiveRights: Gathered<[String]>? = nil, doors: Gathered<[DoorFact]>? = nil,
        clockSkew: Gathered<Duration>? = nil, durability: Gathered<[DurabilityFact]>? = nil,
        certificates: Gathered<[CertificateFact]>? = nil, openSecrets: Gathered<[String]>? = nil
    ) -> DoctorFacts {
        DoctorFacts(
            canary: canary ?? self.canary, sealing: sealing ?? self.sealing,
            excessiveRights: excessiveRights ?? self.excessiveRights, doors: doors ?? self.doors,
            clockSkew: clockSkew ?? self.clockSkew, durability: durability ?? self.durability,
            certificates: certificates ?? self.certificates,
            openSecrets: openSecrets ?? self.openSecrets)
    }
}

extension DoorFact {
    fileprivate static func door(_ role: ServiceRole, _ finding: DoorProbe.Finding) -> DoorFact {
        DoorFact(role: role, place: "127.0.0.1:9000", finding: finding, life: .seconds(1e7))
    }
}

extension CanaryFacts {
    private static let others = [CodeAnswer](repeating: .refused(.codeUsed), count: 49)
    private static let judged = [CodeAnswer](repeating: .refused(.codeWrong), count: 5)
    private static let delayed = [CodeAnswer](repeating: .refused(.attemptsDelayed), count: 45)

    fileprivate static let sound = canary()

    fileprivate static func canary(
        sameCode: [CodeAnswer] = [.accepted] + others,
        sameCodeAgain: CodeAnswer = .refused(.codeUsed),
        wrongCodes: [CodeAnswer] = judged + delayed,
        wrongCodeAfter: CodeAnswer = .refused(.attemptsDelayed), isErased: Bool = true
    ) -> CanaryFacts {
        CanaryFacts(
            sameCode: sameCode, sameCodeAgain: sameCodeAgain, wrongCodes: wrongCodes,
            wrongCodeAfter: wrongCodeAfter, isErased: isErased)
    }
}

/// Each fault of a system shows in the line that is meant for it, and in no other.
@Suite struct DoctorCheckTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let facts: DoctorFacts
        let line: String

        init(_ what: String, _ facts: DoctorFacts, _ check: DoctorCheck) {
            testDescription = what
            self.facts = facts
            line = check.name
        }
    }

    private static func canary(_ facts: CanaryFacts) -> DoctorFacts {
        .sound.with(canary: .known(facts))
    }

    private static let wrongCodes = [CodeAnswer](repeating: .refused(.codeWrong), count: 50)

    static let faults = [
        Fault(
            "a code works twice",
            canary(
                .canary(
                    sameCode: [.accepted, .accepted]
                        + [CodeAnswer](repeating: .refused(.codeUsed), count: 48))), .usedCode),
        Fault("a code works later", canary(.canary(sameCodeAgain: .accepted)), .usedCode),
        Fault(
            "no code works",
            canary(.canary(sameCode: [CodeAnswer](repeating: .refused(.overloaded), count: 50))),
            .usedCode),
        Fault("nothing is counted", canary(.canary(wrongCodes: wrongCodes)), .limits),
        Fault(
            "nothing rests", canary(.canary(wrongCodeAfter: .refused(.codeWrong))), .limits),
        Fault("a wrong code works", canary(.canary(wrongCodeAfter: .accepted)), .limits),
        Fault("the trial account stays", canary(.canary(isErased: false)), .canaryErased),
        Fault(
            "a seed is readable",
            .sound.with(sealing: .known(SealingFacts(showsSeed: true, unsealedRows: 0))), .seeds),
        Fault(
            "a row is not sealed",
            .sound.with(sealing: .known(SealingFacts(showsSeed: false, unsealedRows: 1))), .seeds),
        Fault(
            "a role sees too much",
            .sound.with(excessiveRights: .known(["dubbelslot_auth may use verification"])),
            .roles),
        Fault(
            "a stranger is let in",
            .sound.with(doors: .known([.door(.policy, .letIn)])), .strangers),
        Fault("the clock is behind", .sound.with(clockSkew: .known(.seconds(-6))), .clocks),
        Fault("the clock is ahead", .sound.with(clockSkew: .known(.seconds(6))), .clocks),
        Fault(
            "commits do not wait",
            .sound.with(
                durability: .known([
                    DurabilityFact(name: "synchronous_commit", role: nil, value: "off")
                ])),
            .durability),
        Fault(
            "nothing is synced",
            .sound.with(
                durability: .known([DurabilityFact(name: "fsync", role: "someone", value: "off")])),
            .durability),
        Fault(
            "a certificate ends",
            .sound.with(
                certificates: .known([CertificateFact(file: "/x/a.pem", left: .seconds(86_400))])),
            .certificates),
        Fault(
            "a certificate has ended",
            .sound.with(
                certificates: .known([CertificateFact(file: "/x/a.pem", left: .seconds(-1))])),
            .certificates),
        Fault(
            "a key is open to others", .sound.with(openSecrets: .known(["/x/a.key"])), .secrets),
    ]

    @Test(arguments: faults)
    func `a fault shows in its own line, with what to do`(fault: Fault) throws {
        let report = DoctorReport(fault.facts)
        #expect(report.exitCode == .failure)
        let failed = report.table.split(separator: "\n").filter { $0.contains("FAILED") }
        let line = try #require(failed.first)
        #expect(failed.count == 1 && line.hasPrefix(fault.line), "\(report.table)")
        let check = try #require(DoctorCheck.all.first { $0.name == fault.line })
        #expect(line.hasSuffix(check.remedy))
    }

    @Test func `a sound system passes, a line for each check`() {
        let report = DoctorReport(.sound)
        #expect(report.exitCode == .success)
        let lines = report.table.split(separator: "\n")
        #expect(lines.count == DoctorCheck.all.count)
        #expect(lines.allSatisfy { $0.hasSuffix("passed") })
    }

    @Test func `what could not be looked at is neither passed nor failed`() {
        let report = DoctorReport(.sound.with(sealing: .unknown("nobody said how")))
        #expect(report.exitCode == .untried)
        #expect(report.table.contains("not tried  nobody said how"))
    }

    @Test func `a failure outweighs what could not be tried`() {
        let facts = DoctorFacts.sound.with(
            sealing: .unknown("nobody said how"), clockSkew: .known(.seconds(60)))
        #expect(DoctorReport(facts).exitCode == .failure)
    }

    @Test func `no two checks have one name`() {
        #expect(Set(DoctorCheck.all.map(\.name)).count == DoctorCheck.all.count)
    }
}

/// What the checks stand on.
@Suite struct DoctorLookTests {
    private let seed = SecretBytes(copying: Array("12345678901234567890".utf8))

    @Test(arguments: [
        "12345678901234567890", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
        "gezdgnbvgy3tqojqgezdgnbvgy3tqojq", "3132333435363738393031323334353637383930",
        "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=",
    ])
    func `a seed is seen in every form it is written in`(form: String) {
        #expect(DoctorDatabase.shows(seed, in: Array("before \(form) behind".utf8)))
    }

    @Test func `what holds no seed shows none`() {
        #expect(!DoctorDatabase.shows(seed, in: []))
        #expect(!DoctorDatabase.shows(seed, in: Array("1234567890123456789".utf8)))
    }

    @Test func `a wrong code is no code of a near time step`() {
        let wrong = DoctorCanary.wrongCode(seed, near: 1_000)
        #expect(wrong.count == 6)
        for step in UInt64(995)...1_005 {
            #expect(OneTimePassword.standard.code(seed: seed, counter: step).text != wrong)
        }
    }
}
