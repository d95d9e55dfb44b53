import Testing
import WebAuthn
import Wire

@Suite struct CBORTests {
    @Test(arguments: [
        ("00", CBOR.integer(0)), ("17", .integer(23)), ("1818", .integer(24)),
        ("18ff", .integer(255)), ("190100", .integer(256)), ("1a00010000", .integer(65536)),
        ("1b0000000100000000", .integer(1 << 32)), ("1b7fffffffffffffff", .integer(.max)),
        ("20", .integer(-1)), ("3863", .integer(-100)), ("390100", .integer(-257)),
        ("3b7fffffffffffffff", .integer(.min)), ("40", .bytes([])), ("420102", .bytes([1, 2])),
        ("60", .text("")), ("62c3a9", .text("é")), ("80", .array([])),
        ("820102", .array([.integer(1), .integer(2)])), ("a0", .map([])),
        ("a10102", .map([.init(.integer(1), .integer(2))])), ("f4", .bool(false)),
        ("f5", .bool(true)), ("f6", .null), ("8181818100", nested(4)),
    ])
    func `an item is read, and written again it is the same`(text: String, item: CBOR) throws {
        #expect(try CBOR(parsing: octets(text)) == item)
        #expect(item.encoded == octets(text))
    }

    @Test func `keys are ordered by type, then the shorter before the longer, then by bytes`()
        throws
    {
        let keys: [CBOR.Key] = [
            .integer(0), .integer(10), .integer(24), .integer(1000), .integer(-1), .integer(-25),
            .text(""), .text("b"), .text("aa"), .text("ab"),
        ]
        let entries = keys.map { CBOR.Entry($0, .null) }
        let item = try CBOR(parsing: CBOR.map(entries).encoded)
        #expect(item == .map(entries))
        for (left, right) in zip(keys.indices, keys.indices.dropFirst()) {
            var swapped = entries
            swapped.swapAt(left, right)
            #expect(throws: CBORFault.keyOrder) { try CBOR(parsing: CBOR.map(swapped).encoded) }
            swapped[left] = swapped[right]
            #expect(throws: CBORFault.keyOrder) { try CBOR(parsing: CBOR.map(swapped).encoded) }
        }
    }

    @Test(arguments: [
        ("", CBORFault.truncated), ("18", .truncated), ("1900", .truncated), ("41", .truncated),
        ("81", .truncated), ("a1", .truncated), ("a101", .truncated),
        ("5b7fffffffffffffff", .truncated),
        ("5bffffffffffffffff", .truncated), ("9bffffffffffffffff", .truncated),
        ("bbffffffffffffffff", .truncated), ("9a0001000000", .truncated), ("0000", .trailingBytes),
        ("a000", .trailingBytes), ("1817", .notShortest), ("1900ff", .notShortest),
        ("1a0000ffff", .notShortest), ("1b00000000ffffffff", .notShortest), ("3817", .notShortest),
        ("580101", .notShortest), ("780161", .notShortest), ("980100", .notShortest),
        ("b8010000", .notShortest), ("5f4101ff", .indefiniteLength), ("7fff", .indefiniteLength),
        ("9fff", .indefiniteLength), ("bfff", .indefiniteLength), ("ff", .indefiniteLength),
        ("1f", .indefiniteLength), ("1c", .unsupported), ("5d", .unsupported),
        ("c000", .unsupported), ("d9d9f700", .unsupported), ("f7", .unsupported),
        ("e0", .unsupported), ("f814", .unsupported), ("f8ff", .unsupported),
        ("f93c00", .unsupported), ("fa3f800000", .unsupported),
        ("fb3ff0000000000000", .unsupported),
        ("1b8000000000000000", .integerTooLarge), ("3bffffffffffffffff", .integerTooLarge),
        ("61ff", .notUTF8), ("62c0af", .notUTF8), ("63eda080", .notUTF8), ("a161ff00", .notUTF8),
        ("a14100", .keyType), ("a1f400", .keyType), ("a18000", .keyType), ("a1a000", .keyType),
        ("a201000100", .keyOrder), ("a202000100", .keyOrder), ("a220000100", .keyOrder),
        ("a2616100616100", .keyOrder), ("818181818100", .nestedTooDeep),
        ("a100a100a100a100a10000", .nestedTooDeep), ("81a10081a10080", .nestedTooDeep),
    ])
    func `everything else is refused`(text: String, fault: CBORFault) {
        #expect(throws: fault) { try CBOR(parsing: octets(text)) }
    }

    @Test func `a prefix says where it ends`() throws {
        let (item, count) = try CBOR.prefix(of: octets("a10102ff"))
        #expect(item == .map([.init(.integer(1), .integer(2))]))
        #expect(count == 3)
        #expect(throws: CBORFault.truncated) { try CBOR.prefix(of: octets("a101")) }
    }

    @Test func `a long claim takes no memory, and deep nesting no stack`() {
        let deep = [UInt8](repeating: 0x81, count: 1_000_000)
        #expect(throws: CBORFault.nestedTooDeep) { try CBOR(parsing: deep) }
        let wide = octets("9a7fffffff") + [UInt8](repeating: 0, count: 1000)
        #expect(throws: CBORFault.truncated) { try CBOR(parsing: wide) }
    }

    @Test func `members are found by their bytes, all of them or none`() {
        let item = CBOR.map([.init(.text("a"), .null), .init(.text("K"), .bool(true))])
        #expect(item.members("a", "K") == [.null, .bool(true)])
        #expect(item.members("K", "a") == nil)
        #expect(item.members("a") == nil)
        #expect(CBOR.array([]).members() == nil)
        // The Kelvin sign is canonically the same as K.
        let kelvin = CBOR.map([.init(.text("\u{212a}"), .null)])
        #expect(kelvin.members("K") == nil)
        let numbered = CBOR.map([.init(.integer(1), .null), .init(.integer(-1), .null)])
        #expect(numbered.members([1, -1]) == [.null, .null])
        #expect(numbered.members([1]) == nil)
    }

    private static func nested(_ depth: Int) -> CBOR {
        depth == 0 ? .integer(0) : .array([nested(depth - 1)])
    }

    private func octets(_ text: String) -> [UInt8] { Base16.decode(text.utf8) ?? [] }
}
