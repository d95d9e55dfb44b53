/// Reads a message from proto3 JSON. Names come in lowerCamelCase or as in the document, but not
/// both; `null` is absence; unknown names are skipped. Types are not bent: a text is no number
/// except where the mapping says so, and `null` is no element of a list.
package struct JSONDecoder: Coder {
    private let members: [JSON.Member]

    init(_ json: JSON, _ fault: @autoclosure () -> WireFault) throws(WireFault) {
        guard case .object(let members) = json else { throw fault() }
        self.members = members
    }

    package mutating func scalar<V: Scalar>(_ field: Field, _: V?) throws(WireFault) -> V? {
        guard let json = try value(field) else { return nil }
        return try Self.scalar(json, field)
    }

    package mutating func scalars<V: Scalar>(_ field: Field, _: [V]?) throws(WireFault) -> [V] {
        var list: [V] = []
        for json in try elements(field) { list.append(try Self.scalar(json, field)) }
        return list
    }

    package mutating func message<M: Message>(_ field: Field, _: M?) throws(WireFault) -> M? {
        guard let json = try value(field) else { return nil }
        return try Self.message(json, field)
    }

    package mutating func messages<M: Message>(_ field: Field, _: [M]?) throws(WireFault) -> [M] {
        var list: [M] = []
        for json in try elements(field) { list.append(try Self.message(json, field)) }
        return list
    }

    private static func message<M: Message>(_ json: JSON, _ field: Field) throws(WireFault) -> M {
        var decoder = try JSONDecoder(json, field.valueFault)
        return try M(&decoder, nil)
    }

    private static func scalar<V: Scalar>(_ json: JSON, _ field: Field) throws(WireFault) -> V {
        let raw: V.Raw
        if let enumeration = V.enumeration, case .string(let name) = json {
            guard let number = enumeration.number(named: name) as? V.Raw else {
                throw field.valueFault
            }
            raw = number
        } else {
            raw = try V.Raw.decode(
                json, field, sizeMax: field.sizeMax ?? V.sizeMax ?? BinaryDecoder.sizeMax)
        }
        do {
            return try V(raw: raw)
        } catch {
            throw field.valueFault
        }
    }

    private func elements(_ field: Field) throws(WireFault) -> [JSON] {
        guard let json = try value(field) else { return [] }
        guard case .array(let elements) = json else { throw field.valueFault }
        guard elements.count <= field.countMax ?? 0 else { throw field.tooLongFault }
        return elements
    }

    /// The value under either spelling of the field's name; nil when there is none, or null.
    private func value(_ field: Field) throws(WireFault) -> JSON? {
        var found: JSON?
        for member in members where field.isNamed(member.name) {
            guard found == nil else { throw .duplicate(field: field.name.description) }
            found = member.value
        }
        return found == .null ? nil : found
    }
}

extension Field {
    /// Whether `text` is the JSON name or its snake_case form.
    func isNamed(_ text: String) -> Bool {
        name.withUTF8Buffer { name in
            text.utf8.elementsEqual(name) || text.utf8.elementsEqual(SnakeCase(camelCase: name))
        }
    }
}

/// The document's form of a name: `expiresAt` is `expires_at`.
struct SnakeCase<Name: Sequence<UInt8>>: Sequence, IteratorProtocol {
    private var name: Name.Iterator
    private var waiting: UInt8?

    init(camelCase name: Name) { self.name = name.makeIterator() }

    var text: String { String(decoding: Array(self), as: UTF8.self) }

    mutating func next() -> UInt8? {
        if let it = waiting {
            waiting = nil
            return it
        }
        guard let it = name.next() else { return nil }
        guard (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(it) else { return it }
        waiting = it | 0x20
        return UInt8(ascii: "_")
    }
}

extension Message {
    /// From proto3 JSON in UTF-8; the same values are refused as in binary.
    package init(json: UnsafeRawBufferPointer) throws(WireFault) {
        var decoder = try JSONDecoder(try JSON(parsing: json), .json(at: 0))
        self = try Self(&decoder, nil)
    }

    package init(json: [UInt8]) throws(WireFault) {
        self = try json.withUnsafeBufferPointer { (json) throws(WireFault) in
            try Self(json: UnsafeRawBufferPointer(json))
        }
    }
}
