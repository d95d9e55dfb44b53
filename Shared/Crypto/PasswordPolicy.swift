/// Which passwords a user may choose (NIST SP 800-63B-4 §3.1.1.2): long enough, not too long, and
/// not among the first that somebody would try. No rule on composition. Pure.
///
/// The blocklist is small and made large by rules: a listed word with digits and signs around it
/// and letters replaced by look-alikes, whatever consists of sequences, keyboard walks and
/// repetitions, and words of the context with little else.
package struct PasswordPolicy: Sendable {
    package static let scalarsMax = 256
    /// With a second factor enforced, and without.
    package static let scalarsMinBesideFactor = 8
    package static let scalarsMinAlone = 15
    /// Words of the context that are looked at.
    package static let contextWordsMax = 16

    package enum Verdict: Sendable, Equatable {
        case acceptable
        case tooShort(minimum: Int)
        case tooLong(maximum: Int)
        case tooCommon(Commonness)
    }

    /// Why a password is among the first to be tried.
    package enum Commonness: Sendable, Equatable, CaseIterable {
        /// On the list, perhaps in disguise.
        case listed
        /// One short piece again and again.
        case repeated
        /// Made of runs: `1234`, `abcd`, `qwer`, `aaa`.
        case patterned
        /// The user's or the service's name with little else.
        case contextual
    }

    private let scalarsMin: Int
    private let context: [[Unicode.Scalar]]

    /// `contextWords`: the names of service and user, the e-mail address and so on; the parts of
    /// an address count by themselves. Words under four characters say nothing.
    /// - Parameter asked: More than the fewest that hold otherwise; fewer mean nothing.
    package init(
        isSecondFactorEnforced: Bool, scalarsMin asked: Int = 0, contextWords: [String]
    ) {
        let least = isSecondFactorEnforced ? Self.scalarsMinBesideFactor : Self.scalarsMinAlone
        scalarsMin = min(max(least, asked), Self.scalarsMax)
        let words = contextWords.prefix(Self.contextWordsMax).flatMap { word in
            let folded = word.foldedKey
            return [folded] + folded.split { "@.".contains($0) }.map(String.init)
        }
        context = Set(words).map { Array($0.unicodeScalars.prefix(Self.scalarsMax)) }
            .filter { $0.count >= 4 }
    }

    package func judge(_ password: Password) -> Verdict {
        guard password.scalarCount >= scalarsMin else { return .tooShort(minimum: scalarsMin) }
        guard password.scalarCount <= Self.scalarsMax else {
            return .tooLong(maximum: Self.scalarsMax)
        }
        let text = password.utf8.withBytes { String(decoding: $0, as: UTF8.self) }
        let folded = Array(text.foldedKey.unicodeScalars)
        if Self.isRepeated(folded) { return .tooCommon(.repeated) }
        if KeyboardWalk.covers(folded) { return .tooCommon(.patterned) }
        if CommonPasswords.contains(folded) { return .tooCommon(.listed) }
        if isContextual(folded) { return .tooCommon(.contextual) }
        return .acceptable
    }

    /// True for a piece of up to four characters repeated, the last time perhaps in part, and for
    /// a listed word repeated.
    private static func isRepeated(_ text: [Unicode.Scalar]) -> Bool {
        for period in 1...max(1, text.count / 2) {
            guard zip(text, text.dropFirst(period)).allSatisfy(==) else { continue }
            return period <= 4 || CommonPasswords.contains(Array(text.prefix(period)))
        }
        return false
    }

    /// True when a word of the context stands in it, as it is or backwards, and what is left
    /// would be too short for a password by itself.
    private func isContextual(_ text: [Unicode.Scalar]) -> Bool {
        let plain = LookAlikes.readings(text)
        return context.contains { word in
            guard text.count - word.count < Self.scalarsMinBesideFactor else { return false }
            return ([text] + plain).contains { reading in
                reading.firstRange(of: word) != nil
                    || reading.firstRange(of: Array(word.reversed())) != nil
            }
        }
    }
}

/// Runs that fingers, the alphabet or a calendar make: parts of keyboard rows and columns, of the
/// alphabet, of the digits, in either direction, and one character again and again.
private enum KeyboardWalk {
    private static let runMin = 3

