import Glibc

/// Where settings come from: the environment first, then the file that it names. The one place that
/// touches the environment.
package struct SettingsSource: Sendable {
    package static let prefix = "DUBBELSLOT_"
    /// Names the settings file.
    package static let fileName = prefix + "SETTINGS_FILE"
    /// Octets of a settings file or of a file that holds a secret.
    package static let fileSizeMax = 64 * 1024

    struct Entry: Sendable, Equatable {
        let value: String
        let origin: SettingOrigin
    }

    /// By full name.
    private(set) var entries: [String: Entry] = [:]
    /// One sentence each.
    private(set) var problems: [String] = []

    /// The process's own. Once core dumps are forbidden only root may read it so, therefore it is
    /// read before, and kept for whoever reads settings again.
    static func processEnvironment() -> [String: String] {
        var environment: [String: String] = [:]
        // Read from the kernel: `environ` is a variable that any thread may change.
        for pair in FileContents.read("/proc/self/environ", max: 4 * 1024 * 1024)?.split(
            separator: 0) ?? []
        {
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = String(decoding: pair[..<equals], as: UTF8.self)
            environment[name] = String(decoding: pair[(equals + 1)...], as: UTF8.self)
        }
        return environment
    }

    /// Reads the file that `environment` names, if it names one.
    package init(environment: [String: String]) {
        if let path = environment[Self.fileName] {
            readFile(path)
            entries[Self.fileName] = Entry(value: path, origin: .environment)
        }
        for (name, value) in environment where name.hasPrefix(Self.prefix) {
            entries[name] = Entry(value: value, origin: .environment)
        }
    }

    private mutating func readFile(_ path: String) {
        guard let bytes = FileContents.read(path, max: Self.fileSizeMax) else {
            problems.append("\(Self.fileName): the file \(path) cannot be read, or is too large.")
            return
        }
        // Cut as octets: to a String, CR and LF together are one character that is neither.
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let place = "\(path), line \(index + 1)"
            if let text = String(validating: line, as: UTF8.self) {
                readLine(text[...], place, path)
            } else {
                problems.append("\(place): is not UTF-8.")
            }
        }
    }

    /// `NAME=value`, a comment or nothing. The value is everything behind the sign but blanks at
    /// its ends; there is no quoting.
    private mutating func readLine(_ line: Substring, _ place: String, _ path: String) {
        let line = line.trimmed()
        guard !line.isEmpty, !line.hasPrefix("#") else { return }
        guard let equals = line.firstIndex(of: "=") else {
            problems.append("\(place): is not NAME=value.")
            return
        }
        let name = String(line[..<equals].trimmed())
        guard name.hasPrefix(Self.prefix), name != Self.fileName else {
            problems.append("\(place): \(name) is not a name that a settings file may give.")
            return
        }
        guard entries[name] == nil else {
            problems.append("\(place): \(name) is given twice.")
            return
        }
        let value = String(line[line.index(after: equals)...].trimmed())
        entries[name] = Entry(value: value, origin: .file(path))
    }
}

/// Where a setting's value was found.
package enum SettingOrigin: Sendable, Equatable {
    case environment
    case file(String)
    /// The file that `…_FILE` names.
    case secretFile(String)
    case standard
    case absent

    var text: String {
        switch self {
        case .environment: "environment"
        case .file(let path), .secretFile(let path): path
        case .standard: "default"
        case .absent: "not set"
        }
    }
}

enum FileContents {
    /// The whole of a file of at most `max` octets; nil when it cannot be read or is larger.
    static func read(_ path: String, max: Int) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0, bytes.count + count <= max else { return nil }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }
}

extension Substring {
    /// Without blanks, tabs and carriage returns at both ends.
    func trimmed() -> Substring {
        func isBlank(_ character: Character) -> Bool {
            character == " " || character == "\t" || character == "\r"
        }
        guard let first = firstIndex(where: { !isBlank($0) }),
            let last = lastIndex(where: { !isBlank($0) })
        else { return self[endIndex...] }
        return self[first...last]
    }
}
