import Reactor

/// A bucket for each network, in a table that never grows.
///
/// A network has a few places where it may stand, found by a hash whose key is the process's own.
/// Where all are taken, the fullest bucket gives way: it has the least to forget. So whoever comes
/// from very many networks pushes out his own fresh buckets and never one that is spent.
struct NetworkBuckets: Sendable {
    /// What is counted as one: `SocketAddress.network`.
    struct Network: Sendable, Hashable {
        /// 4, 6, or 1 for what has no address. 0 is nobody: the place is free.
        fileprivate let kind: UInt8
        fileprivate let word: UInt64

        init(_ address: SocketAddress) {
            let bytes = address.network
            kind = bytes.first ?? 1
            word = bytes.dropFirst().reduce(0) { $0 << 8 | UInt64($1) }
        }

        fileprivate static var nobody: Network { Network(kind: 0, word: 0) }

        private init(kind: UInt8, word: UInt64) {
            self.kind = kind
            self.word = word
        }
    }

    private struct Place: Sendable {
        var network = Network.nobody
        var bucket = TokenBucket()
    }

    /// Networks remembered at once; 24 bytes each.
    static let networksMax = 32_768
    /// Places in which a network may stand.
    private static let choices = 8

    /// Changed for all networks at once; what was taken stays taken.
    var rate: TokenBucket.Rate
    private var places: [Place]

    /// - Parameter networksMax: A power of two, at least 8.
    init(_ rate: TokenBucket.Rate, networksMax: Int = networksMax) {
        precondition(networksMax >= Self.choices && networksMax.nonzeroBitCount == 1)
        self.rate = rate
        places = Array(repeating: Place(), count: networksMax)
    }

    /// Nanoseconds until the network's bucket holds a token; 0 when it does.
    func delay(of network: Network, at now: Int64) -> Int64 {
        let place = places[index(of: network)]
        return place.network == network ? place.bucket.delay(rate, at: now) : 0
    }

    /// Takes a token that is there.
    mutating func take(from network: Network, at now: Int64) {
        let index = index(of: network)
        if places[index].network != network { places[index] = Place(network: network) }
        places[index].bucket.take(rate, at: now)
    }

    /// Where it stands, or else the place that it would take over.
    private func index(of network: Network) -> Int {
        let first = network.hashValue & (places.count - 1) & ~(Self.choices - 1)
        var fullest = first
        for index in first..<(first + Self.choices) {
            if places[index].network == network { return index }
            if places[index].bucket.fullAt < places[fullest].bucket.fullAt { fullest = index }
        }
        return fullest
    }
}
