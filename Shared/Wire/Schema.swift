/// What a message's declaration says, as data: for documents, tests and generated values.
package struct MessageSchema: Sendable, Equatable {
    package let name: String
    package let about: String
    package let fields: [FieldSchema]
    /// Numbers once used; never again.
    package let retiredNumbers: [UInt32]
    /// The messages of its fields, and theirs, each once in the order met.
    package let nested: [MessageSchema]
    /// The enumerations of its fields, and those of `nested`, each once in the order met.
    package let enumerations: [EnumerationSchema]

    /// Walks the declaration with samples. A message that refuses the samples of its own types
    /// has no schema: that is a mistake in the declaration and ends the process.
    package init<M: Message>(of _: M.Type) {
        var reader = SchemaReader(ancestors: [])
        guard reader.read(M.self) != nil, let whole = reader.messages.last else {
            preconditionFailure("\(M.name) refuses the samples of its own types")
        }
        self.init(
            M.self, whole.fields, nested: reader.messages.dropLast(),
            enumerations: reader.enumerations)
    }

    init<M: Message>(
        _: M.Type, _ fields: [FieldSchema], nested: [MessageSchema],
        enumerations: [EnumerationSchema]
    ) {
        name = M.name
        about = M.about
        retiredNumbers = M.retiredNumbers
        self.fields = fields
        self.nested = nested
        self.enumerations = enumerations
    }
}

package struct FieldSchema: Sendable, Equatable {
    package let number: UInt32
    /// As in JSON, lowerCamelCase.
    package let name: String
    package let type: FieldType
    package let presence: Presence
    /// Most bytes of a text (as UTF-8) or of bytes; nil for types of a fixed form.
    package let sizeMax: Int?
    /// Most elements of a list.
    package let countMax: Int?
    package let about: String
    /// What there is to say of the type, or empty.
    package let note: String

    /// As in the document, snake_case.
    package var documentName: String {
        SnakeCase(camelCase: name.utf8).text
    }
}

package enum FieldType: Sendable, Equatable {
    case primitive(PrimitiveForm)
    case enumeration(String)
    case message(String)

    /// The name in proto3.
    package var documentName: String {
        switch self {
        case .primitive(let form):
            switch form {
            case .string: "string"
            case .bytes: "bytes"
            case .bool: "bool"
            case .uint32: "uint32"
            case .uint64: "uint64"
            case .int64: "int64"
            case .enumeration: "int32"
            case .timestamp: "google.protobuf.Timestamp"
            }
        case .enumeration(let name), .message(let name): name
        }
    }
}

package struct EnumerationSchema: Sendable, Equatable {
    package struct Case: Sendable, Equatable {
        package let name: String
        package let number: Int32
        package let about: String
    }

    package let name: String
    package let about: String
    package let cases: [Case]

    package init(of enumeration: (some Enumeration).Type) {
        name = enumeration.name
        about = enumeration.about
        cases = enumeration.allCases.map {
            Case(name: $0.name, number: $0.rawValue, about: $0.about)
        }
    }
}

/// Walks declarations and answers with samples, so that each walk goes on to its end. Of the
/// alternatives of a `oneof` it gives the first that can be made.
private struct SchemaReader: Coder {
    /// The messages around the one being read; one of them within itself ends the walk.
    let ancestors: [String]
    var fields: [FieldSchema] = []
    /// Found so far, inner ones before those that hold them.
    var messages: [MessageSchema] = []
    var enumerations: [EnumerationSchema] = []
    /// The names of `oneof`s of which an alternative was given.
    var given: [String] = []

    init(ancestors: [String]) { self.ancestors = ancestors }

    /// Adds the message and everything in it to `messages`; a sample of it, or nil when it can
    /// have none here.
    mutating func read<M: Message>(_: M.Type) -> M? {
        guard !ancestors.contains(M.name) else { return nil }
        var inner = SchemaReader(ancestors: ancestors + [M.name])
        inner.messages = messages
        inner.enumerations = enumerations
        let sample: M?
        do {
            sample = try M(&inner, nil)
        } catch {
            sample = nil
        }
        messages = inner.messages
        enumerations = inner.enumerations
        if !messages.contains(where: { $0.name == M.name }) {
            messages.append(MessageSchema(M.self, inner.fields, nested: [], enumerations: []))
        }
        return sample
    }

