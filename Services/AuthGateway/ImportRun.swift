import Audit
import Contracts
import Crypto
import Daemon
import OTP
import Postgres
import RPC
import Reactor
import Wire

/// Brings the users of a file in, a few batches at a time. What a user has is stored before he
/// is: wherever it breaks off, nobody is there who lacks his second factor, and begun again it
/// finds who is there, passes them over and goes on. Memory is bounded but for eight bytes for
/// each name, address and number, by which rows are known that repeat an earlier one.
struct ImportRun: Sendable {
    let gateway: Gateway
    let options: ImportOptions
    let loop: EventLoop
    private let trace = Trace.random()

    init(_ gateway: Gateway, _ options: ImportOptions, on loop: EventLoop) {
        self.gateway = gateway
        self.options = options
        self.loop = loop
    }

    /// Rows of one statement and of one call.
    static let batchRowsMax = 256
    /// Octets of their lines, so that the call fits a frame.
    static let batchBytesMax = 96 << 10
    private static let inFlightMax = 4
    /// Batches begun and not yet told of: reports come in the order of the file.
    private static let aheadMax = 16
    /// How long a database or service that is away is waited for.
    private static let patience: Duration = .seconds(30)

    /// Throws what broke it off; it can be begun again.
    func run(_ file: LineFile, _ report: inout ImportReport) async throws {
        var reader = ImportReader(file, options)
        var begun = 0
        var told = 0
        var done: [Int: [ImportedLine]] = [:]
        try await withThrowingTaskGroup(of: (Int, [ImportedLine]).self) { group in
            while true {
                let batch = try reader.next()
                while group.isEmpty == false,
                    batch == nil || begun - told - done.count >= Self.inFlightMax
                        || begun - told >= Self.aheadMax
                {
                    guard let (number, lines) = try await group.next() else { break }
                    done[number] = lines
                    while let lines = done.removeValue(forKey: told) {
                        for it in lines { report.note(it.line, it.outcome) }
                        told += 1
                    }
                    report.progress(reader.part)
                }
                guard let batch else { return }
                let number = begun
                group.addTask { (number, try await settle(batch)) }
                begun += 1
            }
        }
    }

    /// In the order of the file.
    private func settle(_ batch: ImportBatch) async throws(Fault) -> [ImportedLine] {
        var lines = batch.refused
        let standings = try await standings(of: batch.rows)
        var free: [ImportRow] = []
        for (row, standing) in zip(batch.rows, standings) {
            switch standing {
            case .free: free.append(row)
            case .present: lines.append(ImportedLine(row.line, .present))
            case .taken(let field): lines.append(ImportedLine(row.line, .refused([.taken(field)])))
            }
        }
        let refusals = try await bring(free)
        for row in free {
            guard let refusal = refusals[row.id] else { continue }
            lines.append(ImportedLine(row.line, .refused([.refused(refusal)])))
        }
        free.removeAll { refusals[$0.id] != nil }
        lines += try await add(free)
        return lines.sorted { $0.line < $1.line }
    }

    private func standings(of rows: [ImportRow]) async throws(Fault) -> [ImportStanding] {
        guard !rows.isEmpty else { return [] }
        return try await patiently { () throws(Fault) in
            try await stored { () throws(PostgresFault) in
                try await gateway.accounts.standings(of: rows)
            }
        }
    }

    /// What they have goes to the verification service, or is only looked at there; what of it is
    /// refused.
    private func bring(
        _ rows: [ImportRow]
    ) async throws(Fault) -> [UserID: ImportRefusal] {
        guard !rows.isEmpty else { return [:] }
        let request = ImportAuthenticators(
            users: rows.map { $0.authenticators(options) }, checkOnly: options.isDryRun)
        let results = try await patiently { () throws(Fault) in
            try await gateway.verification.importAuthenticators(request, call()).results
        }
        guard results.map(\.user) == rows.map(\.id) else {
            throw Fault(.internal, detail: "other users were answered for")
        }
        return results.reduce(into: [:]) { $0[$1.user] = $1.refusal }
    }

    private func add(_ rows: [ImportRow]) async throws(Fault) -> [ImportedLine] {
        guard !rows.isEmpty else { return [] }
        let added: Set<UserID>
        if options.isDryRun {
            added = Set(rows.map(\.id))
        } else {
            let call = call()
            added = try await patiently { () throws(Fault) in
                try await stored { () throws(PostgresFault) in
                    try await gateway.accounts.add(
                        rows, defaultLocale: gateway.defaultLocale, audit: call.importAudit)
                }
            }
        }
        // Who is missing was added by a try whose answer was lost, or somebody took his name.
        let missing = rows.filter { !added.contains($0.id) }
        let standings = try await standings(of: missing)
        var lines = rows.filter { added.contains($0.id) }.map(\.imported)
        for (row, standing) in zip(missing, standings) {
            switch standing {
            case .present: lines.append(row.imported)
            case .taken(let field): lines.append(ImportedLine(row.line, .refused([.taken(field)])))
            case .free: throw Fault(.internal, detail: "a row that is free was not added")
            }
        }
        return lines
    }

    private func call() -> Call {
        Call(caller: .service(identity: "import-users"), trace: trace.child())
    }

    /// Every step does the same when it is done again, so that one whose outcome is not known is.
    func patiently<Value: Sendable>(
        _ step: () async throws(Fault) -> Value
    ) async throws(Fault) -> Value {
        let end = ContinuousClock.now + Self.patience
        while true {
            do throws(Fault) {
                return try await step()
            } catch  where error.isPassing && ContinuousClock.now < end {
                await loop.sleep(for: .milliseconds(200))
            }
        }
    }
}

/// What became of one line.
struct ImportedLine: Sendable {
    let line: Int
    let outcome: ImportOutcome

    init(_ line: Int, _ outcome: ImportOutcome) {
        self.line = line
        self.outcome = outcome
    }
}

extension ImportRow {
    fileprivate var imported: ImportedLine {
        let isMissing =
            switch user.password {
            case .none, .unusable: true
            case .record: false
            }
        return ImportedLine(line, .imported(isPasswordMissing: isMissing))
    }

    fileprivate func authenticators(_ options: ImportOptions) -> ImportedAuthenticators {
        let password =
            switch user.password {
            case .none, .unusable: ""
            case .record(let record): String(decoding: record.text.revealed(), as: UTF8.self)
            }
        let codes = user.factors.map { factor in
            OTPAuthURI(
                issuer: nil, account: "imported", seed: factor.seed, factor.parameters,
                nextCounter: factor.nextCounter
            ).text
        }
        let phone = options.phoneVerifier == nil ? nil : user.phone
        return ImportedAuthenticators(
            user: id, password: password, totp: codes, phone: phone?.text ?? "",
            phoneVerifier: phone == nil ? nil : options.phoneVerifier,
            totpVerifier: codes.isEmpty ? nil : options.totpVerifier)
    }
}

extension Call {
    /// An audit row for each user that is added.
    fileprivate var importAudit: AuditEntry {
        AuditEntry(
            .userImported, requestID: Bytes(requestID.bytes), trace: trace.audited,
            source: caller.description)
    }
}

extension Fault {
    /// Gone when whoever was away is back.
    fileprivate var isPassing: Bool {
        reason == .unavailable || reason == .overloaded || reason == .deadlineExceeded
    }
}
