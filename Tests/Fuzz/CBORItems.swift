import WebAuthn

/// CBOR items: what is accepted is written and read back as the same and in the same octets, so
/// no item has two forms, and a prefix does not depend on what stands behind it.
func fuzz(_ input: UnsafeRawBufferPointer) {
    let octets = Array(input)
    do throws(CBORFault) {
        let (item, count) = try CBOR.prefix(of: input)
        must(count > 0 && count <= octets.count, "an item of \(count) octets")
        must(nesting(item) <= CBOR.nestingMax, "nested too deep")
        must(item.encoded == Array(octets[..<count]), "a second form of an item")
        must(try CBOR(parsing: Array(octets[..<count])) == item, "another item without the rest")
    } catch {
        must(error != .trailingBytes, "a prefix with something behind it")
        return
    }
    do throws(CBORFault) {
        must(try CBOR(parsing: octets).encoded == octets, "read whole it is another item")
    } catch {
        must(error == .trailingBytes, "read whole it is \(error)")
    }
}

private func nesting(_ item: CBOR) -> Int {
    switch item {
    case .array(let elements): 1 + (elements.map(nesting).max() ?? 0)
    case .map(let entries): 1 + (entries.map { nesting($0.value) }.max() ?? 0)
    case .integer, .bytes, .text, .bool, .null: 0
    }
}
