// Threads on cores, and the time they take.

import Glibc

enum Core {
    static let server = 0
    static let client = 1

    /// Keeps the calling thread on one core, so that rounds differ less. On a machine with one
    /// core, or where it is not allowed, nothing happens.
    static func pin(to core: Int) {
        // Glibc's module hides it, because it is not POSIX.
        guard let address = dlsym(nil, "sched_setaffinity") else { return }
        typealias SetAffinity =
            @convention(c) (Int32, Int, UnsafePointer<UInt64>) -> Int32
        let setAffinity = unsafeBitCast(address, to: SetAffinity.self)
        var set: UInt64 = 1 << UInt64(core)
        _ = setAffinity(0, 8, &set)
    }

    static func nanoseconds(_ clock: clockid_t = CLOCK_MONOTONIC) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// Latencies in buckets of about 3 %.
struct Histogram {
    private var counts = [UInt64](repeating: 0, count: 64 * 32)

    mutating func add(_ nanoseconds: UInt64) {
        counts[Self.bucket(nanoseconds)] += 1
    }

    mutating func add(_ other: Histogram) {
        for (bucket, count) in other.counts.enumerated() { counts[bucket] += count }
    }

    /// Microseconds below which the given part of all lies.
    func microseconds(at part: Double) -> Double {
        let total = counts.reduce(0, +)
        guard total > 0 else { return 0 }
        let rank = UInt64(Double(total) * part)
        var seen: UInt64 = 0
        for (bucket, count) in counts.enumerated() {
            seen += count
            if seen > rank { return Double(Self.lowest(bucket)) / 1000 }
        }
        return 0
    }

    private static func bucket(_ value: UInt64) -> Int {
        if value < 32 { return Int(value) }
        let shift = 58 - value.leadingZeroBitCount
        return shift * 32 + Int(value >> UInt64(shift))
    }

    private static func lowest(_ bucket: Int) -> UInt64 {
        if bucket < 64 { return UInt64(bucket) }
        let shift = bucket / 32 - 1
        return UInt64(bucket - shift * 32) << UInt64(shift)
    }
}
