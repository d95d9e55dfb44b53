/// Swift source with strings and comments told apart from code, so that rules neither trip over
/// words in prose nor count braces in texts. It is a scanner, not a parser: bare regex literals
/// are not understood, and the house does not use them.
struct SwiftText {
    /// The source with every comment and every string's content blanked, of the same length.
    let code: String
    /// The source with everything but comments blanked, of the same length.
    let comments: String

    init(_ text: String) {
        var scan = Scan(bytes: Array(text.utf8))
        scan.run()
        code = String(decoding: scan.code, as: UTF8.self)
        comments = String(decoding: scan.comments, as: UTF8.self)
    }

    var codeLines: [Substring] { code.split(separator: "\n", omittingEmptySubsequences: false) }
    var commentLines: [Substring] {
        comments.split(separator: "\n", omittingEmptySubsequences: false)
    }
}

private struct Scan {
    let bytes: [UInt8]
    var code: [UInt8]
    var comments: [UInt8]
    var at = 0

    private static let blank = UInt8(ascii: " ")
    private static let newline = UInt8(ascii: "\n")
    private static let quote = UInt8(ascii: "\"")
    private static let slash = UInt8(ascii: "/")
    private static let star = UInt8(ascii: "*")
    private static let hash = UInt8(ascii: "#")
    private static let backslash = UInt8(ascii: "\\")
    private static let tick = UInt8(ascii: "`")

    init(bytes: [UInt8]) {
        self.bytes = bytes
        code = bytes.map { $0 == Self.newline ? $0 : Self.blank }
        comments = code
    }

    mutating func run() {
        while at < bytes.count { step() }
    }

    private func peek(_ offset: Int = 0) -> UInt8 {
        at + offset < bytes.count ? bytes[at + offset] : 0
    }

    /// One token of interest, or one byte of code.
    private mutating func step() {
        if peek() == Self.slash, peek(1) == Self.slash {
            lineComment()
        } else if peek() == Self.slash, peek(1) == Self.star {
            blockComment()
        } else if let hashes = stringOpens() {
            string(hashes: hashes)
        } else if peek() == Self.tick {
            rawIdentifier()
        } else {
            code[at] = bytes[at]
            at += 1
        }
    }

    private mutating func comment(_ count: Int) {
        for _ in 0..<count where at < bytes.count {
            comments[at] = bytes[at]
            at += 1
        }
    }

    private mutating func lineComment() {
        while at < bytes.count, peek() != Self.newline { comment(1) }
    }

    private mutating func blockComment() {
        var depth = 0
        repeat {
            if peek() == Self.slash, peek(1) == Self.star {
                depth += 1
                comment(2)
            } else if peek() == Self.star, peek(1) == Self.slash {
                depth -= 1
                comment(2)
            } else {
                comment(1)
            }
        } while depth > 0 && at < bytes.count
    }

    /// A name in backticks is one word of code, whatever it holds.
    private mutating func rawIdentifier() {
        code[at] = UInt8(ascii: "_")
        at += 1
        while at < bytes.count, peek() != Self.tick, peek() != Self.newline {
            code[at] = UInt8(ascii: "_")
            at += 1
        }
        if at < bytes.count, peek() == Self.tick {
            code[at] = UInt8(ascii: "_")
            at += 1
        }
    }

    /// How many hashes stand before a quote here; nil when no string begins.
    private func stringOpens() -> Int? {
        var hashes = 0
        while peek(hashes) == Self.hash { hashes += 1 }
        return peek(hashes) == Self.quote ? hashes : nil
    }

    private mutating func string(hashes: Int) {
        at += hashes
        let isLong = peek(1) == Self.quote && peek(2) == Self.quote
        let quotes = isLong ? 3 : 1
        code[at] = Self.quote
        at += quotes
        while at < bytes.count {
            if closes(quotes: quotes, hashes: hashes) {
                code[at] = Self.quote
                at += quotes + hashes
                return
            }
            if !isLong, peek() == Self.newline { return }
            if peek() == Self.backslash, hashesFollow(1, hashes) {
                at += 1 + hashes
                if peek() == UInt8(ascii: "(") { interpolation() } else { at += 1 }
            } else {
                at += 1
            }
        }
    }

    private func hashesFollow(_ offset: Int, _ count: Int) -> Bool {
        (0..<count).allSatisfy { peek(offset + $0) == Self.hash }
    }

    private func closes(quotes: Int, hashes: Int) -> Bool {
        (0..<quotes).allSatisfy { peek($0) == Self.quote } && hashesFollow(quotes, hashes)
    }

    /// Interpolated code counts as code: it may hold a banned word and strings of its own.
    private mutating func interpolation() {
        var depth = 0
        repeat {
            if peek() == UInt8(ascii: "(") { depth += 1 }
            if peek() == UInt8(ascii: ")") { depth -= 1 }
            step()
        } while depth > 0 && at < bytes.count
    }
}
