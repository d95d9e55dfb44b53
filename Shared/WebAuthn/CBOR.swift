import Wire

/// A CBOR data item (RFC 8949) in the canonical form of CTAP2 (§8), which authenticators speak:
/// definite lengths, every head as short as it can be, keys in order and each once, nesting of at
/// most four. So an item has exactly one encoding, and no two readers can see two things in it.
/// Refused beyond that is what no WebAuthn structure holds: floats, tags, undefined, further
/// simple values, integers over 63 bits, keys that are neither integer nor text.
///
/// The caller bounds the size; memory taken stays in proportion to it.
package enum CBOR: Sendable, Equatable {
    case integer(Int64)
    case bytes([UInt8])
    case text(String)
    case array([CBOR])
    /// In the order of the bytes, each key once.
    case map([Entry])
    case bool(Bool)
    case null

    package struct Entry: Sendable, Equatable {
        package let key: Key
        package let value: CBOR

        package init(_ key: Key, _ value: CBOR) {
            self.key = key
            self.value = value
        }
    }

    package enum Key: Sendable, Equatable {
        case integer(Int64)
        case text(String)
    }

    /// Maps and arrays within each other (CTAP2 §8).
    package static let nestingMax = 4

    /// The bytes are one item and nothing else.
    package init(parsing bytes: [UInt8]) throws(CBORFault) {
        let (item, count) = try Self.prefix(of: bytes)
        guard count == bytes.count else { throw .trailingBytes }
        self = item
    }

    /// The item that the bytes begin with, and how many bytes it takes: the key within
    /// authenticator data says its own end.
    package static func prefix(
        of bytes: [UInt8]
    ) throws(CBORFault) -> (item: CBOR, count: Int) {
        try bytes.span.bytes.withUnsafeBytes { (bytes) throws(CBORFault) in
            try prefix(of: bytes)
        }
    }

    package static func prefix(
        of bytes: UnsafeRawBufferPointer
    ) throws(CBORFault) -> (item: CBOR, count: Int) {
        var parser = CBORParser(bytes)
        let item = try parser.item(nesting: 0)
        return (item, parser.position)
    }

    /// The value under this key; nil when there is none or this is no map.
    package subscript(key: Int64) -> CBOR? {
        guard case .map(let entries) = self else { return nil }
        return entries.first { $0.key == .integer(key) }?.value
    }

    /// nil unless this is an integer.
    package var integer: Int64? {
        guard case .integer(let number) = self else { return nil }
        return number
    }

    /// nil unless this is a byte string.
    package var bytes: [UInt8]? {
        guard case .bytes(let bytes) = self else { return nil }
        return bytes
    }

    /// nil unless this is text.
    package var text: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }

    /// nil unless this is an array.
    package var elements: [CBOR]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// The values of a map whose keys are exactly these texts, in their order; nil for any other.
    package func members(_ names: StaticString...) -> [CBOR]? {
        guard case .map(let entries) = self, entries.count == names.count else { return nil }
        for (entry, name) in zip(entries, names) {
            // By bytes: Swift's `==` holds texts of other bytes for equal.
            guard case .text(let text) = entry.key,
                name.withUTF8Buffer({ text.utf8.elementsEqual($0) })
            else { return nil }
        }
        return entries.map(\.value)
    }

    /// The values of a map whose keys are exactly these integers, in their order; nil for any
    /// other.
    package func members(_ keys: [Int64]) -> [CBOR]? {
        guard case .map(let entries) = self, entries.map(\.key) == keys.map(Key.integer) else {
            return nil
        }
        return entries.map(\.value)
    }
}

/// Why bytes are not an item in canonical form.
package enum CBORFault: Error, Sendable, Equatable, CaseIterable {
    /// The item is longer than its bytes.
    case truncated
    case trailingBytes
    /// A head that is longer than its number needs.
    case notShortest
    case indefiniteLength
    /// A reserved head, a tag, a float, or a simple value other than true, false and null.
    case unsupported
    /// An integer outside of ±2^63.
    case integerTooLarge
    case notUTF8
    /// Neither an integer nor text.
    case keyType
    /// The same key again, or one that belongs before.
    case keyOrder
    case nestedTooDeep
}

