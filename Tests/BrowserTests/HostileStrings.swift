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

    /// Those of `all` that are no markup, and short: what a user name may be, and some more.
    static let userNames = all.filter { line in
        (1...50).contains(line.unicodeScalars.count)
            && !line.contains { "@<>\"'/".contains($0) }
    }

    /// Those of `all`, as far as they fit, in a form that SQL takes without reading it: rows of
    /// `n` and `line`, `line` between « and », so that what is cut off or put there is seen.
    static func rows(bytesMax: Int) throws -> String {
        let lines = all.map { framed($0, bytesMax: bytesMax) }
        let json = try JSONSerialization.data(withJSONObject: lines)
        return """
            jsonb_array_elements_text(convert_from(
                decode('\(json.base64EncodedString())', 'base64'), 'UTF8')::jsonb)
                WITH ORDINALITY AS naughty (line, n)
            """
    }

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