    private static let lines: [[Unicode.Scalar]] = [
        "abcdefghijklmnopqrstuvwxyzabc", "012345678901234567890", "13579", "24680",
        "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "qwertzuiop", "yxcvbnm", "azertyuiop",
        "qsdfghjklm", "wxcvbn", "1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,",
        "9ol.", "0okm", "9ijn", "8uhb", "7ygv", "6tfc", "5rdx", "4esz", "147258369", "159", "357",
        "14789632", "12369874", "789456123", "qazwsxedcrfvtgbyhnujmikolp", "qweasdzxc",
        "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "абвгдежзийклмнопрст",
    ].flatMap { line in
        let scalars = Array(line.unicodeScalars)
        return [scalars, scalars.reversed()]
    }

    /// Whether nearly all of `text` is runs, or two runs take turns in it (`1q2w3e4r`,
    /// `11223344`), or it is a date.
    static func covers(_ text: [Unicode.Scalar]) -> Bool {
        let plain = text.map { unshifted[$0] ?? $0 }
        if strays(plain) <= min(2, plain.count / 4) { return true }
        let halves = [0, 1].map { first in
            stride(from: first, to: plain.count, by: 2).map { plain[$0] }
        }
        return halves.allSatisfy { strays($0) == 0 } || isDate(plain)
    }

    /// The fewest characters outside runs.
    private static func strays(_ text: [Unicode.Scalar]) -> Int {
        // For each prefix. A run may be cut short, since each part of it of at least `runMin`
        // is a run too.
        var fewest = [Int](repeating: 0, count: text.count + 1)
        for end in text.indices.map({ $0 + 1 }) {
            fewest[end] = fewest[end - 1] + 1
            let runStart = longestRun(endingAt: end, text)
            guard end - runStart >= runMin else { continue }
            for start in runStart...(end - runMin) {
                fewest[end] = min(fewest[end], fewest[start])
            }
        }
        return fewest[text.count]
    }

    /// Where the longest run that ends before `end` starts. At most a line's length back, but
    /// for one character repeated.
    private static func longestRun(endingAt end: Int, _ text: [Unicode.Scalar]) -> Int {
        var start = end - 1
        while start > 0, text[start - 1] == text[end - 1] { start -= 1 }
        for line in lines {
            for (place, scalar) in line.enumerated() where scalar == text[end - 1] {
                var length = 1
                while length <= place, length < end,
                    line[place - length] == text[end - 1 - length]
                {
                    length += 1
                }
                start = min(start, end - length)
            }
        }
        return start
    }

    /// Eight digits that name a day between 1900 and 2099, year first or last.
    private static func isDate(_ text: [Unicode.Scalar]) -> Bool {
        let digits = text.compactMap { scalar in
            "0"..."9" ~= scalar ? Int(scalar.value) - 48 : nil
        }
        guard text.count == 8, digits.count == 8 else { return false }
        let pairs = stride(from: 0, to: 8, by: 2).map { digits[$0] * 10 + digits[$0 + 1] }
        func isDay(_ first: Int, _ second: Int) -> Bool {
            1...31 ~= first && 1...31 ~= second && min(first, second) <= 12
        }
        return 19...20 ~= pairs[0] && isDay(pairs[2], pairs[3])
            || 19...20 ~= pairs[2] && isDay(pairs[0], pairs[1])
    }

    /// Signs above the digits, on the layout most people have.
    private static let unshifted: [Unicode.Scalar: Unicode.Scalar] = [
        "!": "1", "@": "2", "#": "3", "$": "4", "%": "5", "^": "6", "&": "7", "*": "8", "(": "9",
        ")": "0",
    ]
}

/// Letters in disguise.
enum LookAlikes {
    private static let letters: [Unicode.Scalar: [Unicode.Scalar]] = [
        "0": ["o"], "1": ["i", "l"], "3": ["e"], "4": ["a"], "5": ["s"], "7": ["t"], "8": ["b"],
        "@": ["a"], "$": ["s"], "!": ["i", "l"], "|": ["l"], "+": ["t"], "(": ["c"], "€": ["e"],
    ]

    /// `text` with the disguises undone, each sign that stands for two letters read as the first
    /// everywhere and as the last everywhere.
    static func readings(_ text: [Unicode.Scalar]) -> [[Unicode.Scalar]] {
        let first = text.map { letters[$0]?.first ?? $0 }
        let last = text.map { letters[$0]?.last ?? $0 }
        return first == last ? [first] : [first, last]
    }
}
