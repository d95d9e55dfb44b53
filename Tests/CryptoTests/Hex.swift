import Wire

/// Bytes from hexadecimal text, as vectors are printed; the tests' own literals are right.
func hex(_ text: String) -> [UInt8] {
    guard let bytes = Base16.decode(text.lowercased().utf8) else {
        preconditionFailure("not hexadecimal: \(text)")
    }
    return bytes
}
