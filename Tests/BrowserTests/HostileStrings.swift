import Crypto
import Fixtures
import Foundation

/// What people, and those who are after them, put where a name or a reason belongs.
enum HostileStrings {
    /// What has been made into markup, code, a pattern or a mess somewhere before.
    static let own = [
        "<img src=x onerror=\"document.title='run'\"><b>bold</b>",
        "\"><script>document.title='run'</script>", "</textarea></option></title><b>out</b>",
        "<svg/onload=document.title='run'>", "<style>*{display:none}</style>",
        "<iframe src=javascript:alert(1)>", "<a href=\"javascript:alert(1)\">a</a>",
        "<form action=//example.org><input name=password>", "<dialog open>stop</dialog>",
        "<!-- <b> -->", "&lt;b&gt; &amp;amp; &#60;i&#62; &nbsp;", "]]><b>c</b>",
        "javascript:alert(1)", "${7*7} {{7*7}} #{7*7} <%= 7*7 %>", "$& $1 $` $' $$ $<a>",
        "%s %d %n %00 %3Cb%3E", "\\u003cb\\u003e \\x3cb\\x3e \\n", "' OR 1=1 -- ; DROP TABLE users",
        "__proto__", "constructor", "toString", "hasOwnProperty", "null", "undefined", "NaN",
        "[object Object]", "true", "0", "-1e999", "../../../etc/passwd", "CON", "=1+1",
        "a\u{0301}\u{0301}\u{0301}\u{0323}\u{0323}", "\u{1F469}\u{200D}\u{1F4BB}\u{1F3F3}\u{FE0F}",
        "\u{FDFD}\u{FDFD}", "\u{05E9}\u{05DC}\u{05D5}\u{05DD} (ab)", "\u{FEFF}\u{200B}a\u{00AD}b",
        "\u{FF1C}b\u{FF1E}\u{FF02}", "\u{0130}\u{0131}\u{1E9E}", "\u{6F22}\u{5B57}\u{200B}",
        String(repeating: "W", count: 120), String(repeating: "\u{202A}", count: 3) + "a",
        "\u{202E}drow", "a\u{2028}b", "a\tb\u{0007}c\u{001B}[31m",
    ]

    /// The big list of naughty strings (minimaxir, MIT), where the vectors are here, and ours.
    static let all: [String] = {
        let file = Vectors.data("misc/blns.txt").map { String(decoding: $0, as: UTF8.self) } ?? ""
        let lines = file.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
        var seen = Set<[UInt8]>()
        return (own + lines).filter { seen.insert(Array($0.utf8)).inserted }
    }()

    /// As many at a time as a list of the protocol may hold.
    static let portions: [[String]] = stride(from: 0, to: all.count, by: 50).map {
        Array(all[$0..<min($0 + 50, all.count)])
    }

    /// A user name for each that may be one, by its key, under which there is one only.
    static let userNames: [(key: String, name: String)] = {
        var seen = Set<String>()
        return all.compactMap { line in
            let name = String(decoding: line.nfcUTF8, as: UTF8.self)
            let key = name.foldedKey
            guard (1...50).contains(name.unicodeScalars.count),
                !name.contains(where: { "@<>\"'/".contains($0) }), seen.insert(key).inserted
            else { return nil }
            return (key, name)
        }
    }()

    /// Rows of `n` and `it` in a form that SQL takes without reading it; `it` is JSON.
    static func rows(_ values: [[String: String]]) throws -> String {
        let json = try JSONSerialization.data(withJSONObject: values)
        return """
            jsonb_array_elements(convert_from(
                decode('\(json.base64EncodedString())', 'base64'), 'UTF8')::jsonb)
                WITH ORDINALITY AS hostile (it, n)
            """
    }

    /// Between « and », so that what is cut off or put there is seen; as much of it as fits.
    static func framed(_ line: String, bytesMax: Int) -> String {
        var inner = String.UnicodeScalarView()
        var room = bytesMax - "«»".utf8.count
        for scalar in line.unicodeScalars {
            room -= String(scalar).utf8.count
            if room < 0 { break }
            inner.append(scalar)
        }
        return "«\(String(inner))»"
    }
}
