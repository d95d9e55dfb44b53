/// Growing memory for outgoing bytes: written at the back, removed at the front once they have
/// gone out. It has one owner and is never copied, so appending costs no check for sharing.
///
/// 0 ≤ head ≤ tail ≤ capacity; the contents are memory[head..<tail].
@usableFromInline package struct OutputBuffer: ~Copyable {
    @usableFromInline var memory: UnsafeMutableRawPointer
    @usableFromInline var head = 0
    @usableFromInline var tail = 0
    @usableFromInline var capacity: Int
    /// False while the memory is lent by `withUnsafeTemporaryAllocation` and the like, or there
    /// is none.
    @usableFromInline var isOwner: Bool

    /// `capacity` 0 takes no memory until something is written.
    @inlinable
    package init(capacity: Int = 0) {
        precondition(capacity >= 0)
        self.capacity = capacity
        isOwner = capacity > 0
        memory = isOwner ? Self.allocate(capacity) : Self.nowhere
    }

    /// Writes into memory that outlives the buffer, and moves to its own when that is full.
    @inlinable
    package init(lent: UnsafeMutableRawBufferPointer) {
        memory = lent.baseAddress ?? Self.nowhere
        capacity = lent.count
        isOwner = false
    }

    @inlinable
    deinit {
        if isOwner { memory.deallocate() }
    }

    @inlinable package var count: Int { tail - head }
    @inlinable package var isEmpty: Bool { tail == head }

    @inlinable
    package static var nowhere: UnsafeMutableRawPointer {
        // Never dereferenced: it goes with a capacity of 0.
        UnsafeMutableRawPointer(bitPattern: 1).unsafelyUnwrapped
    }

    @inlinable
    package static func allocate(_ capacity: Int) -> UnsafeMutableRawPointer {
        .allocate(byteCount: capacity, alignment: 16)
    }
}

extension OutputBuffer {
    @inlinable
    package mutating func append(_ byte: UInt8) {
        reserve(1)
        memory.storeBytes(of: byte, toByteOffset: tail, as: UInt8.self)
        tail += 1
    }

    @inlinable
    package mutating func append(bigEndian number: some FixedWidthInteger & BitwiseCopyable) {
        let size = MemoryLayout.size(ofValue: number)
        reserve(size)
        (memory + tail).storeBytes(of: number.bigEndian, as: type(of: number))
        tail += size
    }

    @inlinable
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        reserve(bytes.count)
        (memory + tail).copyMemory(from: source, byteCount: bytes.count)
        tail += bytes.count
    }

    @inlinable
    package mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    @inlinable
    package mutating func append(utf8 text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    @inlinable
    package mutating func append(utf8 text: StaticString) {
        text.withUTF8Buffer { append(UnsafeRawBufferPointer($0)) }
    }

    /// Lets `body` write up to `count` bytes straight into the buffer and say how many it wrote.
    @inlinable
    package mutating func append<E: Error>(
        atMost count: Int, _ body: (UnsafeMutableRawBufferPointer) throws(E) -> Int
    ) throws(E) {
        reserve(count)
        let written = try body(UnsafeMutableRawBufferPointer(start: memory + tail, count: count))
        precondition(written >= 0 && written <= count)
        tail += written
    }

    /// Replaces four bytes; `offset` counts from the front of what is still in the buffer.
    @inlinable
    package mutating func overwrite(bigEndian number: UInt32, at offset: Int) {
        precondition(offset >= 0 && offset <= count - 4)
        (memory + head + offset).storeBytes(of: number.bigEndian, as: UInt32.self)
    }

    /// Replaces one byte; `offset` counts from the front of what is still in the buffer.
    @inlinable
    package mutating func overwrite(_ byte: UInt8, at offset: Int) {
        precondition(offset >= 0 && offset < count)
        memory.storeBytes(of: byte, toByteOffset: head + offset, as: UInt8.self)
    }

    /// Makes room for `extra` bytes at the back.
    @inlinable
    package mutating func reserve(_ extra: Int) {
        if extra > capacity - tail { grow(extra) }
    }

    @inline(never) @usableFromInline
    mutating func grow(_ extra: Int) {
        let used = count
        // With half of the memory free in front, moving down is cheaper than new memory and
        // still costs each byte at most one more copy.
        if used + extra <= capacity, head >= used {
            memory.copyMemory(from: memory + head, byteCount: used)
        } else {
            let larger = max(64, max(used + extra, 2 * used))
            let moved = Self.allocate(larger)
            moved.copyMemory(from: memory + head, byteCount: used)
            if isOwner { memory.deallocate() }
            memory = moved
            capacity = larger
            isOwner = true
        }
        head = 0
        tail = used
    }
}

extension OutputBuffer {
    /// The contents, valid within `body`.
    @inlinable
    package func withBytes<R, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: memory + head, count: count))
    }

    /// The contents, to be changed in place, for example encrypted.
    @inlinable
    package mutating func withMutableBytes<R, E: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(UnsafeMutableRawBufferPointer(start: memory + head, count: count))
    }

    /// A copy of the contents.
    @inlinable
    package var bytes: [UInt8] {
        withBytes { Array($0) }
    }

    /// Forgets the first `n` bytes; moves nothing.
    @inlinable
    package mutating func removeFirst(_ n: Int) {
        precondition(n >= 0 && n <= count)
        head += n
        if head == tail {
            head = 0
            tail = 0
        }
    }

    /// Forgets the last `n` bytes, for example of an answer that became too large.
    @inlinable
    package mutating func removeLast(_ n: Int) {
        precondition(n >= 0 && n <= count)
        tail -= n
    }

    /// Forgets everything and keeps the memory.
    @inlinable
    package mutating func removeAll() {
        head = 0
        tail = 0
    }

    /// Gives the memory back if nothing is in it, so that an idle connection is small.
    @inlinable
    package mutating func releaseMemoryIfEmpty() {
        guard isEmpty, isOwner else { return }
        memory.deallocate()
        memory = Self.nowhere
        capacity = 0
        head = 0
        tail = 0
        isOwner = false
    }
}
