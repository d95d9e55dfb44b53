/// A JSON text (RFC 8259) as a tree, parsed strictly. Numbers stay text, so that no digit is lost
/// before somebody knows what they mean. Refused beyond the RFC: duplicate names, lone surrogates,
/// a byte order mark, nesting deeper than `nestingMax`. The caller bounds the size.
@usableFromInline package enum JSON: Sendable, Equatable {
    case null
    case bool(Bool)
    /// As in the text, for example `-1.5e3`; written as it stands.
    case number(String)
    case string(String)
    case array([JSON])
    /// In the order of the text, each name once.
    case object([Member])

    @usableFromInline package struct Member: Sendable, Equatable {
        package let name: String
        package let value: JSON

        package init(_ name: String, _ value: JSON) {
            self.name = name
            self.value = value
        }
    }

    /// Arrays and objects within each other.
    package static let nestingMax = 64

    package init(parsing bytes: UnsafeRawBufferPointer) throws(WireFault) {
        var parser = JSONParser(bytes)
        self = try parser.whole()
    }

    package init(parsing bytes: some Sequence<UInt8>) throws(WireFault) {
        let bytes = Array(bytes)
        self = try bytes.withUnsafeBufferPointer { (bytes) throws(WireFault) in
            try JSON(parsing: UnsafeRawBufferPointer(bytes))
        }
    }

    /// The value of the member with this name; nil when there is none or this is no object.
    package subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    /// The element at this place; nil when there is none or this is no array.
    package subscript(index: Int) -> JSON? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// nil unless this is a string.
    package var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// nil unless this is an array.
    package var elements: [JSON]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// nil unless this is a whole number that fits, for example `12`, `1.2e1` or `12.0`.
    package func integer<Number: FixedWidthInteger>(_: Number.Type = Number.self) -> Number? {
        guard case .number(let text) = self else { return nil }
        return Number(wholeJSONNumber: text.utf8)
    }
}

extension JSON {
    /// The shortest text: no blanks, members in their order.
    package func serialized() -> [UInt8] {
        var output = OutputBuffer(capacity: 256)
        write(into: &output)
        return output.bytes
    }

    package func write(into output: inout OutputBuffer) {
        switch self {
        case .null: output.append(utf8: "null" as StaticString)
        case .bool(let it): output.append(utf8: it ? "true" : "false" as StaticString)
        case .number(let text): output.append(utf8: text)
        case .string(let text): output.append(json: text)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (position, element) in elements.enumerated() {
                if position > 0 { output.append(UInt8(ascii: ",")) }
                element.write(into: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            for (position, member) in members.enumerated() {
                if position > 0 { output.append(UInt8(ascii: ",")) }
                output.append(json: member.name)
                output.append(UInt8(ascii: ":"))
                member.value.write(into: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }
}

extension OutputBuffer {
    /// A JSON string with its quotation marks. Only what must be escaped is.
    package mutating func append(json text: String) {
        var text = text
        text.withUTF8 { append(jsonUTF8: UnsafeRawBufferPointer($0)) }
    }

    mutating func append(jsonUTF8 text: UnsafeRawBufferPointer) {
        append(UInt8(ascii: "\""))
        var clean = 0
        for (position, byte) in text.enumerated() {
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else {
                continue
            }
            append(UnsafeRawBufferPointer(rebasing: text[clean..<position]))
            clean = position + 1
            append(jsonEscape: byte)
        }
        append(UnsafeRawBufferPointer(rebasing: text[clean...]))
        append(UInt8(ascii: "\""))
    }

    private mutating func append(jsonEscape byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte)
        case UInt8(ascii: "\n"): append(UInt8(ascii: "n"))
        case UInt8(ascii: "\r"): append(UInt8(ascii: "r"))
        case UInt8(ascii: "\t"): append(UInt8(ascii: "t"))
        default:
            append(utf8: "u00" as StaticString)
            append(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
            let low = byte & 15
            append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
        }
    }
}

extension FixedWidthInteger {
    /// From a JSON number, whose grammar the parser has checked already: nil when it is not
    /// whole or does not fit. `1e3` and `1.50e1` are whole.
    init?(wholeJSONNumber text: some Collection<UInt8>) {
        var digits: [UInt8] = []
        var exponent = 0
        var isNegative = false
        var isFraction = false
        var rest = text[...]
        if rest.first == UInt8(ascii: "-") {
            isNegative = true
            rest = rest.dropFirst()
        }
        while let character = rest.first {
            rest = rest.dropFirst()
            if character == UInt8(ascii: ".") {
                isFraction = true
            } else if character | 0x20 == UInt8(ascii: "e") {
                guard let written = Int(String(decoding: rest, as: UTF8.self)) else { return nil }
                let (sum, overflow) = exponent.addingReportingOverflow(written)
                guard !overflow else { return nil }
                exponent = sum
                break
            } else {
                digits.append(character - UInt8(ascii: "0"))
                if isFraction { exponent -= 1 }
            }
        }
        self.init(digits: digits, exponent: exponent, isNegative: isNegative)
    }

    private init?(digits: [UInt8], exponent: Int, isNegative: Bool) {
        var digits = digits[...]
        var exponent = exponent
        while digits.last == 0 {
            digits.removeLast()
            // At most as many as there were digits, far from the ends of Int.
            exponent = exponent == Int.max ? exponent : exponent + 1
        }
        guard !digits.isEmpty else {
            self = 0
            return
        }
        // No integer here has more than 20 digits.
        guard exponent >= 0, exponent <= 20 else { return nil }
        var number: Self = 0
        for digit in digits + [UInt8](repeating: 0, count: exponent)[...] {
            let (tenfold, overflow) = number.multipliedReportingOverflow(by: 10)
            guard !overflow, let digit = Self(exactly: digit) else { return nil }
            let (sum, overflows) =
                isNegative
                ? tenfold.subtractingReportingOverflow(digit)
                : tenfold.addingReportingOverflow(digit)
            guard !overflows else { return nil }
            number = sum
        }
        self = number
    }
}
