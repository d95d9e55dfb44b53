/// Writes a message in the binary form of proto3, fields in the order of their declaration. Zeros
/// of `.implicit` fields are left out; what is `.required` or `.optional` is written when there.
@usableFromInline package struct BinaryEncoder: Coder {
    /// The buffer lives in the frame of `encode(into:)`, which outlives the encoder.
    @usableFromInline let output: UnsafeMutablePointer<OutputBuffer>

    @inlinable
    init(_ output: UnsafeMutablePointer<OutputBuffer>) { self.output = output }

    @inlinable
    package mutating func scalar<V: Scalar>(_ field: Field, _ value: V?) throws(WireFault) -> V? {
        guard let value else { return nil }
        let raw = value.raw
        if field.presence == .implicit, raw == V.Raw.zero { return value }
        tag(field, V.Raw.wireType)
        raw.encode(into: &output.pointee)
        return value
    }

    @inlinable
    package mutating func scalars<V: Scalar>(
        _ field: Field, _ value: [V]?
    ) throws(WireFault) -> [V] {
        guard let value, !value.isEmpty else { return [] }
        if V.Raw.wireType == .lengthPrefixed {
            for element in value {
                tag(field, .lengthPrefixed)
                element.raw.encode(into: &output.pointee)
            }
        } else {
            tag(field, .lengthPrefixed)
            let length = output.pointee.openLength()
            for element in value { element.raw.encode(into: &output.pointee) }
            output.pointee.closeLength(length)
        }
        return value
    }

    @inlinable
    package mutating func message<M: Message>(_ field: Field, _ value: M?) throws(WireFault) -> M? {
        guard let value else { return nil }
        tag(field, .lengthPrefixed)
        let length = output.pointee.openLength()
        _ = try M(&self, value)
        output.pointee.closeLength(length)
        return value
    }

    @inlinable
    package mutating func messages<M: Message>(
        _ field: Field, _ value: [M]?
    ) throws(WireFault) -> [M] {
        guard let value else { return [] }
        for element in value { _ = try message(field, element) }
        return value
    }

    @inlinable
    func tag(_ field: Field, _ type: WireType) {
        let tag = field.number << 3 | UInt32(type.rawValue)
        if tag < 0x80 {
            output.pointee.append(UInt8(truncatingIfNeeded: tag))
        } else {
            output.pointee.append(varint: UInt64(tag))
        }
    }
}

extension OutputBuffer {
    /// Reserves one byte for a length that is not known yet. Most are under 128.
    @inlinable
    mutating func openLength() -> Int {
        append(0)
        return count
    }

    @inlinable
    mutating func closeLength(_ start: Int) {
        let length = count - start
        if length < 0x80 {
            overwrite(UInt8(truncatingIfNeeded: length), at: start - 1)
        } else {
            closeLongLength(start)
        }
    }

    /// Moves the contents up to make room for the length's other bytes.
    @usableFromInline
    mutating func closeLongLength(_ start: Int) {
        let length = count - start
        let lengthBytes = (UInt64(length).bitWidth - length.leadingZeroBitCount + 6) / 7
        reserve(lengthBytes - 1)
        let place = memory + head + start
        (place + lengthBytes - 1).copyMemory(from: place, byteCount: length)
        tail = head + start - 1
        append(varint: UInt64(length))
        tail += length
    }
}

extension Message {
    @inlinable
    package static func encodeBinary(_ message: Self, into output: inout OutputBuffer) {
        withUnsafeMutablePointer(to: &output) { pointer in
            var encoder = BinaryEncoder(pointer)
            do throws(WireFault) {
                _ = try Self(&encoder, message)
            } catch {
                refuseOwnValue(name, error)
            }
        }
    }

    /// Appends the binary form. Bounds are not checked here: the reader refuses what is too long.
    package func encode(into output: inout OutputBuffer) {
        Self.encodeBinary(self, into: &output)
    }

    /// The binary form of proto3.
    package func encoded() -> [UInt8] {
        withUnsafeTemporaryAllocation(byteCount: 512, alignment: 16) { memory in
            var output = OutputBuffer(lent: memory)
            Self.encodeBinary(self, into: &output)
            return output.bytes
        }
    }
}

/// A message that cannot be written has an initialiser that does not give back what it took.
@usableFromInline
func refuseOwnValue(_ message: String, _ fault: WireFault) -> Never {
    preconditionFailure("\(message) refuses its own value: \(fault)")
}
