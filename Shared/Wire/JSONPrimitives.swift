/// Values of the proto3 JSON mapping (protobuf.dev, "ProtoJSON Format").

extension Field {
    /// A refusal of this field's value.
    @usableFromInline var valueFault: WireFault { .value(field: name.description) }
    @usableFromInline var tooLongFault: WireFault { .tooLong(field: name.description) }
}

extension OutputBuffer {
    mutating func append(decimal number: some FixedWidthInteger, isQuoted: Bool) {
        if isQuoted { append(UInt8(ascii: "\"")) }
        append(utf8: String(number))
        if isQuoted { append(UInt8(ascii: "\"")) }
    }
}

extension JSON {
    /// Numbers may come as such or as text, whole, in any notation of JSON.
    func number<Number: FixedWidthInteger>(_ field: Field) throws(WireFault) -> Number {
        switch self {
        case .number(let text):
            guard let number = Number(wholeJSONNumber: text.utf8) else { throw field.valueFault }
            return number
        case .string(let text):
            // What is in the text must itself be a number by the grammar.
            guard text.utf8.count <= 64 else { throw field.valueFault }
            let inner: JSON
            do {
                inner = try JSON(parsing: text.utf8)
            } catch {
                throw field.valueFault
            }
            guard case .number(let exact) = inner, exact.utf8.count == text.utf8.count,
                let number = Number(wholeJSONNumber: exact.utf8)
            else { throw field.valueFault }
            return number
        case .null, .bool, .array, .object: throw field.valueFault
        }
    }
}

extension String {
    @usableFromInline package func encodeJSON(into output: inout OutputBuffer) {
        output.append(json: self)
    }

    @usableFromInline package static func decode(
        _ json: JSON, _ field: Field, sizeMax: Int
    ) throws(WireFault) -> String {
        guard case .string(let text) = json else { throw field.valueFault }
        guard text.utf8.count <= sizeMax else { throw field.tooLongFault }
        guard !text.utf8.contains(0) else { throw field.valueFault }
        return text
    }
}

extension Bytes {
    @usableFromInline package func encodeJSON(into output: inout OutputBuffer) {
        output.append(UInt8(ascii: "\""))
        output.append(utf8: Base64.encode(array))
        output.append(UInt8(ascii: "\""))
    }

    /// Either alphabet of base 64, padded or not, but no mixture and no stray bits.
    @usableFromInline package static func decode(
        _ json: JSON, _ field: Field, sizeMax: Int
    ) throws(WireFault) -> Bytes {
        guard case .string(let text) = json else { throw field.valueFault }
        // Four characters for three bytes; compared without a product that could overflow.
        guard text.utf8.count / 4 <= sizeMax / 3 + 1 else { throw field.tooLongFault }
        guard let bytes = Base64.decode(anyForm: text.utf8) else { throw field.valueFault }
        guard bytes.count <= sizeMax else { throw field.tooLongFault }
        return Bytes(bytes)
    }
}

extension Base64 {
    static func decode(anyForm text: String.UTF8View) -> [UInt8]? {
        let length = text.count
        let signs = text.suffix(2).count { $0 == UInt8(ascii: "=") }
        guard signs == 0 || length.isMultiple(of: 4) else { return nil }
        let characters = text.prefix(length - signs)
        let isURL = characters.contains { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
        return (isURL ? Alphabet.base64URL : Alphabet.base64Unpadded).decode(characters)
    }
}

extension Bool {
    @usableFromInline package func encodeJSON(into output: inout OutputBuffer) {
        output.append(utf8: self ? "true" : "false" as StaticString)
    }

    @usableFromInline package static func decode(
        _ json: JSON, _ field: Field, sizeMax: Int
    ) throws(WireFault) -> Bool {
        guard case .bool(let it) = json else { throw field.valueFault }
        return it
    }
}

extension UInt32 {
    @usableFromInline package func encodeJSON(into output: inout OutputBuffer) {
        output.append(decimal: self, isQuoted: false)
    }

    @usableFromInline package static func decode(
        _ json: JSON, _ field: Field, sizeMax: Int
    ) throws(WireFault) -> UInt32 {
        try json.number(field)
    }
}

extension UInt64 {
    /// Quoted, because readers in JavaScript know whole numbers only up to 2^53.
    @usableFromInline package func encodeJSON(into output: inout OutputBuffer) {
        output.append(decimal: self, isQuoted: true)
    }

    @usableFromInline package static func decode(
        _ json: JSON, _ field: Field, sizeMax: Int
    ) throws(WireFault) -> UInt64 {
        try json.number(field)
    }
}

extension Int64 {
    /// Quoted, because readers in JavaScript know whole numbers only up to 2^53.
    @usableFromInline package func encodeJSON(into output: inout OutputBuffer) {
        output.append(decimal: self, isQuoted: true)
    }

    @usableFromInline package static func decode(
        _ json: JSON, _ field: Field, sizeMax: Int
    ) throws(WireFault) -> Int64 {
        try json.number(field)
    }
}

extension EnumerationNumber {
    /// Names are written by the coder, which knows the enumeration.
    @usableFromInline package func encodeJSON(into output: inout OutputBuffer) {
        output.append(decimal: value, isQuoted: false)
    }

    @usableFromInline package static func decode(
        _ json: JSON, _ field: Field, sizeMax: Int
    ) throws(WireFault) -> EnumerationNumber {
        guard case .number = json else { throw field.valueFault }
        return EnumerationNumber(try json.number(field))
    }
}

extension Timestamp {
    @usableFromInline package func encodeJSON(into output: inout OutputBuffer) {
        output.append(json: text)
    }

    @usableFromInline package static func decode(
        _ json: JSON, _ field: Field, sizeMax: Int
    ) throws(WireFault) -> Timestamp {
        guard case .string(let text) = json, let it = Timestamp(text) else {
            throw field.valueFault
        }
        return it
    }
}
