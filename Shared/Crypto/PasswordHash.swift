import COpenSSL

/// scrypt (RFC 7914). It takes up to half a second and up to 256 MiB: never on an event loop,
/// and no more at once than there are permits.
package enum PasswordHash {
    /// What a hash costs. Only bounded ones exist, so that parameters read from a database row
    /// or an import cannot tie up a process.
    package struct Parameters: Sendable, Equatable {
        /// Binary logarithm of the cost N; r is the block size, p the parallelisation.
        package let log2N: Int
        package let r: Int
        package let p: Int

        package static let log2NRange = 10...20
        package static let rRange = 1...32
        package static let pRange = 1...16
        /// Bytes of memory, 128·N·r.
        package static let memoryMax = 256 << 20
        /// Of N·r·p: four times the standard parameters', about a second and a half.
        package static let costMax = 4 << 20

        package init?(log2N: Int, r: Int, p: Int) {
            guard Self.log2NRange.contains(log2N), Self.rRange.contains(r), Self.pRange.contains(p)
            else { return nil }
            guard 128 * r << log2N <= Self.memoryMax, r * p << log2N <= Self.costMax
            else { return nil }
            self.init(checked: log2N, r, p)
        }

        private init(checked log2N: Int, _ r: Int, _ p: Int) {
            self.log2N = log2N
            self.r = r
            self.p = p
        }

        /// 128 MiB, about 350 ms (OWASP Password Storage, ASVS appendix C).
        package static let standard = Parameters(checked: 17, 8, 1)
        /// 8 MiB, about 190 ms: for machines with little memory (OWASP's equivalent of the above).
        package static let smallMemory = Parameters(checked: 13, 8, 10)

        /// Bytes needed while hashing.
        package var memory: Int { 128 * r << log2N }
        /// N·r·p, to which the time is proportional.
        package var cost: Int { r * p << log2N }

        /// True when a hash of these should be made again with `target`, at the next sign-in.
        package func isWeaker(than target: Parameters) -> Bool {
            cost < target.cost || memory < target.memory
        }

        /// Hashes that cost `missing` together, at most as much as one of these, and none of
        /// them more memory. What is left out is under `costGrain`.
        package func parts(costing missing: Int) -> [Parameters] {
            var left = min(missing, cost)
            var parts: [Parameters] = []
            let lane = r << log2N
            if left >= lane {
                parts.append(Parameters(checked: log2N, r, left / lane))
                left %= lane
            }
            // As few and as large as can be, since time per cost grows with the memory: measured,
            // the sum is within 4 % of one hash, with runs of half the memory 8 % less.
            for smaller in (Self.log2NRange.lowerBound...log2N).reversed()
            where left >= 1 << smaller {
                let blocks = left >> smaller
                parts.append(Parameters(checked: smaller, blocks, 1))
                left -= blocks << smaller
            }
            return parts
        }

        /// What is to be hashed so that, with what was `spent`, it takes as long as one of these
        /// `usual`ly does; nothing when that time is over.
        package func parts(after spent: Duration, of usual: Duration) -> [Parameters] {
            guard usual > .zero, spent >= .zero, spent < usual else { return [] }
            return parts(costing: Int(Double(cost) * (1 - spent / usual)))
        }

        /// The cost of the smallest hash, about 0.3 ms.
        package static let costGrain = 1 << log2NRange.lowerBound
    }

    package static let saltSize = 16
    package static let keySize = 32

    /// The derived key of `count` bytes. Blocks for as long as the parameters say.
    package static func derive(
        _ password: some ByteSource, salt: some ByteSource, _ parameters: Parameters,
        count: Int = keySize
    ) throws(CryptoFault) -> SecretBytes {
        try derive(
            password, salt: salt, n: 1 << UInt64(parameters.log2N), r: UInt64(parameters.r),
            p: UInt64(parameters.p), count: count)
    }

    /// Unbounded parameters, for foreign test vectors.
    static func derive(
        _ password: some ByteSource, salt: some ByteSource, n: UInt64, r: UInt64, p: UInt64,
        count: Int
    ) throws(CryptoFault) -> SecretBytes {
        // The default limit of libcrypto, 32 MiB, refuses our own parameters. It counts two rows
        // more than the paper, and the blocks of all p lanes.
        let memoryMax = 128 * r * (n + 2) + 128 * r * p + 1 << 20
        return try SecretBytes(count: count) { (output) throws(CryptoFault) in
            let status = password.octets { passwordAddress, passwordCount in
                salt.octets { saltAddress, saltCount in
                    EVP_PBE_scrypt(
                        UnsafeRawPointer(passwordAddress).assumingMemoryBound(to: CChar.self),
                        passwordCount, saltAddress, saltCount, n, r, p, memoryMax,
                        output.assumingMemoryBound(to: UInt8.self).baseAddress, count)
                }
            }
            try Libcrypto.checked("running scrypt", status)
        }
    }
}
