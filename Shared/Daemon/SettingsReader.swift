import Reactor

/// The settings of a command. They are declared once, by the initialiser: it names each setting
/// with its default, bounds and a sentence, and the reader looks the value up, checks it, and
/// remembers the declaration for the `settings` command.
///
/// ```swift
/// package init(_ reader: inout SettingsReader) {
///     listen = reader.address("HTTP_LISTEN", default: "127.0.0.1:8080", "Where HTTP is served.")
///     idle = reader.duration("SESSION_IDLE_SECONDS", default: 3600, in: 60...86400, "…")
/// }
/// ```
/// A verb always returns something, so that one start tells of every problem; the value of a
/// setting with a problem is never used, because then nothing starts.
package protocol Settings: Sendable {
    init(_ reader: inout SettingsReader)
}

/// One declared setting, with what became of it.
package struct SettingDeclaration: Sendable, Equatable {
    /// In full, for example `DUBBELSLOT_HTTP_LISTEN`.
    package let name: String
    /// For example `seconds, 60 to 86400`.
    package let kind: String
    /// Nil when the setting must be given, empty when it may be left out.
    package let standard: String?
    package let about: String
    package let origin: SettingOrigin
    /// As it would be printed; of a secret only whether it is set.
    package let value: String
    /// Secrets may be given by the name of a file too.
    package let isSecret: Bool
}

/// Walks the initialisers of settings.
package struct SettingsReader {
    private let source: SettingsSource
    package private(set) var declarations: [SettingDeclaration] = []
    /// One sentence each, without any value that could be a secret.
    package private(set) var problems: [String]

    package init(_ source: SettingsSource) {
        self.source = source
        problems = source.problems
        let file = source.entries[SettingsSource.fileName]
        declare(
            SettingDeclaration(
                name: SettingsSource.fileName, kind: "a path", standard: "",
                about: "A file of lines NAME=value; the environment goes before it.",
                origin: file?.origin ?? .absent, value: file?.value ?? "", isSecret: false))
    }

    /// The files that secrets were read from so far.
    package var secretFiles: [String] {
        declarations.compactMap { declaration in
            if case .secretFile(let path) = declaration.origin { path } else { nil }
        }
    }

    /// Octets of a text or a path.
    package static let textMax = 4096

    /// Says that settings do not go together; `sentence` names them in full.
    package mutating func require(_ condition: Bool, _ sentence: String) {
        if !condition { problems.append(sentence) }
    }

    /// Looks one setting up. `parse` gives nil for what is not a value, `placeholder` stands in for
    /// a value with a problem.
    private mutating func read<Value>(
        _ name: StaticString, _ kind: String, _ standard: String?, _ about: StaticString,
        placeholder: Value, _ parse: (String) -> Value?
    ) -> Value {
        let full = SettingsSource.prefix + name.description
        let entry = source.entries[full]
        let text = entry?.value ?? standard
        let origin: SettingOrigin =
            entry?.origin ?? (standard == nil || standard == "" ? .absent : .standard)
        declare(
            SettingDeclaration(
                name: full, kind: kind, standard: standard, about: about.description,
                origin: origin, value: text ?? "", isSecret: false))
        guard let text else {
            problems.append("\(full) must be set: \(about)")
            return placeholder
        }
        guard let value = parse(text) else {
            problems.append("\(full) is not \(kind): \(about)")
            return placeholder
        }
        return value
    }

    private mutating func declare(_ declaration: SettingDeclaration) {
        // Two commands may share a setting; both then say the same of it.
        guard !declarations.contains(where: { $0.name == declaration.name }) else { return }
        declarations.append(declaration)
    }
}

extension SettingsReader {
    /// Text of 1 to `max` octets; must be given unless there is a default.
    package mutating func text(
        _ name: StaticString, default standard: StaticString? = nil, max: Int = textMax,
        _ about: StaticString
    ) -> String {
        read(name, "text of at most \(max) octets", standard?.description, about, placeholder: "") {
            (1...max).contains($0.utf8.count) && !$0.utf8.contains(0) ? $0 : nil
        }
    }

    /// Text that may be left out.
    package mutating func optionalText(
        _ name: StaticString, max: Int = textMax, _ about: StaticString
    ) -> String? {
        read(name, "text of at most \(max) octets", "", about, placeholder: nil) { text in
            guard text.utf8.count <= max, !text.utf8.contains(0) else { return nil }
            return .some(text.isEmpty ? nil : text)
        }
    }

