import Wire

/// What is kept of a secret that is only ever compared: without the key, which stands outside the
/// database, even a short one cannot be searched for.
package struct KeyedDigest: Sendable, Equatable {
    /// Of the key in the ring. Digests cannot be made again under another key: while any are
    /// left, their key stays in the ring, or what they stand for is void.
    package let keyName: String
    /// 32. Compare them with `constantTimeEquals`, or look them up: they are not guessable.
    package let bytes: [UInt8]
}

extension KeyRing {
    private static let digestInfo = Array("dubbelslot keyed digest 1".utf8)

    /// HMAC-SHA-256 of a secret under a key derived from the named one, by default the primary.
    /// Purpose and owner are part of it, each with its length before it: the same secret of
    /// another user, or for something else, has an unrelated digest. Takes microseconds, so the
    /// secret must be random.
    package func digest<Owner>(
        _ secret: some ByteSource, purpose: StaticString, owner: Identifier<Owner>,
        under keyName: String? = nil
    ) throws(CryptoFault) -> KeyedDigest {
        let name = keyName ?? primaryName
        let key = try HKDF.derive(
            .sha256, secret: try self.secret(name), salt: [UInt8](), info: Self.digestInfo,
            count: 32)
        var message: [UInt8] = []
        defer { wipe(&message) }
        let parts: [[UInt8]] = [purpose.withUTF8Buffer { Array($0) }, owner.bytes]
        for part in parts {
            withUnsafeBytes(of: UInt32(clamping: part.count).bigEndian) { message += $0 }
            message += part
        }
        secret.lend { message += $0 }
        return KeyedDigest(
            keyName: name, bytes: HMAC.authenticate(.sha256, key: key, message: message))
    }
}
