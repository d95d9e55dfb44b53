import Wire

/// Where a sealed value stands. It is bound to this place: copied to another row, user, table or
/// column it does not open.
package struct SealedPlace: Sendable, Equatable {
    let parts: [[UInt8]]

    /// A value of a user. `table` and `column` are named as in the database.
    package init<Row, User>(
        table: StaticString, column: StaticString, row: Identifier<Row>, user: Identifier<User>
    ) {
        parts = [Self.bytes(table), Self.bytes(column), row.bytes, user.bytes]
    }

    /// A value that belongs to no user; `row` is its primary key.
    package init(table: StaticString, column: StaticString, row: String) {
        parts = [Self.bytes(table), Self.bytes(column), Array(row.utf8), []]
    }

    private static func bytes(_ text: StaticString) -> [UInt8] {
        text.withUTF8Buffer { Array($0) }
    }
}

/// The keys that stand outside the database, by name. The primary one seals; the others still
/// open what they sealed, until nothing is left under them.
///
/// A sealed value is `version (1) · name's length (1) · name · salt (16) · nonce (12) ·
/// ciphertext · tag (16)`. Its own key is HKDF-SHA-256 of the named key with the salt, so no
/// number of values wears a key out. Version, name, and place are bound as associated data, each
/// with its length before it.
package struct KeyRing: Sendable {
    struct Key: Sendable {
        let name: String
        let secret: SecretBytes
    }

    private static let version: UInt8 = 1
    private static let saltSize = 16
    private static let info = Array("dubbelslot sealed value 1".utf8)

    private let keys: [String: SecretBytes]
    private let primary: Key

    /// In the order of the file.
    package let names: [String]
    package var primaryName: String { primary.name }

    init(keys: [Key], primary: Key) {
        self.keys = Dictionary(keys.map { ($0.name, $0.secret) }) { first, _ in first }
        self.primary = primary
        names = keys.map(\.name)
    }

    /// Seals under the primary key.
    package func seal(
        _ plaintext: some ByteSource, for place: SealedPlace
    ) throws(CryptoFault) -> Bytes {
        var sealed = Self.head(primary.name)
        let salt = try Random.bytes(Self.saltSize)
        sealed += salt
        sealed += try AEAD.seal(
            plaintext, under: try Self.derive(primary.secret, salt),
            binding: Self.associated(primary.name, place))
        return Bytes(sealed)
    }

    /// Throws `.malformed`, `.keyUnknown`, or `.inauthentic` when the value was changed or stands
    /// in another place than it was sealed for.
    package func open(
        _ sealed: Bytes, for place: SealedPlace
    ) throws(CryptoFault) -> SecretBytes {
        let (name, body) = try Self.split(sealed)
        return try AEAD.open(
            body.dropFirst(Self.saltSize),
            under: try Self.derive(secret(name), Array(body.prefix(Self.saltSize))),
            binding: Self.associated(name, place))
    }

    /// The named key itself; to derive from, never to use.
    func secret(_ name: String) throws(CryptoFault) -> SecretBytes {
        guard let secret = keys[name] else { throw .keyUnknown(name: name) }
        return secret
    }

    /// The name of the key a value was sealed under. It is not proved before the value opens.
    package static func keyName(of sealed: Bytes) throws(CryptoFault) -> String {
        try split(sealed).name
    }

    /// True when the value should be opened and sealed again, under today's primary key.
    package func isOutdated(_ sealed: Bytes) throws(CryptoFault) -> Bool {
        try Self.split(sealed).name != primary.name
    }

    /// With what every value sealed under the named key begins, and no other: to count and find
    /// them in the database.
    package static func head(_ name: String) -> [UInt8] {
        [version, UInt8(clamping: name.utf8.count)] + Array(name.utf8)
    }

    private static func split(
        _ sealed: Bytes
    ) throws(CryptoFault) -> (name: String, body: ArraySlice<UInt8>) {
        let bytes = sealed.array
        guard bytes.count > 2, bytes[0] == version else { throw .malformed }
        let bodyStart = 2 + Int(bytes[1])
        guard bytes.count >= bodyStart + saltSize + AEAD.overhead,
            let name = String(validating: bytes[2..<bodyStart], as: UTF8.self)
        else { throw .malformed }
        return (name, bytes[bodyStart...])
    }

    private static func derive(
        _ secret: SecretBytes, _ salt: [UInt8]
    ) throws(CryptoFault) -> SecretBytes {
        try HKDF.derive(.sha256, secret: secret, salt: salt, info: info, count: AEAD.keySize)
    }

    private static func associated(_ name: String, _ place: SealedPlace) -> [UInt8] {
        ([[version], Array(name.utf8)] + place.parts).flatMap { part in
            withUnsafeBytes(of: UInt32(clamping: part.count).bigEndian) { Array($0) } + part
        }
    }
}
