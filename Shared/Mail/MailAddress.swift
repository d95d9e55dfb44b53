import Crypto
import Wire

/// The address of a mailbox, and nothing beside it: no name in front, no comment, no route, no
/// address literal, no second `@` outside of quotes, no control of any kind (RFC 5321 §4.1.2; RFC
/// 6531 for what is not ASCII). Whatever stands in one can stand in a command to a mail server and
/// in a header.
///
/// Two spellings of one mailbox have one `key`; that is what limits count by.
package struct MailAddress: Sendable, Hashable {
    /// The local part without quotes, in normal form C.
    package let local: String
    package let domain: MailDomain

    /// Of the local part as it is written, quotes and all (RFC 5321 §4.5.3.1.1).
    package static let localBytesMax = 64
    /// Of the whole address (§4.5.3.1.3: a path has 256, two of them brackets).
    package static let bytesMax = 254

    /// Nil for anything that is not exactly an address.
    package init?(parsing typed: String) {
        guard typed.utf8.count <= Self.bytesMax else { return nil }
        let scalars = Array(String(decoding: typed.nfcUTF8, as: UTF8.self).unicodeScalars)
        let isQuoted = scalars.first == "\""
        guard let (local, end) = isQuoted ? Self.quoted(scalars) : Self.dotted(scalars),
            end < scalars.count, scalars[end] == "@",
            let domain = MailDomain(String(String.UnicodeScalarView(scalars[(end + 1)...])))
        else { return nil }
        self.local = local
        self.domain = domain
        guard writtenLocal.utf8.count <= Self.localBytesMax, text.utf8.count <= Self.bytesMax,
            (ascii ?? "").utf8.count <= Self.bytesMax
        else { return nil }
    }

    /// The address as people write it, quoted only where it has to be.
    package var text: String { writtenLocal + "@" + domain.text }

    /// The address in ASCII; nil when its local part cannot be written so, and every server on
    /// the way has to know SMTPUTF8 (RFC 6531).
    package var ascii: String? {
        local.utf8.allSatisfy { $0 < 0x80 } ? writtenLocal + "@" + domain.ascii : nil
    }

    /// What is the same for all spellings of one mailbox. Case is folded in the local part too:
    /// servers may tell it apart (RFC 5321 §2.4), and none that matters does.
    package var key: String { local.foldedKey + "@" + domain.ascii }

    /// As it is shown to somebody who may not be its owner: the first letter and the domain.
    package var masked: String {
        let first = local.unicodeScalars.first.map { $0.isWordPart ? String($0) : "" } ?? ""
        return first + "•••@" + domain.text
    }

    private var writtenLocal: String {
        if Self.dotted(Array(local.unicodeScalars))?.end == local.unicodeScalars.count {
            return local
        }
        let escaped = local.unicodeScalars.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }
        return "\"" + escaped.joined() + "\""
    }

    /// A dot-string from the front: runs of `atext` with single dots between them.
    private static func dotted(_ scalars: [Unicode.Scalar]) -> (String, end: Int)? {
        let end = scalars.firstIndex { $0 != "." && !isInAtom($0) } ?? scalars.count
        let atoms = scalars[..<end].split(separator: ".", omittingEmptySubsequences: false)
        guard atoms.allSatisfy({ !$0.isEmpty }) else { return nil }
        return (String(String.UnicodeScalarView(scalars[..<end])), end)
    }

    /// A quoted string from the front, at least one character long; `end` is behind its quote.
    private static func quoted(_ scalars: [Unicode.Scalar]) -> (String, end: Int)? {
        var content: [Unicode.Scalar] = []
        var position = 1
        while position < scalars.count, scalars[position] != "\"" {
            if scalars[position] == "\\" {
                position += 1
                // A quoted pair is of ASCII only (RFC 5321 §4.1.2).
                guard position < scalars.count, scalars[position].isASCII else { return nil }
            }
            guard isInQuotes(scalars[position]) else { return nil }
            content.append(scalars[position])
            position += 1
        }
        guard position < scalars.count, !content.isEmpty else { return nil }
        return (String(String.UnicodeScalarView(content)), position + 1)
    }

    private static func isInQuotes(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII ? (" "..."~").contains(scalar) : scalar.isWordPart
    }

    /// `atext` of RFC 5322 §3.2.3; of what is not ASCII, only what names are written with.
    private static func isInAtom(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "!", "#", "$", "%", "&", "'", "*", "+", "-", "/",
            "=", "?", "^", "_", "`", "{", "|", "}", "~":
            true
        case _: !scalar.isASCII && scalar.isWordPart
        }
    }
}