    /// The path of a file or folder; must be given unless there is a default.
    package mutating func path(
        _ name: StaticString, default standard: StaticString? = nil, _ about: StaticString
    ) -> String {
        read(name, "a path", standard?.description, about, placeholder: "") {
            (1...Self.textMax).contains($0.utf8.count) && !$0.utf8.contains(0) ? $0 : nil
        }
    }

    package mutating func optionalPath(_ name: StaticString, _ about: StaticString) -> String? {
        read(name, "a path", "", about, placeholder: nil) { text in
            guard text.utf8.count <= Self.textMax, !text.utf8.contains(0) else { return nil }
            return .some(text.isEmpty ? nil : text)
        }
    }

    /// Where to listen, as `SocketAddress` reads it.
    package mutating func address(
        _ name: StaticString, default standard: StaticString? = nil, _ about: StaticString
    ) -> SocketAddress {
        let kind = "an address with port, for example 127.0.0.1:8080"
        let nowhere = SocketAddress.ipv4(0, port: 0)
        return read(name, kind, standard?.description, about, placeholder: nowhere) {
            SocketAddress($0)
        }
    }

    /// Where others are reached: hosts with ports, separated by commas.
    package mutating func endpoints(
        _ name: StaticString, default standard: StaticString? = nil, countMax: Int = 16,
        _ about: StaticString
    ) -> [Endpoint] {
        let kind = "1 to \(countMax) hosts with ports, separated by commas"
        return read(name, kind, standard?.description, about, placeholder: []) { text in
            let parts = Self.parts(text)
            let endpoints = parts.compactMap(Endpoint.init)
            let isRight = endpoints.count == parts.count && (1...countMax).contains(parts.count)
            return isRight ? endpoints : nil
        }
    }

    /// Texts separated by commas; blanks around each are dropped. An empty list is allowed.
    package mutating func list(
        _ name: StaticString, default standard: StaticString = "", countMax: Int = 64,
        each: Int = 512, _ about: StaticString
    ) -> [String] {
        let kind = "at most \(countMax) texts of at most \(each) octets, separated by commas"
        return read(name, kind, standard.description, about, placeholder: []) { text in
            let parts = Self.parts(text)
            let isRight =
                parts.count <= countMax
                && parts.allSatisfy { (1...each).contains($0.utf8.count) && !$0.utf8.contains(0) }
            return isRight ? parts : nil
        }
    }

    private static func parts(_ text: String) -> [String] {
        guard !text[...].trimmed().isEmpty else { return [] }
        return text.split(separator: ",", omittingEmptySubsequences: false)
            .map { String($0.trimmed()) }
    }

    /// A whole number in decimal digits; `unit` says of what.
    package mutating func integer(
        _ name: StaticString, default standard: Int, in bounds: ClosedRange<Int>,
        unit: StaticString, _ about: StaticString
    ) -> Int {
        precondition(bounds.contains(standard), "the default of \(name) is out of its bounds")
        let kind = "\(unit), \(bounds.lowerBound) to \(bounds.upperBound)"
        return read(name, kind, String(standard), about, placeholder: standard) { text in
            Self.integer(text).flatMap { bounds.contains($0) ? $0 : nil }
        }
    }

    /// A span in whole seconds.
    package mutating func duration(
        _ name: StaticString, default seconds: Int, in bounds: ClosedRange<Int>,
        _ about: StaticString
    ) -> Duration {
        .seconds(integer(name, default: seconds, in: bounds, unit: "seconds", about))
    }

    /// `Int(_:)` would take a sign in front, which nobody means.
    private static func integer(_ text: String) -> Int? {
        let digits = text.utf8.drop { $0 == UInt8(ascii: "-") }
        guard !digits.isEmpty, text.utf8.count - digits.count <= 1,
            digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int(text)
    }

    package mutating func flag(
        _ name: StaticString, default standard: Bool, _ about: StaticString
    ) -> Bool {
        let words = [
            "true": true, "yes": true, "on": true, "false": false, "no": false, "off": false,
        ]
        return read(name, "true or false", String(standard), about, placeholder: standard) {
            words[$0.lowercased()]
        }
    }

