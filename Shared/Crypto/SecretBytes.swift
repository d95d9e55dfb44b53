import COpenSSL
import Wire

/// Bytes that must not outlive their use: a key, a seed, a password, an opened record. They stand
/// in memory of their own, which is wiped when the last reference goes, and no printing, dumping
/// or logging shows them.
///
/// `@unchecked Sendable`: the memory is written only inside the initialisers, before any other
/// thread can hold a reference, and freed by the last one.
package final class SecretBytes: @unchecked Sendable {
    private let memory: UnsafeMutableRawBufferPointer

    package var count: Int { memory.count }

    /// Memory of `count` zero bytes that `fill` writes; `count` is 0 when negative.
    package init<E: Error>(
        count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void
    ) throws(E) {
        memory = .allocate(byteCount: max(0, count), alignment: 16)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        try fill(memory)
    }

    /// A copy; whoever has the original answers for it.
    package convenience init(copying source: some ByteSource) {
        let count = source.lend { $0.count }
        self.init(count: count) { memory in
            source.lend { memory.copyMemory(from: $0) }
        }
    }

    /// A copy, and `array` is wiped and empty afterwards. Other arrays that share its storage
    /// are not reached.
    package convenience init(taking array: inout [UInt8]) {
        self.init(copying: array)
        wipe(&array)
    }

    package static func random(count: Int) throws(CryptoFault) -> SecretBytes {
        try SecretBytes(count: count) { (memory) throws(CryptoFault) in
            try Random.fill(memory)
        }
    }

    deinit {
        OPENSSL_cleanse(memory.baseAddress, memory.count)
        memory.deallocate()
    }

    /// The bytes, valid only within `body`.
    package func withBytes<R, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(UnsafeRawBufferPointer(memory))
    }

    /// An unprotected copy, for the few places that hand a secret out: a seed to its owner.
    package func revealed() -> [UInt8] { withBytes { Array($0) } }
}

extension SecretBytes: ByteSource {
    package func lend<R, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try withBytes(body)
    }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "\(count) secret bytes" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension SecretBytes: Equatable {
    /// In a time that depends on the lengths alone.
    package static func == (left: SecretBytes, right: SecretBytes) -> Bool {
        constantTimeEquals(left, right)
    }
}

/// Compares in a time that depends on the lengths alone, which are no secret.
package func constantTimeEquals(_ left: some ByteSource, _ right: some ByteSource) -> Bool {
    left.octets { leftAddress, leftCount in
        right.octets { rightAddress, rightCount in
            leftCount == rightCount && CRYPTO_memcmp(leftAddress, rightAddress, leftCount) == 0
        }
    }
}

/// Overwrites with zeros and empties. An array whose storage is shared is copied first, so wipe
/// only what has one owner.
package func wipe(_ array: inout [UInt8]) {
    array.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
    array = []
}

/// The one source of random values: libcrypto's generator, seeded by the kernel (RAND_bytes).
package enum Random {
    package static func bytes(_ count: Int) throws(CryptoFault) -> [UInt8] {
        var array = [UInt8](repeating: 0, count: max(0, count))
        try array.withUnsafeMutableBufferPointer { (memory) throws(CryptoFault) in
            try fill(UnsafeMutableRawBufferPointer(memory))
        }
        return array
    }

    /// A new UUID of version 4 (RFC 9562 §5.4).
    package static func identifier<Kind>(
        _: Kind.Type = Kind.self
    ) throws(CryptoFault) -> Identifier<Kind> {
        guard let it = Identifier<Kind>(random: try bytes(16)) else {
            throw .outOfBounds(what: "an identifier's 16 bytes")
        }
        return it
    }

    static func fill(_ memory: UnsafeMutableRawBufferPointer) throws(CryptoFault) {
        guard let address = memory.assumingMemoryBound(to: UInt8.self).baseAddress else { return }
        guard let count = Int32(exactly: memory.count) else {
            throw .outOfBounds(what: "the count of random bytes")
        }
        try Libcrypto.checked("drawing random bytes", RAND_bytes(address, count))
    }
}
