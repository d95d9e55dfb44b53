import Foundation

/// Lines of `auth-gateway import-users` as another system would export them.
package enum ImportLines {
    /// A stored password in the form of the system that is replaced, and what it stands for: nil
    /// where nobody knows.
    package static let vectors: [(password: String?, record: String)] = [
        ("admin123", "0123456789abcdefef463267ba5d15cd06568ce3c0261025c05e1edc7aa7fdae"),
        ("123456", "deadbeefcafebabe5197f688af93f4e9c17a039f881375557333575ea8db7764"),
        ("pässwörd €🔑", "00ff00ff00ff00ffd4584847d6ae3bba0624ff12b03fe04db3e0c572867fbbc8"),
        (nil, "0123456789abcdef84f10db7834062c7c77a8dfe6988b8014269b095d0689d3b"),
    ]

    /// Cheaper to check than any hash of our own, and of little memory. Nobody knows what fits.
    package static let cheapRecord =
        "$pbkdf2-sha256$i=100000$AAECAwQFBgcICQoLDA0ODw"
        + "$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

    /// As cheap, and stands for "admin123".
    package static let cheapKnownRecord =
        "$pbkdf2-sha256$i=100000$AAECAwQFBgcICQoLDA0ODw"
        + "$8Rz+upiGaWHKSQOyVpb7eoXv6kfAt7NVJaqgaCrHCX8"

    /// A user with an address, a password that nobody knows and, every fourth, a seed.
    package static func row(_ number: Int, _ prefix: String) -> String {
        var generator = Numbers(state: UInt64(number) &* 0x9e37_79b9_7f4a_7c15 &+ 1)
        let record = (0..<4).map { _ in hexadecimal(generator.next()) }.joined()
        let otp =
            number % 4 == 0
            ? #", "otp": [{"seed": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}]"# : ""
        return
            #"{"userName": "\#(prefix)-\#(number)", "email": "\#(prefix)-\#(number)@example.org","#
            + #" "passwordRecord": "\#(record)"\#(otp)}"#
    }

    /// Writes so many of them.
    package static func write(_ count: Int, _ prefix: String, to path: String) throws {
        var text = ""
        for number in 1...count { text += row(number, prefix) + "\n" }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    private static func hexadecimal(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// SplitMix64: the same rows in every run.
    private struct Numbers {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }
}

extension Installation {
    /// Brings lines in and waits for the end of it; what was told.
    @discardableResult
    package func importUsers(
        lines: [String], _ words: String..., status: Int32 = 0
    ) throws -> String {
        let folder = TemporaryFolder("import")
        let file = try folder.write("users", lines.joined(separator: "\n"))
        let command = try importUsers([file] + words)
        guard command.waitForExit(seconds: 120) == status else {
            throw Failed(description: "import-users: \(command.output)")
        }
        return command.output
    }

    /// Runs a command of the gateway with its settings; what it printed.
    package func command(_ words: String...) throws -> String {
        let command = try ChildProcess(
            RepositoryRoot.binaries + "/" + Name.gateway.rawValue, words,
            environment: try environment(of: .gateway))
        guard command.waitForExit(seconds: 60) == 0 else {
            throw Failed(description: "\(words): \(command.output)")
        }
        return command.output
    }

    /// Starts `import-users` with the gateway's settings.
    package func importUsers(_ words: [String]) throws -> ChildProcess {
        try ChildProcess(
            RepositoryRoot.binaries + "/" + Name.gateway.rawValue, ["import-users"] + words,
            environment: try environment(of: .gateway))
    }
}
