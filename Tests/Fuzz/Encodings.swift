import Wire

/// The base encodings: one text for each sequence of octets and one sequence for each text.
func fuzz(_ input: UnsafeRawBufferPointer) {
    let octets = Array(input)
    check(octets, Base16.encode, Base16.decode)
    check(octets, Base32.encode) { Base32.decode($0) }
    check(octets, Base64.encode, Base64.decode)
    check(octets, Base64URL.encode, Base64URL.decode)
    if let strict = Base32.decode(octets) {
        must(Base32.decode(lenient: octets) == strict, "the lenient reader is stricter")
    }
    if let typed = Base32.decode(lenient: octets) {
        must(Base32.decode(Base32.encode(typed).utf8) == typed, "a seed as typed is lost")
    }
}

private func check(
    _ octets: [UInt8], _ encode: ([UInt8]) -> String, _ decode: ([UInt8]) -> [UInt8]?
) {
    let text = encode(octets)
    must(decode(Array(text.utf8)) == octets, "\(text) comes back as something else")
    guard let decoded = decode(octets) else { return }
    must(Array(encode(decoded).utf8) == octets, "a second text for \(decoded)")
}
