/// A password as it is judged and hashed: the UTF-8 of its normalisation form C, so that one
/// typed on a system that decomposes accents is the same (NIST SP 800-63B-4 §3.1.1.2). Nothing
/// else is changed: blanks, case and NUL stand as typed.
package struct Password: Sendable {
    let utf8: SecretBytes
    /// Code points of the normal form, which is how a password's length is counted.
    package let scalarCount: Int

    package init(_ typed: String) {
        var bytes = typed.nfcUTF8
        // UTF-8 has one leading byte per code point.
        scalarCount = bytes.count { $0 & 0b1100_0000 != 0b1000_0000 }
        utf8 = SecretBytes(taking: &bytes)
    }

    /// A text for an initial password: 20 characters of Crockford's base 32 in groups of five,
    /// 100 random bits, without the characters that are mistaken for each other.
    package static func randomText() throws(CryptoFault) -> String {
        let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")
        var text = ""
        for (position, byte) in try Random.bytes(20).enumerated() {
            if position > 0, position.isMultiple(of: 5) { text += "-" }
            // 256 is a multiple of 32: no character is likelier than another.
            text.append(alphabet[Int(byte % 32)])
        }
        return text
    }
}

extension Password: CustomStringConvertible {
    package var description: String { "a password" }
}
