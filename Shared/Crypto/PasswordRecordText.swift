import Wire

/// The stored form of a record. Exactly one text stands for a record, of a bounded cost;
/// anything else is refused.
/// ```
/// $scrypt$ln=17,r=8,p=1$salt$key
/// $pbkdf2-sha256$i=600000$salt$key
/// ```
extension PasswordRecord {
    package static let textMax = 256

    package var text: SecretBytes {
        let saltText = Self.unpadded(Base64.encode(salt))
        let keyText = Self.unpadded(Base64.encode(key.revealed()))
        var bytes = Array("$\(derivation.text)$\(saltText)$\(keyText)".utf8)
        return SecretBytes(taking: &bytes)
    }

    /// Throws `.malformed` when this is no text of a record, `.outOfBounds` when its cost is.
    package init(parsing text: some ByteSource) throws(CryptoFault) {
        let bytes = text.lend { $0.count <= Self.textMax ? Array($0) : [] }
        let parts = bytes.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty else { throw .malformed }
        let derivation = try PasswordDerivation(scheme: parts[1], cost: parts[2])
        guard let salt = Self.bytes(unpadded: parts[3]), let key = Self.bytes(unpadded: parts[4])
        else { throw .malformed }
        try self.init(checking: derivation, salt: salt, key: key)
    }

    /// Throws `.outOfBounds` for a salt or key that is too short or too long.
    init(
        checking derivation: PasswordDerivation, salt: [UInt8], key: [UInt8]
    ) throws(CryptoFault) {
        guard Self.saltRange.contains(salt.count) else {
            throw .outOfBounds(what: "a password record's salt")
        }
        guard Self.keyRange.contains(key.count) else {
            throw .outOfBounds(what: "a password record's key")
        }
        var key = key
        self.init(derivation: derivation, salt: salt, key: SecretBytes(taking: &key))
    }

    private static func unpadded(_ text: String) -> Substring {
        text.prefix { $0 != "=" }
    }

    /// Base64 whose padding was left out.
    static func bytes(unpadded text: ArraySlice<UInt8>) -> [UInt8]? {
        guard text.last != UInt8(ascii: "=") else { return nil }
        return Base64.decode(
            text + [UInt8](repeating: UInt8(ascii: "="), count: (4 - text.count % 4) % 4))
    }
}

extension PasswordDerivation {
    fileprivate var text: String {
        switch self {
        case .scrypt(let it): "scrypt$ln=\(it.log2N),r=\(it.r),p=\(it.p)"
        case .pbkdf2(let it): "pbkdf2-\(it.algorithm.schemeName)$i=\(it.iterations)"
        }
    }

    /// From `scrypt` and `ln=17,r=8,p=1`, or `pbkdf2-sha256` and `i=600000`.
    init(scheme: ArraySlice<UInt8>, cost: ArraySlice<UInt8>) throws(CryptoFault) {
        if scheme.elementsEqual("scrypt".utf8) {
            let costs = cost.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            guard costs.count == 3,
                let log2N = Self.number(costs[0], after: "ln=", digitsMax: 3),
                let r = Self.number(costs[1], after: "r=", digitsMax: 3),
                let p = Self.number(costs[2], after: "p=", digitsMax: 3)
            else { throw .malformed }
            self = try .checked(PasswordHash.Parameters(log2N: log2N, r: r, p: p).map(Self.scrypt))
            return
        }
        guard scheme.starts(with: "pbkdf2-".utf8),
            let algorithm = HMAC.Algorithm(schemeName: scheme.dropFirst(7)),
            let iterations = Self.number(cost, after: "i=")
        else { throw .malformed }
        self = try .pbkdf2(algorithm, iterations: iterations)
    }

    static func pbkdf2(
        _ algorithm: HMAC.Algorithm, iterations: Int
    ) throws(CryptoFault) -> PasswordDerivation {
        try checked(PBKDF2.Parameters(algorithm, iterations: iterations).map(Self.pbkdf2))
    }

    private static func checked(
        _ derivation: PasswordDerivation?
    ) throws(CryptoFault) -> PasswordDerivation {
        guard let derivation else { throw .outOfBounds(what: "a password record's cost") }
        return derivation
    }

    /// A decimal number of at most `digitsMax` digits without leading zeros.
    static func number(
        _ text: ArraySlice<UInt8>, after name: StaticString = "", digitsMax: Int = 7
    ) -> Int? {
        let matches = name.withUTF8Buffer { text.starts(with: $0) }
        let digits = text.dropFirst(name.utf8CodeUnitCount)
        guard matches, 1...digitsMax ~= digits.count, digits.first != UInt8(ascii: "0") else {
            return nil
        }
        var value = 0
        for digit in digits {
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }
}

extension HMAC.Algorithm {
    fileprivate var schemeName: String {
        switch self {
        case .sha1: "sha1"
        case .sha256: "sha256"
        case .sha512: "sha512"
        }
    }

    init?(schemeName: ArraySlice<UInt8>) {
        guard let it = Self.allCases.first(where: { schemeName.elementsEqual($0.schemeName.utf8) })
        else { return nil }
        self = it
    }
}
