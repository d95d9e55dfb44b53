/// A value that stands in one field: a primitive, or a type of ours that exists only when right
/// (an identifier, a closed list of words) and travels as a primitive.
@usableFromInline package protocol Scalar: Sendable, Equatable {
    associatedtype Raw: Primitive
    /// Throws when `raw` is not a value of this type.
    init(raw: Raw) throws(ScalarRefusal)
    var raw: Raw { get }
    /// Most bytes of the raw form; nil where the field itself must say it, or the form is fixed.
    static var sizeMax: Int? { get }
    /// A right value, for documents and generated messages.
    static var sample: Self { get }
    /// What the document says of the type, for example `"totp", "sms" or "email"`; empty for none.
    static var note: String { get }
    /// The type itself where it is an enumeration, whose names JSON and the documents need.
    static var enumeration: (any Enumeration.Type)? { get }
}

extension Scalar {
    @inlinable package static var sizeMax: Int? { nil }
    @usableFromInline package static var note: String { "" }
    @usableFromInline package static var enumeration: (any Enumeration.Type)? { nil }
}

/// Why a raw value is not a value of a type; the field's name is added by the coder.
@usableFromInline package struct ScalarRefusal: Error, Equatable, Sendable {
    @usableFromInline package init() {}
}

/// A scalar with a zero, which proto3 omits.
@usableFromInline package protocol ZeroScalar: Scalar {
    static var zero: Self { get }
}

/// A scalar with no bound of its own, so that the field must say one: text and bytes.
@usableFromInline package protocol UnboundedScalar: Scalar {}

/// The forms a field takes on the wire, and how each is written and read in both codings. The
/// conformances' bodies stand with the codings: `BinaryPrimitives.swift`, `JSONPrimitives.swift`.
@usableFromInline package protocol Primitive: ZeroScalar where Raw == Self {
    static var form: PrimitiveForm { get }
    static var wireType: WireType { get }
    /// The payload behind the tag, with its length where it has one.
    func encode(into output: inout OutputBuffer)
    static func decode(
        _ cursor: inout BinaryCursor, _ name: StaticString, sizeMax: Int
    ) throws(WireFault) -> Self
    func encodeJSON(into output: inout OutputBuffer)
    static func decode(_ json: JSON, _ field: Field, sizeMax: Int) throws(WireFault) -> Self
}

@usableFromInline package enum PrimitiveForm: Sendable, Equatable {
    case string, bytes, bool, uint32, uint64, int64
    /// An enumeration: a number on the wire, a name in JSON.
    case enumeration
    /// `google.protobuf.Timestamp`: a message on the wire, RFC 3339 text in JSON.
    case timestamp
}

extension Primitive {
    @inlinable package init(raw: Self) { self = raw }
    @inlinable package var raw: Self { self }
}

extension String: Primitive, UnboundedScalar {
    @usableFromInline package static var form: PrimitiveForm { .string }
    @inlinable package static var zero: String { "" }
    @usableFromInline package static var sample: String { "text" }
}

extension Bytes: Primitive, UnboundedScalar {
    @usableFromInline package static var form: PrimitiveForm { .bytes }
    @inlinable package static var zero: Bytes { Bytes() }
    @usableFromInline package static var sample: Bytes { Bytes([1, 2, 3]) }
}

extension Bool: Primitive {
    @usableFromInline package static var form: PrimitiveForm { .bool }
    @inlinable package static var zero: Bool { false }
    @usableFromInline package static var sample: Bool { true }
}

extension UInt32: Primitive {
    @usableFromInline package static var form: PrimitiveForm { .uint32 }
    @inlinable package static var zero: UInt32 { 0 }
    @usableFromInline package static var sample: UInt32 { 1 }
}

extension UInt64: Primitive {
    @usableFromInline package static var form: PrimitiveForm { .uint64 }
    @inlinable package static var zero: UInt64 { 0 }
    @usableFromInline package static var sample: UInt64 { 1 }
}

extension Int64: Primitive {
    @usableFromInline package static var form: PrimitiveForm { .int64 }
    @inlinable package static var zero: Int64 { 0 }
    @usableFromInline package static var sample: Int64 { 1 }
}

/// The number of an enumeration's case on the wire. In JSON the coder looks its name up in the
/// enumeration's own list.
@usableFromInline package struct EnumerationNumber: Primitive {
    @usableFromInline package let value: Int32
    @inlinable package init(_ value: Int32) { self.value = value }
    @usableFromInline package static var form: PrimitiveForm { .enumeration }
    @inlinable package static var zero: EnumerationNumber { EnumerationNumber(0) }
    @usableFromInline package static var sample: EnumerationNumber { zero }
}

/// A closed list of cases with numbers on the wire. The first case has number 0. Numbers unknown
/// here are refused.
@usableFromInline package protocol Enumeration: ZeroScalar, CaseIterable, RawRepresentable
where RawValue == Int32, Raw == EnumerationNumber {
    /// The enumeration's name in the document.
    static var name: String { get }
    static var about: String { get }
    /// The case's name in the document and in JSON, for example `ENFORCEMENT_EVERYONE`.
    var name: String { get }
    var about: String { get }
}

extension Enumeration {
    @usableFromInline package init(raw: EnumerationNumber) throws(ScalarRefusal) {
        guard let it = Self(rawValue: raw.value) else { throw ScalarRefusal() }
        self = it
    }
    @usableFromInline package var raw: EnumerationNumber { EnumerationNumber(rawValue) }
    @usableFromInline package static var zero: Self { allCases.first! }
    @usableFromInline package static var sample: Self { zero }
    @usableFromInline package static var enumeration: (any Enumeration.Type)? { Self.self }

    static func name(of number: EnumerationNumber) -> String? { Self(rawValue: number.value)?.name }

    static func number(named name: String) -> EnumerationNumber? {
        // String's own `==` would take other spellings of a character for the same.
        allCases.first { $0.name.utf8.elementsEqual(name.utf8) }?.raw
    }
}

/// A closed list of words, text on the wire and in JSON; words unknown here are refused.
@usableFromInline package protocol Word: Scalar, CaseIterable, RawRepresentable
where RawValue == String, Raw == String {}

extension Word {
    @usableFromInline package init(raw: String) throws(ScalarRefusal) {
        // The look-up compares characters, some of which have several spellings in bytes.
        guard let it = Self(rawValue: raw), it.rawValue.utf8.elementsEqual(raw.utf8) else {
            throw ScalarRefusal()
        }
        self = it
    }
    @usableFromInline package var raw: String { rawValue }
    /// Bounds what is read before it is looked up; words are shorter.
    @usableFromInline package static var sizeMax: Int? { 64 }
    @usableFromInline package static var sample: Self { allCases.first! }
    @usableFromInline package static var note: String {
        "One of " + allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ") + "."
    }
}