/// Reads one item from the front. It calls itself once for each level of nesting, which is
/// bounded, and reserves no memory that the bytes have not paid for.
private struct CBORParser {
    private let bytes: UnsafeRawBufferPointer
    private var reader: ByteReader

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        reader = ByteReader(bytes)
    }

    var position: Int { reader.position }

    mutating func item(nesting: Int) throws(CBORFault) -> CBOR {
        guard let first = reader.readUInt8() else { throw .truncated }
        let major = first >> 5
        switch major {
        case 0: return .integer(try number(first))
        case 1: return .integer(-1 - (try number(first)))
        case 2: return .bytes(Array(try chunk(first)))
        case 3: return .text(try text(first))
        case 4: return .array(try elements(first, nesting))
        case 5: return .map(try entries(first, nesting))
        case 7: return try simple(first)
        default: throw .unsupported
        }
    }

    /// What the head of an item says: the number itself, or how long the item is.
    private mutating func argument(_ first: UInt8) throws(CBORFault) -> UInt64 {
        let read: (value: UInt64?, least: UInt64)
        switch first & 31 {
        case 0..<24: return UInt64(first & 31)
        case 24: read = (reader.readUInt8().map(UInt64.init), 24)
        case 25: read = (reader.readUInt16().map(UInt64.init), 1 << 8)
        case 26: read = (reader.readUInt32().map(UInt64.init), 1 << 16)
        case 27: read = (reader.readUInt64(), 1 << 32)
        case 31: throw .indefiniteLength
        default: throw .unsupported
        }
        guard let value = read.value else { throw .truncated }
        guard value >= read.least else { throw .notShortest }
        return value
    }

    private mutating func number(_ first: UInt8) throws(CBORFault) -> Int64 {
        guard let number = Int64(exactly: try argument(first)) else { throw .integerTooLarge }
        return number
    }

    /// How many; never more than there are bytes left, since each takes at least one.
    private mutating func count(_ first: UInt8) throws(CBORFault) -> Int {
        guard let count = Int(exactly: try argument(first)), count <= reader.remaining else {
            throw .truncated
        }
        return count
    }

    private mutating func chunk(_ first: UInt8) throws(CBORFault) -> UnsafeRawBufferPointer {
        guard let chunk = reader.readBytes(try count(first)) else { throw .truncated }
        return chunk
    }

    private mutating func text(_ first: UInt8) throws(CBORFault) -> String {
        guard let text = String(utf8: try chunk(first)) else { throw .notUTF8 }
        return text
    }

    private mutating func elements(_ first: UInt8, _ nesting: Int) throws(CBORFault) -> [CBOR] {
        guard nesting < CBOR.nestingMax else { throw .nestedTooDeep }
        var elements: [CBOR] = []
        for _ in 0..<(try count(first)) { elements.append(try item(nesting: nesting + 1)) }
        return elements
    }

    private mutating func entries(
        _ first: UInt8, _ nesting: Int
    ) throws(CBORFault) -> [CBOR.Entry] {
        guard nesting < CBOR.nestingMax else { throw .nestedTooDeep }
        var entries: [CBOR.Entry] = []
        var previous = 0..<0
        for _ in 0..<(try count(first)) {
            let start = position
            let key = try key()
            guard entries.isEmpty || isOrdered(previous, start..<position) else {
                throw .keyOrder
            }
            previous = start..<position
            entries.append(CBOR.Entry(key, try item(nesting: nesting + 1)))
        }
        return entries
    }

    private mutating func key() throws(CBORFault) -> CBOR.Key {
        guard let first = reader.readUInt8() else { throw .truncated }
        switch first >> 5 {
        case 0: return .integer(try number(first))
        case 1: return .integer(-1 - (try number(first)))
        case 3: return .text(try text(first))
        default: throw .keyType
        }
    }

    /// CTAP2 §8: by major type, then the shorter first, then by bytes. Equal keys are not in
    /// order, which refuses duplicates.
    private func isOrdered(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
        let majors = (bytes[left.lowerBound] >> 5, bytes[right.lowerBound] >> 5)
        if majors.0 != majors.1 { return majors.0 < majors.1 }
        if left.count != right.count { return left.count < right.count }
        return bytes[left].lexicographicallyPrecedes(bytes[right])
    }

    private func simple(_ first: UInt8) throws(CBORFault) -> CBOR {
        switch first & 31 {
        case 20: return .bool(false)
        case 21: return .bool(true)
        case 22: return .null
        case 31: throw .indefiniteLength
        default: throw .unsupported
        }
    }
}
