import Wire

/// JSON texts: what is accepted is written and read back as the same, the second writing is the
/// first, and whole numbers come out or are refused without a trap.
func fuzz(_ input: UnsafeRawBufferPointer) {
    let value: JSON
    do throws(WireFault) {
        value = try JSON(parsing: input)
    } catch {
        return
    }
    must(nesting(value) <= JSON.nestingMax, "nested too deep")
    let text = value.serialized()
    do throws(WireFault) {
        let again = try JSON(parsing: text)
        must(again == value, "written and read it is another value")
        must(again.serialized() == text, "written again it is another text")
    } catch {
        must(false, "what was written is refused: \(error)")
    }
    checkNumbers(value)
}

private func nesting(_ value: JSON) -> Int {
    switch value {
    case .array(let elements): 1 + (elements.map(nesting).max() ?? 0)
    case .object(let members): 1 + (members.map { nesting($0.value) }.max() ?? 0)
    case .null, .bool, .number, .string: 0
    }
}

private func checkNumbers(_ value: JSON) {
    switch value {
    case .number(let text):
        let wide: Int64? = value.integer()
        let narrow: Int32? = value.integer()
        let natural: UInt64? = value.integer()
        if let narrow { must(wide == Int64(narrow), "\(text) differs by width") }
        if let wide, wide >= 0 { must(natural == UInt64(wide), "\(text) differs by sign") }
        if let natural { must(Double(text) == Double(natural), "\(text) is not \(natural)") }
    case .array(let elements): elements.forEach(checkNumbers)
    case .object(let members): members.forEach { checkNumbers($0.value) }
    case .null, .bool, .string: break
    }
}
