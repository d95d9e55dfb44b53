import Wire

/// A type that goes into a statement and comes out of a row, in PostgreSQL's binary form and with
/// its type named, so that the server never guesses ("Message Data Types" and `src/backend/utils/
/// adt/*send` of the server).
package protocol SQLValue: Sendable {
    static var sqlType: SQLType { get }
    var isNull: Bool { get }
    /// Appends the binary form; not called for NULL.
    func write(to bytes: inout [UInt8])
    /// Throws when the field is NULL, of another type, or holds no value of this type.
    init(sql field: SQLField) throws(SQLRefusal)
}

extension SQLValue {
    package var isNull: Bool { false }
    var sqlType: SQLType { Self.sqlType }
}

/// A type of the server by its fixed number (`pg_type.dat`), and the number of its array type.
package struct SQLType: Sendable, Hashable {
    package let number: UInt32
    package let array: UInt32

    package static let bool = SQLType(number: 16, array: 1000)
    package static let bytea = SQLType(number: 17, array: 1001)
    package static let int8 = SQLType(number: 20, array: 1016)
    package static let int4 = SQLType(number: 23, array: 1007)
    package static let text = SQLType(number: 25, array: 1009)
    package static let timestamptz = SQLType(number: 1184, array: 1185)
    package static let interval = SQLType(number: 1186, array: 1187)
    package static let uuid = SQLType(number: 2950, array: 2951)
    package static let jsonb = SQLType(number: 3802, array: 3807)
}

/// One field of a row as it came: valid only during the initialiser it is given to.
package struct SQLField {
    package let type: UInt32
    /// nil is NULL.
    package let bytes: UnsafeRawBufferPointer?
}

/// Why a field is not a value of the type asked for; never the value itself.
package struct SQLRefusal: Error, Sendable, Equatable {
    package let why: String
    package init(_ why: String) { self.why = why }
}

extension SQLField {
    /// The bytes of a field that is not NULL and has one of the types.
    func bytes(as types: UInt32...) throws(SQLRefusal) -> UnsafeRawBufferPointer {
        guard types.contains(type) else { throw SQLRefusal("the column has type \(type)") }
        guard let bytes else { throw SQLRefusal("NULL") }
        return bytes
    }

    func integer<I: FixedWidthInteger>(of _: I.Type, as type: UInt32) throws(SQLRefusal) -> I {
        let bytes = try bytes(as: type)
        guard bytes.count == MemoryLayout<I>.size else {
            throw SQLRefusal("\(bytes.count) bytes")
        }
        return I(bigEndian: bytes.loadUnaligned(as: I.self))
    }
}

extension [UInt8] {
    mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}

extension Int64: SQLValue {
    package static var sqlType: SQLType { .int8 }
    package func write(to bytes: inout [UInt8]) { bytes.append(bigEndian: self) }
    /// smallint, integer and bigint are all read.
    package init(sql field: SQLField) throws(SQLRefusal) {
        switch field.type {
        case 21: self = Int64(try field.integer(of: Int16.self, as: 21))
        case 23: self = Int64(try field.integer(of: Int32.self, as: 23))
        case _: self = try field.integer(of: Int64.self, as: 20)
        }
    }
}

extension Int: SQLValue {
    package static var sqlType: SQLType { .int8 }
    package func write(to bytes: inout [UInt8]) { Int64(self).write(to: &bytes) }
    package init(sql field: SQLField) throws(SQLRefusal) {
        self = Int(try Int64(sql: field))
    }
}

extension Int32: SQLValue {
    package static var sqlType: SQLType { .int4 }
    package func write(to bytes: inout [UInt8]) { bytes.append(bigEndian: self) }
    package init(sql field: SQLField) throws(SQLRefusal) {
        self =
            field.type == 21
            ? Int32(try field.integer(of: Int16.self, as: 21))
            : try field.integer(of: Int32.self, as: 23)
    }
}

extension Bool: SQLValue {
    package static var sqlType: SQLType { .bool }
    package func write(to bytes: inout [UInt8]) { bytes.append(self ? 1 : 0) }
    package init(sql field: SQLField) throws(SQLRefusal) {
        self = try field.integer(of: UInt8.self, as: 16) != 0
    }
}

extension String: SQLValue {
    package static var sqlType: SQLType { .text }
    package func write(to bytes: inout [UInt8]) { bytes.append(contentsOf: utf8) }
    /// text, varchar, char(n), name and json are read.
    package init(sql field: SQLField) throws(SQLRefusal) {
        let bytes = try field.bytes(as: 25, 1043, 1042, 19, 114)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw SQLRefusal("text that is not UTF-8")
        }
        self = text
    }
}

