// A bug on purpose. That it is found says that the others are looked for: the inputs reach the
// code, the coverage leads the search, and a trap leaves its input behind.

/// Traps at one word of four letters that no seed holds.
func fuzz(_ input: UnsafeRawBufferPointer) {
    guard input.count >= 4 else { return }
    guard input[0] == UInt8(ascii: "l"), input[1] == UInt8(ascii: "o") else { return }
    guard input[2] == UInt8(ascii: "c"), input[3] == UInt8(ascii: "k") else { return }
    let distance = input.count - 4
    must(distance < 0, "the canary was found, as it should be")
}
