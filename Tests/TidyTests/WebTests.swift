import Testing

/// The sources of the pages: what browsers are sent.
private let web = SourceTree.files.filter { $0.path.contains("/Web/") }

private func ending(_ ending: String) -> [SourceFile] {
    web.filter { $0.path.hasSuffix(ending) }
}

/// What would make text into markup or code, hold a session where scripts can read it, or need
/// another content policy.
private let bannedInScripts = [
    "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(",
    "new Function", "setAttribute(\"style\"", "setAttribute(\"on", ".style.", "localStorage",
    "sessionStorage", "document.cookie", "bearer", "http://", "https://",
]

/// What is allowed all the same: where the browser keeps the language, and the name of SVG.
private let allowedInScripts = [
    "assets/sentences.js": "localStorage.", "assets/charts.js": "\"http://www.w3.org/2000/svg\"",
]

private func bannedScript(_ file: SourceFile) -> [String] {
    let allowed = allowedInScripts.first { file.path.hasSuffix($0.key) }?.value
    return file.lines.enumerated().flatMap { index, line in
        let rest = allowed.map { line.replacing($0, with: "") } ?? line
        return bannedInScripts.filter { rest.contains($0) }.map {
            "\(file.path):\(index + 1): \($0)"
        }
    }
}

/// Styles, scripts and handlers in the page itself, and what lies on another host.
private func bannedMarkup(_ file: SourceFile) -> [String] {
    file.lines.enumerated().compactMap { index, line in
        let inline =
            line.contains("<style") || line.contains(/\sstyle=/) || line.contains(/\son[a-z]+=/)
            || (line.contains("<script") && !line.contains("src=\"/assets/"))
            || line.contains("://") || line.contains("javascript:")
        return inline ? "\(file.path):\(index + 1): \(line)" : nil
    }
}

/// The keys of the sentences that a file names as they are.
private func keys(in file: SourceFile) -> [String] {
    let inMarkup = file.text.matches(of: /data-(?:text|label)="([a-z_.]+)"/).map { String($0.1) }
    return inMarkup + file.text.matches(of: /\btext\("([a-z_.]+)"/).map { String($0.1) }
}

/// The folder of one language, and the part of the pages that it speaks for.
private func place(of file: SourceFile) -> (language: String, part: String)? {
    guard let match = file.path.firstMatch(of: /sentences\/([a-z]+)\/([a-z-]+)\.js$/) else {
        return nil
    }
    return (String(match.1), String(match.2))
}

/// The keys a module of sentences has, each with how many values its sentence tells: none for
/// one that is the same every time.
private func sentences(_ file: SourceFile) -> [String: Int] {
    let entries = file.text.matches(of: /(?m)^  "?([a-z0-9_.]+)"?:\s*(\([^)]*\)\s*=>)?/)
    return Dictionary(
        entries.map { entry in
            let values = entry.2.map { $0.split(separator: ",").count } ?? 0
            return (String(entry.1), values)
        }, uniquingKeysWith: { first, _ in first })
}

/// Whether the code has the key, or a part of it that others are put to: those of kinds, of what
/// the audit knows, of a user's acts (``text(`event.${word}`)``, `word("method", it)`,
/// `askWhy("locked.unlock", …)`).
private func isNamed(_ key: String, in code: String) -> Bool {
    let first = key.prefix { $0 != "." }
    let stem = key.lastIndex(of: "_").map { key[..<$0] } ?? key[...]
    return code.contains("\"\(key)\"") || code.contains("`\(first).${")
        || code.contains("word(\"\(first)\"") || code.contains("(\"\(stem)\"")
        || code.contains("\"\(first)\", ") || code.contains("\"\(first)\"]")
}

/// By part, then by language.
private var spoken: [String: [String: [String: Int]]] {
    ending(".js").reduce(into: [:]) { spoken, file in
        guard let place = place(of: file) else { return }
        spoken[place.part, default: [:]][place.language] = sentences(file)
    }
}

@Suite struct WebTests {
    @Test func `no page holds a script, a style or a handler of its own`() {
        expectNone(ending(".html").flatMap(bannedMarkup))
        for line in [
            "<style>", "<p style=\"a\">", "<a onclick=\"b()\">", "<script>c()</script>",
            "<img src=\"https://example.org/a\">", "<a href=\"javascript:d()\">",
        ] {
            #expect(bannedMarkup(SourceFile(path: "Web/a.html", text: line)).count == 1)
        }
    }

    @Test func `no script makes text into markup, or keeps a session`() {
        #expect(ending(".js").count > 10)
        expectNone(ending(".js").flatMap(bannedScript))
        for word in bannedInScripts {
            #expect(!bannedScript(SourceFile(path: "Web/a.js", text: word)).isEmpty)
        }
    }

    @Test func `every sentence that a page names is there, and every one that is there is named`() {
        let english = Set(
            spoken.filter { $0.key != "refusals" }.flatMap { $0.value["en"] ?? [:] }.map(\.key))
        let named = web.flatMap { file in keys(in: file).map { (file.path, $0) } }
        #expect(named.count > 100)
        expectNone(named.filter { !english.contains($0.1) }.map { "\($0.0): \($0.1)" })
        let code = web.filter { place(of: $0) == nil }.map(\.text).joined()
        let unused = english.filter { $0.contains(".") && !isNamed($0, in: code) }
        expectNone(unused.sorted())
    }

    @Test func `every language has every sentence, and tells the same in it`() {
        let languages = Set(ending(".js").compactMap { place(of: $0)?.language })
        #expect(languages == ["en", "nl", "zh"])
        var wrong: [String] = []
        for (part, byLanguage) in spoken {
            let english = byLanguage["en"] ?? [:]
            for language in languages {
                let there = byLanguage[language] ?? [:]
                let keys = Set(english.keys).union(there.keys)
                wrong += keys.filter { there[$0] != english[$0] }.map {
                    "\(language)/\(part): \($0)"
                }
            }
        }
        #expect(spoken.count > 8)
        expectNone(wrong.sorted())
    }

    @Test func `everything that the audit knows to have happened has a sentence, and no more has`()
        throws
    {
        let source = try #require(
            SourceTree.files.first { $0.path.hasSuffix("Shared/Audit/AuditEvent.swift") })
        let words = source.text.matches(of: /case \w+ = "([a-z_]+)"/).map { "event.\($0.1)" }
        let there = (spoken["events"]?["en"] ?? [:]).keys
        #expect(words.count > 50)
        #expect(there.sorted() == (words + ["event.other"]).sorted())
    }

    @Test func `every page names parts of the sentences that there are`() {
        let pages = ending(".html")
        #expect(pages.count > 8)
        for page in pages {
            let parts = page.text.firstMatch(of: /data-sentences="([a-z -]+)"/)?.1 ?? ""
            #expect(!parts.isEmpty, "\(page.path)")
            for part in parts.split(separator: " ") {
                #expect(spoken[String(part)] != nil, "\(page.path): \(part)")
            }
        }
    }

    @Test func `no source of a page is wider than 100 columns`() {
        let wide = web.flatMap { file in
            file.lines.enumerated().filter { $0.element.count > 100 }.map {
                "\(file.path):\($0.offset + 1)"
            }
        }
        expectNone(wide)
    }
}
