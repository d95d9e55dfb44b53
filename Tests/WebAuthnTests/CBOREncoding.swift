import WebAuthn

extension CBOR {
    /// As it stands, with the shortest heads; maps keep their order, right or wrong.
    var encoded: [UInt8] {
        switch self {
        case .integer(let number):
            number < 0 ? head(1, UInt64(-1 - number)) : head(0, UInt64(number))
        case .bytes(let bytes): head(2, UInt64(bytes.count)) + bytes
        case .text(let text): head(3, UInt64(text.utf8.count)) + text.utf8
        case .array(let elements):
            head(4, UInt64(elements.count)) + elements.flatMap(\.encoded)
        case .map(let entries):
            head(5, UInt64(entries.count))
                + entries.flatMap { $0.key.item.encoded + $0.value.encoded }
        case .bool(let it): [it ? 0xf5 : 0xf4]
        case .null: [0xf6]
        }
    }

    private func head(_ major: UInt8, _ argument: UInt64) -> [UInt8] {
        let type = major << 5
        let octets = (0..<8).map { UInt8(truncatingIfNeeded: argument >> (56 - 8 * $0)) }
        switch argument {
        case 0..<24: return [type | octets[7]]
        case 24..<0x100: return [type | 24, octets[7]]
        case 0x100..<0x1_0000: return [type | 25] + octets[6...]
        case 0x1_0000..<0x1_0000_0000: return [type | 26] + octets[4...]
        default: return [type | 27] + octets
        }
    }
}

extension CBOR.Key {
    var item: CBOR {
        switch self {
        case .integer(let number): .integer(number)
        case .text(let text): .text(text)
        }
    }
}