    /// One of the words of a closed list.
    package mutating func choice<Word: RawRepresentable & CaseIterable>(
        _ name: StaticString, default standard: Word, _ about: StaticString
    ) -> Word where Word.RawValue == String {
        let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
        return read(name, "one of \(words)", standard.rawValue, about, placeholder: standard) {
            Word(rawValue: $0)
        }
    }
}

extension SettingsReader {
    /// A secret of 1 to `max` octets: the value of the setting or, better, the contents of the file
    /// that `…_FILE` names, without one line end behind them. Must be given.
    package mutating func secret(
        _ name: StaticString, max: Int = textMax, _ about: StaticString
    ) -> SecretText {
        if let secret = lookUpSecret(name, max, isRequired: true, about) { return secret }
        return SecretText([])
    }

    package mutating func optionalSecret(
        _ name: StaticString, max: Int = textMax, _ about: StaticString
    ) -> SecretText? {
        lookUpSecret(name, max, isRequired: false, about)
    }

    private mutating func lookUpSecret(
        _ name: StaticString, _ max: Int, isRequired: Bool, _ about: StaticString
    ) -> SecretText? {
        let full = SettingsSource.prefix + name.description
        let direct = source.entries[full]
        let file = source.entries[full + "_FILE"]
        let origin: SettingOrigin =
            file.map { .secretFile($0.value) } ?? direct?.origin ?? .absent
        declare(
            SettingDeclaration(
                name: full, kind: "a secret of at most \(max) octets",
                standard: isRequired ? nil : "", about: about.description, origin: origin,
                value: origin == .absent ? "" : "(secret)", isSecret: true))
        guard direct == nil || file == nil else {
            problems.append("\(full) and \(full)_FILE are both set: one of them is enough.")
            return nil
        }
        if let file { return readSecret(file.value, full, max) }
        guard let direct else {
            if isRequired { problems.append("\(full) or \(full)_FILE must be set: \(about)") }
            return nil
        }
        return check(Array(direct.value.utf8), full, max)
    }

    private mutating func readSecret(_ path: String, _ full: String, _ max: Int) -> SecretText? {
        guard var bytes = FileContents.read(path, max: SettingsSource.fileSizeMax) else {
            problems.append("\(full)_FILE: the file \(path) cannot be read, or is too large.")
            return nil
        }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return check(bytes, full, max)
    }

    private mutating func check(_ bytes: [UInt8], _ full: String, _ max: Int) -> SecretText? {
        guard (1...max).contains(bytes.count) else {
            problems.append("\(full) is empty or has more than \(max) octets.")
            return nil
        }
        return SecretText(bytes)
    }
}

extension SettingsReader {
    /// After every initialiser has been walked: names that begin as settings do and are none, a
    /// sentence each. A misspelt limit must not pass for a limit.
    package var unknownNames: [String] {
        var known: Set<String> = []
        for declaration in declarations {
            known.insert(declaration.name)
            if declaration.isSecret { known.insert(declaration.name + "_FILE") }
        }
        return source.entries.keys.filter { !known.contains($0) }.sorted().map { name in
            let near = known.filter { Self.isNear($0, name) }.min()
            let hint = near.map { "; is \($0) meant?" } ?? "."
            return "\(name) is not a setting of this service\(hint)"
        }
    }

    /// True when at most two letters differ (Levenshtein's distance).
    private static func isNear(_ left: String, _ right: String) -> Bool {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        guard abs(left.count - right.count) <= 2 else { return false }
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (place, other) in right.enumerated() {
                let replaced = diagonal + (letter == other ? 0 : 1)
                diagonal = row[place + 1]
                row[place + 1] = min(replaced, row[place] + 1, diagonal + 1)
            }
        }
        return row[right.count] <= 2
    }

    /// The declarations for the `settings` command, a paragraph each.
    package func described() -> String {
        declarations.map { declaration in
            let standard = declaration.standard.map { $0.isEmpty ? "none" : $0 } ?? "must be set"
            let name = declaration.name + (declaration.isSecret ? " (or …_FILE)" : "")
            let value = declaration.value.isEmpty ? "" : " = \(declaration.value)"
            return """
                \(name)
                    \(declaration.about)
                    kind: \(declaration.kind); default: \(standard)
                    now: \(declaration.origin.text)\(value)

                """
        }.joined(separator: "\n")
    }
}
