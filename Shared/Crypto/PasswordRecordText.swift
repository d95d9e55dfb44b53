import Wire

/// The stored form of a record. Exactly one text stands for a record, of a bounded cost;
/// anything else is refused.
extension PasswordRecord {
    package static let textMax = 128

    package var text: SecretBytes {
        let cost = "ln=\(parameters.log2N),r=\(parameters.r),p=\(parameters.p)"
        let saltText = Self.unpadded(Base64.encode(salt))
        let keyText = Self.unpadded(Base64.encode(key.revealed()))
        var bytes = Array("$scrypt$\(cost)$\(saltText)$\(keyText)".utf8)
        return SecretBytes(taking: &bytes)
    }

    /// Throws `.malformed` when this is no text of a record, `.outOfBounds` when its cost is.
    package init(parsing text: some ByteSource) throws(CryptoFault) {
        let bytes = text.lend { $0.count <= Self.textMax ? Array($0) : [] }
        let parts = bytes.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1].elementsEqual("scrypt".utf8) else {
            throw .malformed
        }
        let costs = parts[2].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard costs.count == 3, let log2N = Self.number(costs[0], after: "ln="),
            let r = Self.number(costs[1], after: "r="), let p = Self.number(costs[2], after: "p=")
        else { throw .malformed }
        guard let parameters = PasswordHash.Parameters(log2N: log2N, r: r, p: p) else {
            throw .outOfBounds(what: "a password record's cost")
        }
        // 16 bytes end in two signs of padding, 32 bytes in one.
        guard let salt = Base64.decode(parts[3] + [UInt8](repeating: UInt8(ascii: "="), count: 2)),
            var key = Base64.decode(parts[4] + [UInt8(ascii: "=")]),
            salt.count == PasswordHash.saltSize, key.count == PasswordHash.keySize
        else { throw .malformed }
        self.init(parameters: parameters, salt: salt, key: SecretBytes(taking: &key))
    }

    private static func unpadded(_ text: String) -> Substring {
        text.prefix { $0 != "=" }
    }

    /// A decimal number of at most three digits without leading zeros.
    private static func number(_ text: ArraySlice<UInt8>, after name: StaticString) -> Int? {
        let matches = name.withUTF8Buffer { text.starts(with: $0) }
        let digits = text.dropFirst(name.utf8CodeUnitCount)
        guard matches, 1...3 ~= digits.count, digits.first != UInt8(ascii: "0") else { return nil }
        var value = 0
        for digit in digits {
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }
}