extension Bytes: SQLValue {
    package static var sqlType: SQLType { .bytea }
    package func write(to bytes: inout [UInt8]) { bytes.append(contentsOf: array) }
    package init(sql field: SQLField) throws(SQLRefusal) {
        self.init([UInt8](try field.bytes(as: 17)))
    }
}

extension Identifier: SQLValue {
    package static var sqlType: SQLType { .uuid }
    package func write(to bytes: inout [UInt8]) {
        bytes.append(bigEndian: high)
        bytes.append(bigEndian: low)
    }
    package init(sql field: SQLField) throws(SQLRefusal) {
        guard let it = Self(bytes: try field.bytes(as: 2950)) else {
            throw SQLRefusal("not 16 bytes")
        }
        self = it
    }
}

extension Timestamp: SQLValue {
    package static var sqlType: SQLType { .timestamptz }

    /// PostgreSQL counts from 2000-01-01T00:00:00Z.
    private static let epoch: Int64 = 946_684_800_000_000

    /// What cannot be said in PostgreSQL's count becomes a moment outside of its range, which it
    /// refuses (22008), and never one of its two infinities.
    package func write(to bytes: inout [UInt8]) {
        let (moment, overflow) = microseconds.subtractingReportingOverflow(Self.epoch)
        bytes.append(bigEndian: overflow || moment == .min ? .min + 1 : moment)
    }

    package init(sql field: SQLField) throws(SQLRefusal) {
        let moment = try field.integer(of: Int64.self, as: 1184)
        guard moment != .min, moment != .max else { throw SQLRefusal("infinity") }
        let (microseconds, overflow) = moment.addingReportingOverflow(Self.epoch)
        guard !overflow else { throw SQLRefusal("a moment out of range") }
        self.init(microseconds: microseconds)
    }
}

/// An interval without days and months: microseconds, what is finer is cut off.
extension Duration: SQLValue {
    package static var sqlType: SQLType { .interval }

    package func write(to bytes: inout [UInt8]) {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, beyond) = whole.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        let bound: Int64 = seconds < 0 ? .min : .max
        bytes.append(bigEndian: overflow || beyond ? bound : sum)
        bytes.append(bigEndian: UInt64(0))
    }

    package init(sql field: SQLField) throws(SQLRefusal) {
        let bytes = try field.bytes(as: 1186)
        guard bytes.count == 16 else { throw SQLRefusal("\(bytes.count) bytes") }
        guard bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self) == 0 else {
            throw SQLRefusal("an interval with days or months")
        }
        self = .microseconds(Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)))
    }
}

/// JSON text in a `jsonb` column.
package struct JSONDocument: SQLValue, Hashable {
    package let text: String
    package init(text: String) { self.text = text }

    package static var sqlType: SQLType { .jsonb }
    package func write(to bytes: inout [UInt8]) {
        bytes.append(1)
        bytes.append(contentsOf: text.utf8)
    }
    package init(sql field: SQLField) throws(SQLRefusal) {
        let bytes = try field.bytes(as: 3802)
        guard bytes.first == 1,
            let text = String(validating: bytes.dropFirst(), as: UTF8.self)
        else { throw SQLRefusal("an unknown version of jsonb") }
        self.text = text
    }
}

extension Optional: SQLValue where Wrapped: SQLValue {
    package static var sqlType: SQLType { Wrapped.sqlType }
    package var isNull: Bool { self == nil }
    package func write(to bytes: inout [UInt8]) { self?.write(to: &bytes) }
    package init(sql field: SQLField) throws(SQLRefusal) {
        self = field.bytes == nil ? nil : try Wrapped(sql: field)
    }
}

/// An enumeration of ours conforms by `extension Stage: SQLValue {}`: it is stored as its raw
/// value, and a raw value unknown here is refused.
extension SQLValue where Self: RawRepresentable, RawValue: SQLValue {
    package static var sqlType: SQLType { RawValue.sqlType }
    package func write(to bytes: inout [UInt8]) { rawValue.write(to: &bytes) }
    package init(sql field: SQLField) throws(SQLRefusal) {
        guard let it = Self(rawValue: try RawValue(sql: field)) else {
            throw SQLRefusal("no value of \(Self.self)")
        }
        self = it
    }
}
