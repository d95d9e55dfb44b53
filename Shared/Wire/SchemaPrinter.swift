extension MessageSchema {
    /// The message in proto3, its sentences as comments; without the messages in it.
    package var protoText: String {
        var lines = comment(about, indent: "")
        lines.append("message \(name) {")
        if !retiredNumbers.isEmpty {
            lines.append("  reserved \(retiredNumbers.map(String.init).joined(separator: ", "));")
        }
        var choices: [StaticText] = []
        for field in fields {
            guard case .option(let choice) = field.presence else {
                lines += field.protoLines(indent: "  ")
                continue
            }
            // All alternatives stand where the first was met.
            guard !choices.contains(choice) else { continue }
            choices.append(choice)
            let name = SnakeCase(camelCase: choice.value.description.utf8).text
            lines.append("  // Exactly one of these.")
            lines.append("  oneof \(name) {")
            lines += fields.filter { $0.presence == field.presence }
                .flatMap { $0.protoLines(indent: "    ") }
            lines.append("  }")
        }
        lines.append("}")
        return lines.joined(separator: "\n") + "\n"
    }

    /// A heading, the sentence and a table of the fields; without the messages in it.
    package var markdown: String {
        var lines = ["### \(name)", "", about, ""]
        if fields.isEmpty {
            lines += ["It has no fields.", ""]
        } else {
            lines += [
                "| field | number | type | presence | bound | meaning |",
                "|---|---|---|---|---|---|",
            ]
            lines += fields.map(\.markdownRow) + [""]
        }
        if !retiredNumbers.isEmpty {
            let numbers = retiredNumbers.map(String.init).joined(separator: ", ")
            lines += ["Numbers no longer used: \(numbers).", ""]
        }
        return lines.joined(separator: "\n")
    }
}

extension FieldSchema {
    fileprivate func protoLines(indent: String) -> [String] {
        let sentences = [about, note, boundSentence, presence == .required ? "Required." : ""]
        let text = sentences.filter { !$0.isEmpty }.joined(separator: " ")
        return comment(text, indent: indent)
            + ["\(indent)\(label)\(type.documentName) \(documentName) = \(number);"]
    }

    /// Messages have presence by nature; everything else that has some is `optional`.
    private var label: String {
        switch presence {
        case .list: return "repeated "
        case .implicit, .option: return ""
        case .required, .optional:
            switch type {
            case .message, .primitive(.timestamp): return ""
            case .primitive, .enumeration: return "optional "
            }
        }
    }

    private var boundSentence: String {
        switch (countMax, sizeMax) {
        case (nil, nil): ""
        case (let count?, nil): "At most \(count)."
        case (nil, let size?): "At most \(size) bytes."
        case (let count?, let size?): "At most \(count) of \(size) bytes each."
        }
    }

    fileprivate var markdownRow: String {
        let presenceText: String
        switch presence {
        case .implicit: presenceText = "absent is zero"
        case .required: presenceText = "required"
        case .optional: presenceText = "optional"
        case .option(let choice): presenceText = "one of `\(choice.value)`"
        case .list: presenceText = "list"
        }
        let bound: String
        switch (countMax, sizeMax) {
        case (nil, nil): bound = ""
        case (let count?, nil): bound = "\(count)"
        case (nil, let size?): bound = "\(size) bytes"
        case (let count?, let size?): bound = "\(count) of \(size) bytes"
        }
        let meaning = [about, note].filter { !$0.isEmpty }.joined(separator: " ")
        let cells = [
            "`\(name)`", "\(number)", "`\(type.documentName)`", presenceText, bound,
            tableCell(meaning),
        ]
        return "| " + cells.joined(separator: " | ") + " |"
    }
}

extension EnumerationSchema {
    package var protoText: String {
        var lines = comment(about, indent: "")
        lines.append("enum \(name) {")
        for it in cases {
            lines += comment(it.about, indent: "  ")
            lines.append("  \(it.name) = \(it.number);")
        }
        lines.append("}")
        return lines.joined(separator: "\n") + "\n"
    }

    package var markdown: String {
        let rows = cases.map { "| `\($0.name)` | \($0.number) | \(tableCell($0.about)) |" }
        let head = ["### \(name)", "", about, "", "| name | number | meaning |", "|---|---|---|"]
        return (head + rows + [""]).joined(separator: "\n")
    }
}

/// The text as comment lines of at most 100 characters.
func comment(_ text: String, indent: String) -> [String] {
    var lines: [String] = []
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
        var line = ""
        for word in paragraph.split(separator: " ") {
            if !line.isEmpty, indent.count + 4 + line.count + word.count > 100 {
                lines.append("\(indent)// \(line)")
                line = ""
            }
            line += line.isEmpty ? String(word) : " \(word)"
        }
        lines.append(line.isEmpty ? "\(indent)//" : "\(indent)// \(line)")
    }
    return lines
}

/// Text within a cell of a table, where a bar would end the cell.
func tableCell(_ text: String) -> String {
    String(
        text.flatMap { character in
            switch character {
            case "|": "\\|"
            case "\n": " "
            default: String(character)
            }
        })
}
