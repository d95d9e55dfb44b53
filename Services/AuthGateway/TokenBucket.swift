/// A token bucket kept as one number, the moment at which it will be full again (the generic cell
/// rate algorithm, ITU-T I.371 annex A). A bucket that nobody knows is a full one, so a full one
/// may be forgotten.
///
/// Moments are nanoseconds of a clock that does not go back; `fullAt - now` never exceeds
/// `rate.depth` for a bucket that only gave what it held.
struct TokenBucket: Sendable, Equatable {
    struct Rate: Sendable, Hashable {
        /// Tokens in a full bucket, at least 1.
        let burst: Int
        /// Tokens that come back in a minute, at least 1.
        let perMinute: Int

        static let burstMax = 100_000
        static let perMinuteMax = 600_000

        init(burst: Int, perMinute: Int) {
            precondition((1...Self.burstMax).contains(burst), "a burst of \(burst)")
            precondition((1...Self.perMinuteMax).contains(perMinute), "\(perMinute) a minute")
            self.burst = burst
            self.perMinute = perMinute
        }

        /// Nanoseconds in which one token comes back.
        var interval: Int64 { 60_000_000_000 / Int64(perMinute) }
        /// Nanoseconds in which an empty bucket fills; within bounds at most 70 days.
        var depth: Int64 { interval * Int64(burst) }
    }

    private(set) var fullAt = Int64.min

    /// Nanoseconds until it holds a token; 0 when it does.
    func delay(_ rate: Rate, at now: Int64) -> Int64 {
        max(0, max(fullAt, now) + rate.interval - now - rate.depth)
    }

    /// Takes a token that is there.
    mutating func take(_ rate: Rate, at now: Int64) {
        assert(delay(rate, at: now) == 0)
        fullAt = max(fullAt, now) + rate.interval
    }
}
