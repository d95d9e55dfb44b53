import Wire

/// Where libFuzzer comes in, the same for every target: each has one function `fuzz`.
@_cdecl("LLVMFuzzerTestOneInput")
package func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzz(UnsafeRawBufferPointer(start: bytes, count: count))
    return 0
}

/// Says what does not hold and ends the process; libFuzzer keeps the input.
func must(_ holds: Bool, _ what: @autoclosure () -> String) {
    if !holds { preconditionFailure(what()) }
}

/// Decisions taken from the front of an input, and what is left of it. An input that is used up
/// decides 0, so a short one is as good as a long one.
struct Choices {
    private(set) var rest: UnsafeRawBufferPointer

    init(_ input: UnsafeRawBufferPointer) { rest = input }

    var isUsedUp: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 {
        guard let first = rest.first else { return 0 }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst())
        return first
    }

    mutating func number(below limit: Int) -> Int {
        let wide = UInt32(byte()) << 8 | UInt32(byte())
        return limit > 0 ? Int(wide) % limit : 0
    }

    /// What is left, and a place in it to cut it at.
    mutating func cutRest() -> (octets: UnsafeRawBufferPointer, cut: Int) {
        let place = number(below: 1 << 16)
        return (rest, place % (rest.count + 1))
    }

    mutating func word() -> UInt64 {
        (0..<8).reduce(0) { word, _ in word << 8 | UInt64(byte()) }
    }
}
