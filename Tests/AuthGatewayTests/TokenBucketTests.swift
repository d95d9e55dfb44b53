import Reactor
import Testing

@testable import AuthGateway

private let second: Int64 = 1_000_000_000

@Suite struct TokenBucketTests {
    /// Three at once, then one a second.
    private let rate = TokenBucket.Rate(burst: 3, perMinute: 60)

    @Test func `a bucket gives its burst, then one token an interval`() {
        var bucket = TokenBucket()
        for _ in 0..<3 {
            #expect(bucket.delay(rate, at: 0) == 0)
            bucket.take(rate, at: 0)
        }
        #expect(bucket.delay(rate, at: 0) == second)
        #expect(bucket.delay(rate, at: second - 1) == 1)
        #expect(bucket.delay(rate, at: second) == 0)
        bucket.take(rate, at: second)
        #expect(bucket.delay(rate, at: second) == second)
        #expect(bucket.delay(rate, at: 4 * second) == 0)
    }

    @Test func `a bucket never holds more than its burst`() {
        var bucket = TokenBucket()
        bucket.take(rate, at: 0)
        let later = 1_000_000 * second
        for _ in 0..<3 { bucket.take(rate, at: later) }
        #expect(bucket.delay(rate, at: later) == second)
    }

    @Test func `over any span no more is given than the burst and the rate allow`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            let rate = TokenBucket.Rate(
                burst: .random(in: 1...20, using: &random),
                perMinute: .random(in: 1...6000, using: &random))
            var bucket = TokenBucket()
            var now: Int64 = 0
            var given: Int64 = 0
            for _ in 0..<2000 {
                now += .random(in: 0...(2 * rate.interval), using: &random)
                guard bucket.delay(rate, at: now) == 0 else { continue }
                bucket.take(rate, at: now)
                given += 1
            }
            #expect(given <= Int64(rate.burst) + now / rate.interval)
        }
    }

    @Test func `the widest and the narrowest rate do not overflow`() {
        let end = Int64.max / 2
        for (burst, perMinute) in [
            (1, 1), (TokenBucket.Rate.burstMax, 1), (1, TokenBucket.Rate.perMinuteMax),
            (TokenBucket.Rate.burstMax, TokenBucket.Rate.perMinuteMax),
        ] {
            let rate = TokenBucket.Rate(burst: burst, perMinute: perMinute)
            var bucket = TokenBucket()
            bucket.take(rate, at: end)
            #expect(bucket.delay(rate, at: end) == (burst == 1 ? rate.interval : 0))
        }
    }
}

@Suite struct NetworkBucketsTests {
    private let rate = TokenBucket.Rate(burst: 2, perMinute: 60)

    private func network(_ number: Int) -> NetworkBuckets.Network {
        .init(.ipv6(high: 0x2001_0db8_0000_0000 + UInt64(number), low: 1, scope: 0, port: 1))
    }

    @Test func `an IPv4 address and an IPv6 prefix of 64 bits are a network each`() throws {
        func network(_ text: String) throws -> NetworkBuckets.Network {
            .init(try #require(SocketAddress(text)))
        }
        #expect(try network("192.0.2.1:1") == network("192.0.2.1:2"))
        #expect(try network("192.0.2.1:1") != network("192.0.2.2:1"))
        #expect(try network("192.0.2.1:1") == network("[::ffff:192.0.2.1]:1"))
        #expect(try network("[2001:db8::1]:1") == network("[2001:db8::ffff:0:0:2]:9"))
        #expect(try network("[2001:db8::1]:1") != network("[2001:db8:0:1::1]:1"))
        #expect(try network("unix:/a") == network("unix:/b"))
        // The same bits in the other family are somebody else.
        #expect(try network("0.0.0.1:1") != network("[0:0:0:1::]:1"))
    }

    @Test func `networks do not take each other's tokens`() {
        var buckets = NetworkBuckets(rate)
        for number in 0..<100 {
            for _ in 0..<2 { buckets.take(from: network(number), at: 0) }
            #expect(buckets.delay(of: network(number), at: 0) > 0)
        }
        #expect(buckets.delay(of: network(100), at: 0) == 0)
    }

    @Test func `X-05 100,000 networks make no table grow and nobody's spent bucket full again`() {
        var buckets = NetworkBuckets(rate, networksMax: 1024)
        let spent = NetworkBuckets.Network(.ipv4(0xc000_0201, port: 1))
        for _ in 0..<2 { buckets.take(from: spent, at: 0) }
        var longestDelay: Int64 = 0
        for number in 0..<100_000 {
            longestDelay = max(longestDelay, buckets.delay(of: network(number), at: 0))
            buckets.take(from: network(number), at: 0)
        }
        // Whoever is new is let in, whoever has spent his tokens is not.
        #expect(longestDelay == 0)
        #expect(buckets.delay(of: spent, at: 0) > 0)
        #expect(buckets.delay(of: spent, at: 60 * 1_000_000_000) == 0)
    }

    @Test func `a table full of spent buckets still lets newcomers in`() {
        var buckets = NetworkBuckets(rate, networksMax: 8)
        for number in 0..<1000 {
            #expect(buckets.delay(of: network(number), at: 0) == 0)
            for _ in 0..<2 where buckets.delay(of: network(number), at: 0) == 0 {
                buckets.take(from: network(number), at: 0)
            }
        }
    }
}