    private mutating func add(
        _ field: Field, _ type: FieldType, sizeMax: Int? = nil, note: String = ""
    ) {
        fields.append(
            FieldSchema(
                number: field.number, name: field.name.description, type: type,
                presence: field.presence, sizeMax: field.sizeMax ?? sizeMax,
                countMax: field.countMax, about: field.about.description, note: note))
    }

    private mutating func add<V: Scalar>(_ field: Field, _: V.Type) {
        guard let enumeration = V.enumeration else {
            add(field, .primitive(V.Raw.form), sizeMax: V.sizeMax, note: V.note)
            return
        }
        let schema = EnumerationSchema(of: enumeration)
        add(field, .enumeration(schema.name))
        if !enumerations.contains(schema) { enumerations.append(schema) }
    }

    mutating func scalar<V: Scalar>(_ field: Field, _: V?) throws(WireFault) -> V? {
        add(field, V.self)
        return V.sample
    }

    mutating func scalars<V: Scalar>(_ field: Field, _: [V]?) throws(WireFault) -> [V] {
        add(field, V.self)
        return [V.sample]
    }

    mutating func message<M: Message>(_ field: Field, _: M?) throws(WireFault) -> M? {
        add(field, .message(M.name))
        let sample = read(M.self)
        guard case .option(let choice) = field.presence else { return sample }
        let name = choice.value.description
        guard sample != nil, !given.contains(name) else { return nil }
        given.append(name)
        return sample
    }

    mutating func messages<M: Message>(_ field: Field, _: [M]?) throws(WireFault) -> [M] {
        add(field, .message(M.name))
        return read(M.self).map { [$0] } ?? []
    }
}

extension MessageSchema {
    /// What proto3 or our rules do not allow, of this message and those in it; empty when all is
    /// well. Tests expect that of every message.
    package var problems: [String] {
        fields.flatMap { field in field.problems.map { "\(name).\(field.name): \($0)" } }
            + repeated(fields.map(\.number)).map { "\(name): number \($0) twice" }
            + repeated(fields.map(\.name)).map { "\(name): name \($0) twice" }
            + fields.filter { retiredNumbers.contains($0.number) }
            .map { "\(name).\($0.name): its number is retired" }
            + (about.isEmpty ? ["\(name): no sentence"] : [])
            + nested.flatMap(\.problems) + enumerations.flatMap(\.problems)
    }
}

extension FieldSchema {
    fileprivate var problems: [String] {
        var problems: [String] = []
        // protobuf.dev, "Assigning Field Numbers".
        if !(1..<536_870_912).contains(number) || (19_000..<20_000).contains(number) {
            problems.append("number \(number) is not for use")
        }
        let isPlain = name.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
        if !isPlain || name.first?.isLowercase != true {
            problems.append("the name is not lowerCamelCase")
        }
        if about.isEmpty { problems.append("no sentence") }
        let needsSize = type == .primitive(.string) || type == .primitive(.bytes)
        if needsSize != (sizeMax != nil) { problems.append("a bound where none belongs, or none") }
        if (presence == .list) != (countMax != nil) { problems.append("no bound of the list") }
        return problems
    }
}

extension EnumerationSchema {
    fileprivate var problems: [String] {
        repeated(cases.map(\.number)).map { "\(name): number \($0) twice" }
            + repeated(cases.map(\.name)).map { "\(name): name \($0) twice" }
            + (cases.first?.number == 0 ? [] : ["\(name): the first number is not 0"])
            + (about.isEmpty ? ["\(name): no sentence"] : [])
    }
}

/// Those that occur more than once.
private func repeated<Element: Hashable>(_ elements: [Element]) -> [Element] {
    var seen: Set<Element> = []
    return elements.filter { !seen.insert($0).inserted }
}
