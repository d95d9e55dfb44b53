import Wire

/// A type whose arrays go into statements (`= ANY(\(names))`) and come out of rows.
package protocol SQLElement: SQLValue {}

extension String: SQLElement {}
extension Int64: SQLElement {}
extension Int: SQLElement {}
extension Int32: SQLElement {}
extension Bool: SQLElement {}
extension Bytes: SQLElement {}
extension Identifier: SQLElement {}
extension Timestamp: SQLElement {}
extension Optional: SQLElement where Wrapped: SQLElement {}

/// An array of one dimension (`array_send` in the server's `arrayfuncs.c`): number of dimensions,
/// whether NULLs are in it, type of the elements; per dimension length and lower bound; per
/// element its length (-1 is NULL) and its bytes.
extension Array: SQLValue where Element: SQLElement {
    package static var sqlType: SQLType { SQLType(number: Element.sqlType.array, array: 0) }

    package func write(to bytes: inout [UInt8]) {
        bytes.append(bigEndian: Int32(isEmpty ? 0 : 1))
        bytes.append(bigEndian: Int32(contains(where: \.isNull) ? 1 : 0))
        bytes.append(bigEndian: Element.sqlType.number)
        guard !isEmpty else { return }
        bytes.append(bigEndian: Int32(truncatingIfNeeded: count))
        bytes.append(bigEndian: Int32(1))
        for element in self {
            let place = bytes.count
            bytes.append(bigEndian: Int32(-1))
            guard !element.isNull else { continue }
            element.write(to: &bytes)
            let size = Int32(truncatingIfNeeded: bytes.count - place - 4)
            Swift.withUnsafeBytes(of: size.bigEndian) {
                bytes.replaceSubrange(place..<place + 4, with: $0)
            }
        }
    }

    package init(sql field: SQLField) throws(SQLRefusal) {
        var reader = ByteReader(try field.bytes(as: Self.sqlType.number))
        guard let dimensions = reader.readUInt32(), reader.readUInt32() != nil,
            reader.readUInt32() == Element.sqlType.number
        else { throw SQLRefusal("an array of another type") }
        self = []
        guard dimensions != 0 else { return }
        guard dimensions == 1 else { throw SQLRefusal("an array of \(dimensions) dimensions") }
        guard let count = reader.readUInt32(), reader.readUInt32() != nil,
            // Each element takes four bytes at least: the count cannot ask for more than came.
            Int(count) <= reader.remaining / 4
        else { throw SQLRefusal("an array cut short") }
        reserveCapacity(Int(count))
        for _ in 0..<count { append(try Self.element(&reader)) }
        guard reader.isAtEnd else { throw SQLRefusal("bytes behind the array") }
    }

    private static func element(_ reader: inout ByteReader) throws(SQLRefusal) -> Element {
        guard let word = reader.readUInt32() else { throw SQLRefusal("an array cut short") }
        let size = Int(Int32(bitPattern: word))
        let bytes = size < 0 ? nil : reader.readBytes(size)
        guard size < 0 || bytes != nil else { throw SQLRefusal("an array cut short") }
        return try Element(sql: SQLField(type: Element.sqlType.number, bytes: bytes))
    }
}
