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

private func bannedScript(_ file: SourceFile) -> [String] {
    file.lines.enumerated().flatMap { index, line in
        bannedInScripts.filter { line.contains($0) }.map { "\(file.path):\(index + 1): \($0)" }
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
    let inMarkup = file.text.matches(of: /data-text="([a-z_.]+)"/).map { String($0.1) }
    return inMarkup + file.text.matches(of: /\btext\("([a-z_.]+)"/).map { String($0.1) }
}

private func sentences(_ file: SourceFile) -> Set<String> {
    Set(file.text.matches(of: /(?m)^  "?([a-z_.]+)"?:/).map { String($0.1) })
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
        let english = Set(ending("sentences-en.js").flatMap(sentences))
        let named = web.flatMap { file in keys(in: file).map { (file.path, $0) } }
        #expect(named.count > 100)
        expectNone(named.filter { !english.contains($0.1) }.map { "\($0.0): \($0.1)" })
        // Those of types and of a user's actions are put together from parts.
        let code = web.filter { !$0.path.contains("sentences-") }.map(\.text).joined()
        let unused = english.filter { key in
            key.contains(".") && !code.contains("\"\(key)\"")
                && !["type.", "users."].contains { key.hasPrefix($0) }
        }
        expectNone(unused.sorted())
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
