import Foundation

/// A folder of one test, mode 700, gone when the last reference goes.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init(_ name: String = "test") {
        path = Self.make(name)
    }

    /// A folder that somebody else removes. Traps when the machine has no room for one: no test
    /// can go on then.
    static func make(_ name: String) -> String {
        var template = Array((NSTemporaryDirectory() + "/dubbelslot-\(name)-XXXXXX").utf8CString)
        guard let made = mkdtemp(&template) else {
            preconditionFailure("no temporary folder: \(String(cString: strerror(errno)))")
        }
        return URL(fileURLWithPath: String(cString: made)).resolvingSymlinksInPath().path
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            FileHandle.standardError.write(Data("left behind: \(path): \(error)\n".utf8))
        }
    }

    package func file(_ name: String) -> String { path + "/" + name }

    /// Writes a file and returns its path.
    @discardableResult
    package func write(_ name: String, _ text: String, mode: Int = 0o600) throws -> String {
        let path = file(name)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    package func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: file(name))), as: UTF8.self)
    }
}
