import Wire

/// Records of other systems, which imported users bring along.
///
/// | form | made by |
/// |---|---|
/// | 64 hexadecimal characters, lower case | the system that this one replaces |
/// | `$scrypt$ln=15,r=8,p=1$salt$key` | PHC string format, passlib |
/// | `$pbkdf2-sha256$i=600000$salt$key`, `…,l=32$…` | PHC string format |
/// | `$pbkdf2-sha256$29000$salt$key`, `$pbkdf2$…` | passlib, whose base64 has `.` for `+` |
/// | `pbkdf2_sha256$600000$salt$key` | Django; the salt is its characters, the key padded |
///
/// In all of them but the first SHA-1, SHA-256 and SHA-512 are known. The password is hashed in
/// normal form C, as everywhere here: one that another system hashed with its accents decomposed
/// does not fit and has to be reset.
extension PasswordRecord {
    /// The most that checking an imported record may cost: twice a hash of our own.
    package static let importedCostMax = 2 * PasswordHash.Parameters.standard.cost
    package static let importedTextMax = 512

    /// Throws `.malformed` for any other form, `.outOfBounds` for what is too cheap, too costly
    /// or wants more than `memoryMax` bytes. Nothing is kept of either.
    ///
    /// - Parameter memoryMax: what one hash may take here. The form of the system that this one
    ///   replaces needs 16 MiB.
    package init(
        importing text: some ByteSource,
        memoryMax: Int = PasswordHash.Parameters.standard.memory
    ) throws(CryptoFault) {
        let bytes = text.lend { $0.count <= Self.importedTextMax ? Array($0) : [] }
        let parts = bytes.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
        switch (parts.count, parts[0].isEmpty) {
        case (1, false): try self.init(replacing: bytes)
        case (4, false): try self.init(django: parts)
        case (5, true): try self.init(modular: parts)
        case _: throw .malformed
        }
        guard derivation.cost(keySize: key.count) <= Self.importedCostMax,
            derivation.memory <= memoryMax
        else { throw .outOfBounds(what: "a password record's cost") }
    }

    /// 16 characters that are the salt as they stand, and 48 that are the 24 bytes of a key.
    private init(replacing text: [UInt8]) throws(CryptoFault) {
        guard text.count == 64, Base16.decode(text) != nil,
            let key = Base16.decode(text.dropFirst(16)),
            let parameters = PasswordHash.Parameters(log2N: 14, r: 8, p: 1)
        else { throw .malformed }
        try self.init(checking: .scrypt(parameters), salt: Array(text.prefix(16)), key: key)
    }

    private init(django parts: [ArraySlice<UInt8>]) throws(CryptoFault) {
        guard parts[0].starts(with: "pbkdf2_".utf8),
            let algorithm = HMAC.Algorithm(schemeName: parts[0].dropFirst(7)),
            let iterations = PasswordDerivation.number(parts[1]),
            parts[2].allSatisfy({ 0x21...0x7e ~= $0 }), let key = Base64.decode(parts[3])
        else { throw .malformed }
        try self.init(
            checking: try .pbkdf2(algorithm, iterations: iterations), salt: Array(parts[2]),
            key: key)
    }

    /// The modular crypt form: PHC, or passlib's own where the cost is a bare number.
    private init(modular parts: [ArraySlice<UInt8>]) throws(CryptoFault) {
        if let iterations = PasswordDerivation.number(parts[2]) {
            let scheme = parts[1]
            let isPlain = scheme.elementsEqual("pbkdf2".utf8)
            guard isPlain || scheme.starts(with: "pbkdf2-".utf8),
                let algorithm = isPlain
                    ? HMAC.Algorithm.sha1 : HMAC.Algorithm(schemeName: scheme.dropFirst(7)),
                let salt = Self.bytes(adapted: parts[3]), let key = Self.bytes(adapted: parts[4])
            else { throw .malformed }
            try self.init(
                checking: try .pbkdf2(algorithm, iterations: iterations), salt: salt, key: key)
            return
        }
        var cost = parts[2]
        var length: Int?
        if let comma = cost.lastIndex(of: UInt8(ascii: ",")),
            cost[comma...].starts(with: ",l=".utf8)
        {
            length = PasswordDerivation.number(cost[comma...], after: ",l=")
            guard length != nil else { throw .malformed }
            cost = cost[..<comma]
        }
        let derivation = try PasswordDerivation(scheme: parts[1], cost: cost)
        guard let salt = Self.bytes(unpadded: parts[3]), let key = Self.bytes(unpadded: parts[4]),
            length == nil || length == key.count
        else { throw .malformed }
        try self.init(checking: derivation, salt: salt, key: key)
    }

    /// Passlib's base64: no padding, and `.` in the place of `+`.
    private static func bytes(adapted text: ArraySlice<UInt8>) -> [UInt8]? {
        guard !text.contains(UInt8(ascii: "+")) else { return nil }
        return bytes(
            unpadded: ArraySlice(text.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: "+") : $0 }))
    }
}
