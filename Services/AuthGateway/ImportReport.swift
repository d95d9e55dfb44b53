import Contracts
import Daemon
import Reactor

/// Why a row was not imported.
enum RowRefusal: Sendable, Equatable {
    case unread(UserImportRefusal)
    /// A line before it has it too.
    case repeated(ImportedField)
    /// A user who was there before has it.
    case taken(ImportedField)
    /// There are seeds, and it was not said under which verifier they go.
    case noVerifier
    /// By the service that would have kept it.
    case refused(ImportRefusal)
}

extension RowRefusal: CustomStringConvertible {
    /// The field and a sentence. No value stands in it: the values are people's data.
    var description: String {
        switch self {
        case .unread(.tooLong): "a line has at most \(ImportedUser.lineMax) bytes."
        case .unread(.noObject): "this is no JSON object."
        case .unread(.unknownField): "there is a field that is not known."
        case .unread(.field(let field)): "\(field.rawValue): this is not what may stand here."
        case .repeated(let field): "\(field.rawValue): a line before this has the same."
        case .taken(let field): "\(field.rawValue): another user has it."
        case .noVerifier: "otp: this wants --totp-verifier."
        case .refused(.password): "passwordRecord: this form is not known."
        case .refused(.passwordCost):
            "passwordRecord: checking it takes more memory or time than is allowed here."
        case .refused(.totp): "otp: this is not what may stand here."
        case .refused(.phone): "phone: no message can be sent to this number."
        }
    }
}

/// What became of a row.
enum ImportOutcome: Sendable, Equatable {
    /// - Parameter isPasswordMissing: A password has to be set for him.
    case imported(isPasswordMissing: Bool)
    case present
    case refused([RowRefusal])
}

/// What is told of an import: refused rows on standard output, a line each as they are met, then
/// the totals; how far it is on standard error, as a bar for whoever watches and else as a line of
/// the log now and then.
struct ImportReport {
    private(set) var imported = 0
    private(set) var present = 0
    private(set) var refused = 0
    private(set) var withoutPassword = 0
    private let isDryRun: Bool
    private let log: Log
    private let tell: (String) -> Void
    private let terminal: DescriptorOutput?
    private var toldAt = ContinuousClock.now

    private static let barWidth = 40
    private static let barPause: Duration = .milliseconds(100)
    private static let linePause: Duration = .seconds(5)

    /// - Parameter tell: Takes a line of the report.
    init(isDryRun: Bool, log: Log, tell: @escaping (String) -> Void = { print($0) }) {
        self.isDryRun = isDryRun
        self.log = log
        self.tell = tell
        let output = DescriptorOutput.standardError
        terminal = output.isTerminal ? output : nil
    }

    var rows: Int { imported + present + refused }

    mutating func note(_ line: Int, _ outcome: ImportOutcome) {
        switch outcome {
        case .imported(let isPasswordMissing):
            imported += 1
            if isPasswordMissing { withoutPassword += 1 }
        case .present: present += 1
        case .refused(let why):
            refused += 1
            clearBar()
            for refusal in why { tell("line \(line): \(refusal)") }
        }
    }

    /// - Parameter part: Of the whole file, from 0 to 1.
    mutating func progress(_ part: Double) {
        let now = ContinuousClock.now
        guard now - toldAt >= (terminal == nil ? Self.linePause : Self.barPause) else { return }
        toldAt = now
        let percent = Int(part * 100)
        guard let terminal else {
            log.info("import_progress", ["percent": .integer(percent), "rows": .integer(rows)])
            return
        }
        let full = Int(part * Double(Self.barWidth))
        let bar =
            String(repeating: "#", count: full)
            + String(repeating: "·", count: Self.barWidth - full)
        terminal.write(Array("\r[\(bar)] \(percent) % \(rows) rows".utf8))
    }

    private func clearBar() { terminal?.write(Array("\r\u{1b}[K".utf8)) }

    /// The totals.
    func conclude() {
        clearBar()
        let verb = isDryRun ? "would be imported" : "imported"
        tell(
            """
            \(rows) rows: \(imported) \(verb), \(present) there already, \(refused) refused; \
            \(withoutPassword) of those \(verb) need a password to be set.
            """)
    }
}
