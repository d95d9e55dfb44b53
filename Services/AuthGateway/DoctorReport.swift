import Daemon

/// What all checks came to.
struct DoctorReport: Sendable {
    private let lines: [(check: DoctorCheck, outcome: DoctorCheck.Outcome)]

    init(_ facts: DoctorFacts, _ checks: [DoctorCheck] = DoctorCheck.all) {
        lines = checks.map { ($0, $0.judge(facts)) }
    }

    /// Something failed; or else something could not be tried; or else all is well.
    var exitCode: ExitCode {
        var code = ExitCode.success
        for line in lines {
            switch line.outcome {
            case .failed: return .failure
            case .untried: code = .untried
            case .passed: break
            }
        }
        return code
    }

    /// A line for each check.
    var table: String {
        let width = lines.map(\.check.name.count).max() ?? 0
        return lines.map { check, outcome in
            let name = check.name + String(repeating: " ", count: width - check.name.count)
            switch outcome {
            case .passed: return "\(name)  passed\n"
            case .failed(let what): return "\(name)  FAILED     \(what). \(check.remedy)\n"
            case .untried(let why): return "\(name)  not tried  \(why)\n"
            }
        }.joined()
    }
}
