/// How a field's payload is delimited: the low three bits of its tag. The groups of proto2 (3 and
/// 4) are refused like the reserved ones.
@usableFromInline package enum WireType: UInt8, Sendable {
    case varint = 0
    case fixed64 = 1
    case lengthPrefixed = 2
    case fixed32 = 5
}

/// A place in the bytes of one message. Every read is checked against the end of that message.
@usableFromInline package struct BinaryCursor {
    @usableFromInline var at: UnsafeRawPointer
    @usableFromInline let end: UnsafeRawPointer

    @inlinable
    package init(_ bytes: UnsafeRawBufferPointer) {
        // Without bytes there may be no address; one that is never read stands for it.
        at = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
        end = at + bytes.count
    }

    @inlinable package var isAtEnd: Bool { at == end }

    /// Base 128, low group first, at most ten bytes and 64 bits. Longer forms of small numbers
    /// are accepted, as proto3 says.
    @inlinable
    package mutating func varint() throws(WireFault) -> UInt64 {
        guard at < end else { throw .truncated }
        let first = at.load(as: UInt8.self)
        if first < 0x80 {
            at += 1
            return UInt64(first)
        }
        return try longVarint()
    }

    @usableFromInline
    mutating func longVarint() throws(WireFault) -> UInt64 {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while at < end {
            let byte = at.load(as: UInt8.self)
            at += 1
            if shift == 63, byte > 1 { throw .malformedNumber }
            number |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return number }
            shift += 7
        }
        throw .truncated
    }

    /// The payload of a text, of bytes, of a message or of packed numbers.
    @inlinable
    package mutating func chunk() throws(WireFault) -> UnsafeRawBufferPointer {
        let length = try varint()
        guard length <= UInt64(end - at) else { throw .truncated }
        defer { at += Int(length) }
        return UnsafeRawBufferPointer(start: at, count: Int(length))
    }

    /// Takes the tag if exactly it, in its shortest form, comes next. Tags are constants where
    /// this is specialised, so that it is one comparison there.
    @inlinable
    package mutating func take(tag: UInt32) -> Bool {
        if tag < 0x80 {
            guard at < end, at.load(as: UInt8.self) == UInt8(truncatingIfNeeded: tag) else {
                return false
            }
            at += 1
            return true
        }
        return takeLong(tag: tag)
    }

    @usableFromInline
    mutating func takeLong(tag: UInt32) -> Bool {
        var rest = tag
        var next = at
        while true {
            let more: UInt8 = rest < 0x80 ? 0 : 0x80
            guard next < end,
                next.load(as: UInt8.self) == UInt8(truncatingIfNeeded: rest & 0x7f) | more
            else { return false }
            next += 1
            rest >>= 7
            if more == 0 { break }
        }
        at = next
        return true
    }

    @usableFromInline
    mutating func tag() throws(WireFault) -> (number: UInt32, type: WireType) {
        guard let tag = UInt32(exactly: try varint()),
            tag >> 3 != 0,
            let type = WireType(rawValue: UInt8(tag & 7))
        else { throw .malformedNumber }
        return (tag >> 3, type)
    }

    @usableFromInline
    mutating func skip(_ type: WireType) throws(WireFault) {
        switch type {
        case .varint: _ = try varint()
        case .lengthPrefixed: _ = try chunk()
        case .fixed64: try skip(8)
        case .fixed32: try skip(4)
        }
    }

    private mutating func skip(_ count: Int) throws(WireFault) {
        guard count <= end - at else { throw .truncated }
        at += count
    }
}
