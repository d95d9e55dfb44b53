import Glibc
import Wire

/// One file `NNNN_name.sql` of a service's `Migrations` folder.
package struct Migration: Sendable, Equatable {
    package let number: Int
    package let name: String
    let text: Bytes

    /// `0007_sessions`, as the file is called without its ending.
    package var title: String { Self.title(number, name) }

    static func title(_ number: Int, _ name: String) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + "\(digits)_\(name)"
    }
}

/// Why a schema cannot be migrated or used.
package enum MigrationFault: Error, Sendable, Equatable {
    /// The folder cannot be read, or holds a file that is no migration.
    case folder(String)
    /// An applied file has another text or name now. Applied files are never edited.
    case changed(String)
    /// The database has migrations that this program does not know: the program is too old.
    case newer(String)
    /// The database lacks migrations: `migrate` has to run first.
    case pending([String])
    /// A file that is not applied stands before one that is.
    case outOfOrder(String)
    /// A file failed, and nothing of it has taken effect.
    case failed(String, PostgresFault)
    /// A file ended its transaction itself, so it may have taken effect in part.
    case endsTransaction(String)
    case database(PostgresFault)
}

extension MigrationFault: CustomStringConvertible {
    /// For the operator's log.
    package var description: String {
        switch self {
        case .folder(let why): "the migrations cannot be read: \(why)"
        case .changed(let title): "the applied migration \(title) has been changed"
        case .newer(let title): "the database has migration \(title), which is unknown here"
        case .pending(let titles): "the database lacks \(titles.joined(separator: ", "))"
        case .outOfOrder(let title): "the migration \(title) stands before applied ones"
        case .failed(let title, let fault): "the migration \(title) failed: \(fault.detail)"
        case .endsTransaction(let title): "the migration \(title) ends its transaction itself"
        case .database(let fault): fault.detail
        }
    }
}

extension Migration {
    /// Bytes in one file.
    static let textMax = 1 << 20

    /// The migrations of a folder in their order: numbered from 1 without a gap. Blocking; called
    /// at start only.
    package static func read(folder: String) throws(MigrationFault) -> [Migration] {
        guard let stream = opendir(folder) else { throw .folder("no folder \(folder)") }
        defer { closedir(stream) }
        var migrations: [Migration] = []
        while let entry = readdir(stream) {
            let file = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard !file.hasPrefix(".") else { continue }
            migrations.append(try Migration(file: file, text: contents("\(folder)/\(file)")))
        }
        migrations.sort { $0.number < $1.number }
        for (index, migration) in migrations.enumerated() where migration.number != index + 1 {
            throw .folder("\(migration.title) is not number \(index + 1)")
        }
        guard !migrations.isEmpty else { throw .folder("\(folder) is empty") }
        return migrations
    }

    init(file: String, text: Bytes) throws(MigrationFault) {
        let parts = file.utf8.split(separator: UInt8(ascii: "_"), maxSplits: 1)
        guard parts.count == 2, parts[0].count == 4, file.hasSuffix(".sql"),
            parts[0].allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int(String(parts[0]) ?? ""), let rest = String(parts[1])
        else { throw .folder("\(file) is not called NNNN_name.sql") }
        let name = String(rest.dropLast(4))
        guard ConnectionSettings.isPlainName(name) else {
            throw .folder("\(file) is not called NNNN_name.sql")
        }
        guard String(validating: text.array, as: UTF8.self) != nil, !text.array.contains(0) else {
            throw .folder("\(file) is not UTF-8 text")
        }
        self.number = number
        self.name = name
        self.text = text
    }

    private static func contents(_ path: String) throws(MigrationFault) -> Bytes {
        guard let file = fopen(path, "re") else { throw .folder("cannot open \(path)") }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: textMax + 1)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0 else { throw .folder("cannot read \(path)") }
        guard count <= textMax else { throw .folder("\(path) is larger than \(textMax) bytes") }
        return Bytes(bytes.prefix(count))
    }
}
