/// The grammar of RFC 8259, one function per production. Positions are always within the bytes.
struct JSONParser {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var nesting = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func whole() throws(WireFault) -> JSON {
        skipBlanks()
        let value = try value()
        skipBlanks()
        guard position == bytes.count else { throw refusal }
        return value
    }

    private var refusal: WireFault { .json(at: position) }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipBlanks() {
        while let byte = next,
            byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
                || byte == UInt8(ascii: "\t")
        {
            position += 1
        }
    }

    private mutating func value() throws(WireFault) -> JSON {
        guard let byte = next else { throw refusal }
        switch byte {
        case UInt8(ascii: "{"):
            return .object(try nested { (it) throws(WireFault) in try it.members() })
        case UInt8(ascii: "["):
            return .array(try nested { (it) throws(WireFault) in try it.elements() })
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func nested<Contents>(
        _ contents: (inout Self) throws(WireFault) -> Contents
    ) throws(WireFault) -> Contents {
        guard nesting < JSON.nestingMax else { throw .nestedTooDeep }
        nesting += 1
        position += 1
        skipBlanks()
        let it = try contents(&self)
        nesting -= 1
        return it
    }

    private mutating func literal(_ word: StaticString, _ value: JSON) throws(WireFault) -> JSON {
        let isThere = word.withUTF8Buffer { bytes[position...].starts(with: $0) }
        guard isThere else { throw refusal }
        position += word.utf8CodeUnitCount
        return value
    }

    private mutating func elements() throws(WireFault) -> [JSON] {
        var elements: [JSON] = []
        if take("]") { return elements }
        while true {
            elements.append(try value())
            skipBlanks()
            if take("]") { return elements }
            guard take(",") else { throw refusal }
            skipBlanks()
        }
    }

    private mutating func members() throws(WireFault) -> [JSON.Member] {
        var members: [JSON.Member] = []
        var names = NameSet()
        if take("}") { return members }
        while true {
            let start = position
            let name = try string()
            guard names.insert(name) else { throw .json(at: start) }
            skipBlanks()
            guard take(":") else { throw refusal }
            skipBlanks()
            members.append(JSON.Member(name, try value()))
            skipBlanks()
            if take("}") { return members }
            guard take(",") else { throw refusal }
            skipBlanks()
        }
    }

    private mutating func number() throws(WireFault) -> String {
        let start = position
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func digits() throws(WireFault) {
        let start = position
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            position += 1
        }
        guard position > start else { throw refusal }
    }
}

extension JSONParser {
    private mutating func string() throws(WireFault) -> String {
        guard take("\"") else { throw refusal }
        let start = position
        while let byte = next {
            if byte == UInt8(ascii: "\"") {
                let text = try text(
                    UnsafeRawBufferPointer(rebasing: bytes[start..<position]), start)
                position += 1
                return text
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
            guard byte >= 0x20 else { throw refusal }
            position += 1
        }
        throw refusal
    }

    /// The rest of a string from its first escape on.
    private mutating func escapedString(from start: Int) throws(WireFault) -> String {
        var unescaped = Array(bytes[start..<position])
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return try unescaped.withUnsafeBufferPointer { (unescaped) throws(WireFault) in
                    try text(UnsafeRawBufferPointer(unescaped), start)
                }
            case UInt8(ascii: "\\"):
                position += 1
                try escape(into: &unescaped)
            case 0..<0x20: throw refusal
            default:
                unescaped.append(byte)
                position += 1
            }
        }
        throw refusal
    }

    private func text(_ utf8: UnsafeRawBufferPointer, _ start: Int) throws(WireFault) -> String {
        guard let text = String(utf8: utf8) else { throw .json(at: start) }
        return text
    }

    private mutating func escape(into unescaped: inout [UInt8]) throws(WireFault) {
        guard let byte = next else { throw refusal }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(byte)
        case UInt8(ascii: "b"): unescaped.append(0x08)
        case UInt8(ascii: "f"): unescaped.append(0x0c)
        case UInt8(ascii: "n"): unescaped.append(0x0a)
        case UInt8(ascii: "r"): unescaped.append(0x0d)
        case UInt8(ascii: "t"): unescaped.append(0x09)
        case UInt8(ascii: "u"):
            position += 1
            unescaped.append(contentsOf: String(Character(try unicodeEscape())).utf8)
            return
        default: throw refusal
        }
        position += 1
    }

    /// Behind `\u`. A character outside the basic plane is two escapes; half of one is refused,
    /// because it has no form in UTF-8.
    private mutating func unicodeEscape() throws(WireFault) -> Unicode.Scalar {
        let unit = try hexadecimal()
        if let character = Unicode.Scalar(unit) { return character }
        guard (0xd800..<0xdc00).contains(unit), take("\\"), take("u") else { throw refusal }
        let low = try hexadecimal()
        guard (0xdc00..<0xe000).contains(low),
            let character = Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00))
        else { throw refusal }
        return character
    }

    private mutating func hexadecimal() throws(WireFault) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw refusal
            }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        return unit
    }
}

/// The names of one object. Compared by their bytes: String's own `==` also takes different
/// spellings of the same characters as equal, which the RFC does not.
private struct NameSet {
    private var few: [String] = []
    private var many: Set<[UInt8]> = []
    /// Up to here a search is cheaper than a table.
    private static let fewMax = 16

    /// False when it was there.
    mutating func insert(_ name: String) -> Bool {
        if !many.isEmpty { return many.insert(Array(name.utf8)).inserted }
        guard !few.contains(where: { $0.utf8.elementsEqual(name.utf8) }) else { return false }
        few.append(name)
        if few.count == Self.fewMax { many = Set(few.map { Array($0.utf8) }) }
        return true
    }
}
