/// The functions, initialisers and other bodies with a length, found by matching braces.
struct SwiftFunction {
    let name: String
    /// From 1, the line of the declaration's first word.
    let line: Int
    let lineCount: Int

    static func all(in text: SwiftText) -> [SwiftFunction] {
        var found: [SwiftFunction] = []
        let bytes = Array(text.code.utf8)
        var line = 1
        var previous: UInt8 = 0
        for index in bytes.indices {
            if bytes[index] == UInt8(ascii: "\n") { line += 1 }
            if !isWord(previous), previous != UInt8(ascii: "."),
                let name = declaration(bytes, index),
                let end = bodyEnd(bytes, after: index + name.skip)
            {
                let lines = bytes[index...end].count { $0 == UInt8(ascii: "\n") } + 1
                found.append(SwiftFunction(name: name.text, line: line, lineCount: lines))
            }
            previous = bytes[index]
        }
        return found
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte >= 0x80
            || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
            || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
    }

    /// The name of the body declared at `index`, and how many bytes its first words take.
    private static func declaration(
        _ bytes: [UInt8], _ index: Int
    ) -> (text: String, skip: Int)? {
        for word in ["func", "init", "deinit", "subscript"] {
            guard bytes[index...].starts(with: word.utf8) else { continue }
            let after = index + word.utf8.count
            guard after < bytes.count, !isWord(bytes[after]) else { continue }
            if word != "func" { return (word, word.utf8.count) }
            let name = bytes[(after + 1)...].prefix {
                $0 != UInt8(ascii: "(") && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: "\n")
            }
            return (String(decoding: name, as: UTF8.self), word.utf8.count + 1 + name.count)
        }
        return nil
    }

    /// The index of the brace that closes the body; nil for a requirement without one.
    private static func bodyEnd(_ bytes: [UInt8], after start: Int) -> Int? {
        var round = 0
        var index = start
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "("), UInt8(ascii: "["): round += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): round -= 1
            case UInt8(ascii: "{") where round == 0: return closing(bytes, from: index)
            case UInt8(ascii: "}") where round == 0: return nil
            case UInt8(ascii: "\n") where round == 0 && endsDeclaration(bytes, after: index):
                return nil
            default: break
            }
            if round < 0 { return nil }
            index += 1
        }
        return nil
    }

    /// A declaration goes on over a line break when the next line starts with one of these.
    private static func endsDeclaration(_ bytes: [UInt8], after newline: Int) -> Bool {
        let rest = bytes[(newline + 1)...].drop { $0 == UInt8(ascii: " ") }
        let more = ["{", "->", "async", "throws", "rethrows", "where", ")", "&", ","]
        return !more.contains { rest.starts(with: $0.utf8) }
    }

    private static func closing(_ bytes: [UInt8], from open: Int) -> Int? {
        var depth = 0
        for index in open..<bytes.count {
            if bytes[index] == UInt8(ascii: "{") { depth += 1 }
            if bytes[index] == UInt8(ascii: "}") {
                depth -= 1
                if depth == 0 { return index }
            }
        }
        return nil
    }
}
