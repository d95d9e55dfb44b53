import Foundation
import Testing

/// Foreign test vectors, kept beside the repository and not in it. A test that needs them is
/// enabled by `.enabled(if: Vectors.folder != nil, Vectors.whyAbsent)`.
package enum Vectors {
    /// Named by TEST_VECTORS, else `../shared/vectors` seen from the root of the repository.
    package static let folder: URL? = {
        let candidate =
            ProcessInfo.processInfo.environment["TEST_VECTORS"].map {
                URL(fileURLWithPath: $0, isDirectory: true)
            } ?? root.appendingPathComponent("../shared/vectors", isDirectory: true)
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(
            atPath: candidate.standardizedFileURL.path, isDirectory: &isFolder)
        return exists && isFolder.boolValue ? candidate.standardizedFileURL : nil
    }()

    package static var whyAbsent: Comment {
        "The vectors are not here: set TEST_VECTORS to their folder."
    }

    /// The root of the repository.
    package static let root = URL(fileURLWithPath: #filePath)
        .resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The contents of the file at `path` below the folder; nil when it is not there.
    package static func data(_ path: String) -> Data? {
        folder.flatMap {
            FileManager.default.contents(atPath: $0.appendingPathComponent(path).path)
        }
    }

    /// The names of the files in the folder at `path`, sorted; none when it is not there.
    package static func names(in path: String) -> [String] {
        guard let folder else { return [] }
        let it = folder.appendingPathComponent(path).path
        guard let names = FileManager.default.enumerator(atPath: it)?.allObjects as? [String] else {
            return []
        }
        return names.sorted()
    }
}
