/// Owned bytes that may be a secret: printing, dumping or logging them shows only how many there
/// are. `==` takes a time that depends on the contents, so secrets are never compared with it.
@usableFromInline package struct Bytes: Sendable, Hashable {
    @usableFromInline package var array: [UInt8]

    @inlinable package init() { array = [] }
    @inlinable package init(_ array: [UInt8]) { self.array = array }
    @inlinable package init(_ elements: some Sequence<UInt8>) { array = Array(elements) }
    @inlinable package init(utf8 text: String) { array = Array(text.utf8) }

    @inlinable package var count: Int { array.count }
    @inlinable package var isEmpty: Bool { array.isEmpty }

    @inlinable
    package func withUnsafeBytes<R, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try array.span.bytes.withUnsafeBytes(body)
    }
}

extension Bytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    @usableFromInline package var description: String { "\(count) bytes" }
    @usableFromInline package var debugDescription: String { description }
    @usableFromInline package var customMirror: Mirror { Mirror(self, children: []) }
}

extension Bytes: ExpressibleByArrayLiteral {
    @inlinable package init(arrayLiteral elements: UInt8...) { array = elements }
}

/// Reads foreign bytes from the front. Nothing is read behind the end: a read that would go
/// there returns nil and moves nothing. Numbers are big-endian. Valid only as long as the memory
/// it was given.
@usableFromInline package struct ByteReader {
    @usableFromInline let bytes: UnsafeRawBufferPointer
    /// Bytes read so far; 0 ≤ offset ≤ bytes.count.
    @usableFromInline var offset = 0

    @inlinable
    package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Bytes read so far.
    @inlinable package var position: Int { offset }
    /// Bytes not yet read.
    @inlinable package var remaining: Int { bytes.count - offset }
    @inlinable package var isAtEnd: Bool { offset == bytes.count }

    @inlinable package mutating func readUInt8() -> UInt8? { read(UInt8.self) }
    @inlinable package mutating func readUInt16() -> UInt16? { read(UInt16.self) }
    @inlinable package mutating func readUInt32() -> UInt32? { read(UInt32.self) }
    @inlinable package mutating func readUInt64() -> UInt64? { read(UInt64.self) }

    /// The next `count` bytes, still in the memory read from; nil too when `count` is negative.
    @inlinable
    package mutating func readBytes(_ count: Int) -> UnsafeRawBufferPointer? {
        guard count >= 0, count <= remaining else { return nil }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + count)])
    }

    /// All that is left.
    @inlinable
    package mutating func readRest() -> UnsafeRawBufferPointer {
        defer { offset = bytes.count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset...])
    }

    @inlinable
    package mutating func read<Number: FixedWidthInteger & BitwiseCopyable>(_: Number.Type)
        -> Number?
    {
        let size = MemoryLayout<Number>.size
        guard remaining >= size else { return nil }
        defer { offset += size }
        return Number(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }
}

extension String {
    /// nil unless the bytes are well-formed UTF-8. Several times as fast as
    /// `String(validating:as:)`, which goes through generic metadata.
    @inlinable
    package init?(utf8 bytes: UnsafeRawBufferPointer) {
        let characters = bytes.assumingMemoryBound(to: UInt8.self)
        do {
            self.init(copying: try UTF8Span(validating: characters.span))
        } catch {
            return nil
        }
    }
}
