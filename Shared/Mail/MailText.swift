/// A line of text that may stand in a header and in the body of a mail: it cannot begin a line of
/// its own, and it cannot turn the direction of the text around it. So whoever composes a mail
/// cannot be made to write a header by what somebody has typed elsewhere.
package struct MailText: Sendable, Hashable {
    package let text: String

    package static let bytesMax = 256
    /// Of a foreign value, which takes its place among the words of a sentence.
    package static let shownScalarsMax = 80

    /// Nil for an empty or longer one, and for one that holds a control, a line's end or a sign
    /// that changes directions.
    package init?(_ text: String) {
        guard (1...Self.bytesMax).contains(text.utf8.count),
            text.unicodeScalars.allSatisfy(Self.isHarmless)
        else { return nil }
        self.text = text
    }

    /// A foreign value as well as it can be shown: a mail that warns somebody has to go out,
    /// whatever his browser called itself. What is not harmless becomes a blank, and what is too
    /// long is cut. Nil when nothing is left.
    package init?(showing foreign: String) {
        let harmless = foreign.unicodeScalars.prefix(Self.shownScalarsMax + 1)
            .map { Self.isHarmless($0) ? $0 : " " }
        let isCut = harmless.count > Self.shownScalarsMax
        let words = harmless.prefix(Self.shownScalarsMax).split(separator: " ")
            .map { String(String.UnicodeScalarView($0)) }
        guard !words.isEmpty else { return nil }
        var shown = words.joined(separator: " ") + (isCut ? "…" : "")
        while shown.utf8.count > Self.bytesMax { shown.unicodeScalars.removeLast() }
        text = shown
    }

    /// For values in the source.
    package init(literal: StaticString) {
        guard let text = Self(literal.description) else {
            preconditionFailure("not a text for mails: \(literal)")
        }
        self = text
    }

    /// True for what a program that shows mail might turn into a link. A name that somebody has
    /// chosen for himself is then better left out: it would let him write to others through us.
    package var looksLikeLink: Bool {
        let scalars = Array(text.unicodeScalars)
        return scalars.contains { "/\\@:".unicodeScalars.contains($0) }
            || scalars.indices.dropFirst().dropLast().contains { index in
                ".。．｡".unicodeScalars.contains(scalars[index])
                    && scalars[index - 1].isWordPart && scalars[index + 1].isWordPart
            }
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate: false
        case _:
            // UAX #9: embeddings, overrides, isolates.
            !("\u{202A}"..."\u{202E}").contains(scalar)
                && !("\u{2066}"..."\u{2069}").contains(scalar)
        }
    }
}

/// A link that a mail may hold: absolute, by HTTPS (or HTTP to this very machine, for trying), of
/// visible ASCII without anything that could end it early.
package struct MailLink: Sendable, Hashable {
    package let text: String

    package static let bytesMax = 1024

    package init?(_ text: String) {
        let isLocal = ["http://localhost", "http://127.0.0.1"].contains { start in
            text.hasPrefix(start) && [":", "/", nil].contains(text.dropFirst(start.count).first)
        }
        let forbidden = Set("\"<>\\^`{|}'@".utf8)
        guard text.utf8.count <= Self.bytesMax, isLocal || text.hasPrefix("https://"),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && !forbidden.contains($0) }),
            let host = text.dropFirst(8).first, host != "/"
        else { return nil }
        self.text = text
    }
}
