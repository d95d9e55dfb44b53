import Fixtures
import Foundation
import Testing

/// One file of the repository as the rules see it.
struct SourceFile {
    /// Relative to the root, for example `Shared/Wire/Message.swift`.
    let path: String
    let text: String

    var name: String { String(path.split(separator: "/").last ?? "") }
    var stem: String { String(name.split(separator: ".").first ?? "") }
    var isSwift: Bool { path.hasSuffix(".swift") }
    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

    /// `Shared`, `Wire` for `Shared/Wire/Message.swift`; nil for files of the top level.
    var target: (group: Substring, name: Substring)? {
        let parts = path.split(separator: "/")
        return parts.count >= 3 ? (parts[0], parts[1]) : nil
    }
}

/// Every file that belongs to the repository: what git tracks or would track, or, in a copy
/// without git, what is not hidden.
enum SourceTree {
    static let paths: [String] = {
        do {
            let git = try ChildProcess.run(
                "git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"],
                workingFolder: RepositoryRoot.path)
            let listed = git.output.split(separator: "\0").map(String.init)
            let found = git.status == 0 ? listed : try walk()
            return found.filter { FileManager.default.fileExists(atPath: RepositoryRoot.path($0)) }
                .sorted()
        } catch {
            preconditionFailure("the tree cannot be read: \(error)")
        }
    }()

    static let files: [SourceFile] = paths.compactMap { path in
        guard let data = FileManager.default.contents(atPath: RepositoryRoot.path(path)),
            let text = String(validating: data, as: UTF8.self)
        else { return nil }
        return SourceFile(path: path, text: text)
    }

    static var swift: [SourceFile] { files.filter(\.isSwift) }

    private static func walk() throws -> [String] {
        let all = try FileManager.default.subpathsOfDirectory(atPath: RepositoryRoot.path)
        return all.filter { path in
            let outside = path.split(separator: "/").contains {
                $0.hasPrefix(".build") || $0 == ".git" || $0 == ".data" || $0 == "__pycache__"
            }
            var folder: ObjCBool = false
            let exists = FileManager.default.fileExists(
                atPath: RepositoryRoot.path(path), isDirectory: &folder)
            return !outside && exists && !folder.boolValue
        }
    }
}

/// Fails with every offender named, so that one run shows all there is to mend.
func expectNone(_ offenders: [String], sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(
        offenders.isEmpty, "\(offenders.joined(separator: "\n"))", sourceLocation: sourceLocation)
}
