/// Payloads of proto3 (protobuf.dev, "Encoding"). Stricter than it asks for: numbers outside
/// their type's range are refused instead of cut, a Bool is 0 or 1.

extension OutputBuffer {
    @inlinable
    mutating func append(varint number: UInt64) {
        reserve(10)
        var rest = number
        while rest >= 0x80 {
            memory.storeBytes(
                of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: tail, as: UInt8.self)
            tail += 1
            rest >>= 7
        }
        memory.storeBytes(of: UInt8(truncatingIfNeeded: rest), toByteOffset: tail, as: UInt8.self)
        tail += 1
    }

    @inlinable
    mutating func append(prefixed bytes: UnsafeRawBufferPointer) {
        append(varint: UInt64(bytes.count))
        append(bytes)
    }
}

extension String {
    @inlinable package static var wireType: WireType { .lengthPrefixed }

    @inlinable package func encode(into output: inout OutputBuffer) {
        var text = self
        text.withUTF8 { output.append(prefixed: UnsafeRawBufferPointer($0)) }
    }

    @inlinable package static func decode(
        _ cursor: inout BinaryCursor, _ name: StaticString, sizeMax: Int
    ) throws(WireFault) -> String {
        let chunk = try cursor.chunk()
        guard chunk.count <= sizeMax else { throw .tooLong(field: name.description) }
        guard let text = String(utf8: chunk) else {
            throw .notUTF8(field: name.description)
        }
        // U+0000 is text to Unicode, but the end of it to C and nothing PostgreSQL would keep.
        guard !chunk.contains(0) else { throw .value(field: name.description) }
        return text
    }
}

extension Bytes {
    @inlinable package static var wireType: WireType { .lengthPrefixed }

    @inlinable
    package func encode(into output: inout OutputBuffer) {
        array.withUnsafeBytes { output.append(prefixed: $0) }
    }

    @inlinable
    package static func decode(
        _ cursor: inout BinaryCursor, _ name: StaticString, sizeMax: Int
    ) throws(WireFault) -> Bytes {
        let chunk = try cursor.chunk()
        guard chunk.count <= sizeMax else { throw .tooLong(field: name.description) }
        return Bytes(Array(chunk))
    }
}

extension Bool {
    @inlinable package static var wireType: WireType { .varint }

    @inlinable package func encode(into output: inout OutputBuffer) {
        output.append(self ? 1 : 0)
    }

    @inlinable package static func decode(
        _ cursor: inout BinaryCursor, _ name: StaticString, sizeMax: Int
    ) throws(WireFault) -> Bool {
        let number = try cursor.varint()
        guard number <= 1 else { throw .value(field: name.description) }
        return number == 1
    }
}

extension UInt32 {
    @inlinable package static var wireType: WireType { .varint }

    @inlinable package func encode(into output: inout OutputBuffer) {
        output.append(varint: UInt64(self))
    }

    @inlinable package static func decode(
        _ cursor: inout BinaryCursor, _ name: StaticString, sizeMax: Int
    ) throws(WireFault) -> UInt32 {
        guard let number = UInt32(exactly: try cursor.varint()) else {
            throw .value(field: name.description)
        }
        return number
    }
}

extension UInt64 {
    @inlinable package static var wireType: WireType { .varint }

    @inlinable package func encode(into output: inout OutputBuffer) {
        output.append(varint: self)
    }

    @inlinable package static func decode(
        _ cursor: inout BinaryCursor, _ name: StaticString, sizeMax: Int
    ) throws(WireFault) -> UInt64 {
        try cursor.varint()
    }
}

extension Int64 {
    @inlinable package static var wireType: WireType { .varint }

    @inlinable package func encode(into output: inout OutputBuffer) {
        output.append(varint: UInt64(bitPattern: self))
    }

    @inlinable package static func decode(
        _ cursor: inout BinaryCursor, _ name: StaticString, sizeMax: Int
    ) throws(WireFault) -> Int64 {
        Int64(bitPattern: try cursor.varint())
    }
}

extension EnumerationNumber {
    @inlinable package static var wireType: WireType { .varint }

    /// Negative numbers take ten bytes, as in every implementation of proto3.
    @inlinable
    package func encode(into output: inout OutputBuffer) {
        output.append(varint: UInt64(bitPattern: Int64(value)))
    }

    @inlinable
    package static func decode(
        _ cursor: inout BinaryCursor, _ name: StaticString, sizeMax: Int
    ) throws(WireFault) -> EnumerationNumber {
        guard let number = Int32(exactly: Int64(bitPattern: try cursor.varint())) else {
            throw .value(field: name.description)
        }
        return EnumerationNumber(number)
    }
}

extension Timestamp {
    @inlinable package static var wireType: WireType { .lengthPrefixed }

    /// `google.protobuf.Timestamp`: `int64 seconds = 1; int32 nanos = 2;`, at most 17 bytes.
    @usableFromInline package func encode(into output: inout OutputBuffer) {
        let length = output.count
        output.append(0)
        if seconds != 0 {
            output.append(0x08)
            output.append(varint: UInt64(bitPattern: seconds))
        }
        if fraction != 0 {
            output.append(0x10)
            output.append(varint: UInt64(fraction * 1000))
        }
        output.overwrite(UInt8(output.count - length - 1), at: length)
    }

    @usableFromInline package static func decode(
        _ cursor: inout BinaryCursor, _ name: StaticString, sizeMax: Int
    ) throws(WireFault) -> Timestamp {
        var parts = BinaryCursor(try cursor.chunk())
        var seconds: Int64?
        var nanoseconds: Int64?
        while !parts.isAtEnd {
            switch try parts.tag() {
            case (1, .varint):
                guard seconds == nil else { throw .duplicate(field: name.description) }
                seconds = Int64(bitPattern: try parts.varint())
            case (2, .varint):
                guard nanoseconds == nil else { throw .duplicate(field: name.description) }
                nanoseconds = Int64(bitPattern: try parts.varint())
            case (1, _), (2, _): throw .wireType(field: name.description)
            case (_, let type): try parts.skip(type)
            }
        }
        guard let it = Timestamp(checkedSeconds: seconds ?? 0, nanoseconds: nanoseconds ?? 0) else {
            throw .value(field: name.description)
        }
        return it
    }
}
