/// One method, as the documents need it.
package struct MethodSchema: Sendable {
    package let name: String
    package let number: UInt16
    package let request: MessageSchema
    package let response: MessageSchema
    package let about: String
    /// Who may call it, as a phrase: `auth-gateway`, `registered callers`.
    package let callers: String

    package init(
        name: String, number: UInt16, request: any Message.Type, response: any Message.Type,
        about: String, callers: String
    ) {
        self.name = name
        self.number = number
        self.request = MessageSchema(of: request)
        self.response = MessageSchema(of: response)
        self.about = about
        self.callers = callers
    }
}

package struct ServiceSchema: Sendable {
    /// Without the package, for example `SignInService`.
    package let name: String
    package let number: UInt8
    package let about: String
    package let methods: [MethodSchema]

    package init(name: String, number: UInt8, about: String, methods: [MethodSchema]) {
        self.name = name
        self.number = number
        self.about = about
        self.methods = methods
    }
}

/// Everything that is said over the wire, for the two documents.
package struct SchemaDocument: Sendable {
    /// For example `dubbelslot.v1`.
    package let package: String
    package let services: [ServiceSchema]
    /// Of all methods, and those given besides, each once: a message before what holds it.
    package let messages: [MessageSchema]
    package let enumerations: [EnumerationSchema]

    /// - Parameter besides: messages of no method, for example of the connection itself.
    package init(
        package: String, services: [ServiceSchema], besides: [any Message.Type] = []
    ) {
        self.package = package
        self.services = services
        let roots =
            services.flatMap(\.methods).flatMap { [$0.request, $0.response] }
            + besides.map { MessageSchema(of: $0) }
        messages = Self.unique(
            roots.flatMap { root in
                root.nested + [root.alone]
            })
        enumerations = Self.unique(roots.flatMap(\.enumerations))
    }

    private static func unique<Schema: Equatable>(_ schemas: [Schema]) -> [Schema] {
        schemas.reduce(into: []) { list, schema in
            if !list.contains(schema) { list.append(schema) }
        }
    }

    /// Mistakes of the declarations, among them two types of one name; tests expect none.
    package var problems: [String] {
        let names = messages.map(\.name) + enumerations.map(\.name) + services.map(\.name)
        let numbers = services.flatMap(\.methods).map(\.number)
        return messages.flatMap(\.problems)
            + SchemaDocument.twice(names).map { "\($0): two different types of this name" }
            + SchemaDocument.twice(numbers).map { "method \($0): two methods of this number" }
    }

    private static func twice<Element: Hashable>(_ elements: [Element]) -> [Element] {
        var seen: Set<Element> = []
        return elements.filter { !seen.insert($0).inserted }
    }
}

extension MessageSchema {
    /// Without the messages and enumerations in it.
    fileprivate var alone: MessageSchema { MessageSchema(self, nested: [], enumerations: []) }

    private init(
        _ other: MessageSchema, nested: [MessageSchema], enumerations: [EnumerationSchema]
    ) {
        name = other.name
        about = other.about
        fields = other.fields
        retiredNumbers = other.retiredNumbers
        self.nested = nested
        self.enumerations = enumerations
    }
}

extension SchemaDocument {
    /// The whole `.proto` file.
    /// - Parameter preface: comes first, as a comment.
    package func protoText(preface: String) -> String {
        let usesTimestamps = messages.flatMap(\.fields).contains {
            $0.type == .primitive(.timestamp)
        }
        var parts = [
            comment(preface, indent: "").joined(separator: "\n")
                + "\nsyntax = \"proto3\";\n\npackage \(package);\n"
        ]
        if usesTimestamps { parts.append("import \"google/protobuf/timestamp.proto\";\n") }
        parts += services.map { $0.protoText(in: package) }
        parts += messages.map(\.protoText)
        parts += enumerations.map(\.protoText)
        return parts.joined(separator: "\n")
    }

    /// The tables of services, messages and enumerations, from a heading of the second level on.
    package var markdown: String {
        var parts = ["## Services\n"]
        parts += services.map(\.markdown)
        parts.append("## Messages\n")
        parts += messages.sorted { $0.name < $1.name }.map(\.markdown)
        if !enumerations.isEmpty {
            parts.append("## Enumerations\n")
            parts += enumerations.sorted { $0.name < $1.name }.map(\.markdown)
        }
        return parts.joined(separator: "\n")
    }
}

extension ServiceSchema {
    /// Types stand with their package: inside a service a method's own name would hide a message
    /// of the same name.
    fileprivate func protoText(in package: String) -> String {
        var lines = comment(about, indent: "") + ["service \(name) {"]
        for method in methods {
            lines += comment("\(method.about) Callers: \(method.callers).", indent: "  ")
            let names = (
                ".\(package).\(method.request.name)", ".\(package).\(method.response.name)"
            )
            let types = "(\(names.0)) returns (\(names.1))"
            lines.append("  rpc \(method.name)\(types);")
        }
        lines.append("}")
        return lines.joined(separator: "\n") + "\n"
    }

    fileprivate var markdown: String {
        let head = [
            "### \(name)", "", "\(about) Service number \(number).", "",
            "| method | number | request | response | callers | meaning |",
            "|---|---|---|---|---|---|",
        ]
        let rows = methods.map { method in
            let digits = String(method.number, radix: 16)
            let number = "0x" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            let cells = [
                "`\(method.name)`", number, method.request.name, method.response.name,
                tableCell(method.callers), tableCell(method.about),
            ]
            return "| " + cells.joined(separator: " | ") + " |"
        }
        return (head + rows + [""]).joined(separator: "\n")
    }
}
