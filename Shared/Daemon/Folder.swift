import Glibc

/// What stands in a folder, read once at the start.
package enum Folder {
    package struct Unreadable: Error, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// Files of one folder and the folders in it, and bytes of one file.
    package static let filesMax = 1000
    package static let fileSizeMax = 4 * 1024 * 1024

    /// Every regular file in the folder and in those inside, by its path from there, in order.
    /// Links are not followed, and what begins with a dot is passed over.
    package static func files(
        in folder: String
    ) throws(Unreadable) -> [(path: String, bytes: [UInt8])] {
        var files: [(path: String, bytes: [UInt8])] = []
        var waiting = [""]
        while let inner = waiting.popLast() {
            for name in try names(in: folder + "/" + inner) {
                let path = inner + name
                switch try kind(of: folder + "/" + path) {
                case S_IFDIR: waiting.append(path + "/")
                case S_IFREG:
                    files.append((path, try contents(of: folder + "/" + path)))
                case _: break
                }
            }
            guard files.count + waiting.count <= filesMax else {
                throw Unreadable(description: "\(folder) holds more than \(filesMax) files")
            }
        }
        return files.sorted { $0.path < $1.path }
    }

    private static func names(in folder: String) throws(Unreadable) -> [String] {
        guard let stream = opendir(folder) else {
            throw Unreadable(description: "there is no folder \(folder)")
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    private static func kind(of path: String) throws(Unreadable) -> mode_t {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            throw Unreadable(description: "\(path) cannot be looked at")
        }
        return status.st_mode & S_IFMT
    }

    private static func contents(of path: String) throws(Unreadable) -> [UInt8] {
        guard let bytes = FileContents.read(path, max: fileSizeMax) else {
            throw Unreadable(
                description: "\(path) cannot be read, or has more than \(fileSizeMax) bytes")
        }
        return bytes
    }
}
