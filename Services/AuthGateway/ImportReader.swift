import Crypto
import Daemon
import Reactor
import Wire

/// Lines that are settled together.
struct ImportBatch: Sendable {
    var rows: [ImportRow] = []
    var refused: [ImportedLine] = []

    fileprivate var bytes = 0

    fileprivate var isFull: Bool {
        rows.count >= ImportRun.batchRowsMax || refused.count >= ImportRun.batchRowsMax
            || bytes >= ImportRun.batchBytesMax
    }
}

/// Reads a file into batches, and refuses what can be judged without asking anybody.
struct ImportReader {
    private let file: LineFile
    private let options: ImportOptions
    /// Beginnings of digests. Of a million rows one would be taken for another's once in ten
    /// million imports, and then be refused.
    private var seen: Set<UInt64> = []

    init(_ file: LineFile, _ options: ImportOptions) {
        self.file = file
        self.options = options
    }

    /// How much of the file has been read.
    var part: Double {
        file.size > 0 ? min(1, Double(file.position) / Double(file.size)) : 0
    }

    /// nil at the end of the file. Blank lines are passed over.
    mutating func next() throws(SystemFault) -> ImportBatch? {
        var batch = ImportBatch()
        while !batch.isFull {
            guard let line = try file.next() else {
                return batch.rows.isEmpty && batch.refused.isEmpty ? nil : batch
            }
            guard !line.bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) else {
                continue
            }
            batch.bytes += line.bytes.count
            do throws(Refusals) {
                batch.rows.append(try row(line))
            } catch {
                batch.refused.append(ImportedLine(line.number, .refused(error.all)))
            }
        }
        return batch
    }

    private struct Refusals: Error {
        let all: [RowRefusal]
    }

    private mutating func row(_ line: LineFile.Line) throws(Refusals) -> ImportRow {
        let user: ImportedUser
        do throws(UserImportRefusals) {
            // How much memory a check may take is judged by the service that makes it.
            user = try ImportedUser(
                parsing: line.bytes, memoryMax: PasswordHash.Parameters.memoryMax)
        } catch {
            throw Refusals(all: error.all.map(RowRefusal.unread))
        }
        guard user.factors.isEmpty || options.totpVerifier != nil else {
            throw Refusals(all: [.noVerifier])
        }
        let keys = [
            (ImportedField.userName, user.name.key), (.email, user.email?.key),
            (.phone, user.phone?.text),
        ].compactMap { field, key in key.map { (field, Self.mark(field, $0)) } }
        let repeated = keys.filter { seen.contains($0.1) }.map(\.0)
        guard repeated.isEmpty else { throw Refusals(all: repeated.map(RowRefusal.repeated)) }
        seen.formUnion(keys.map(\.1))
        return ImportRow(line: line.number, user)
    }

    private static func mark(_ field: ImportedField, _ key: String) -> UInt64 {
        Digest.sha256(Array("\(field.rawValue) \(key)".utf8)).prefix(8)
            .reduce(0) { $0 << 8 | UInt64($1) }
    }
}
