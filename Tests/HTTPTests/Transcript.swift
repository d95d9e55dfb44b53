@testable import HTTP

/// Feeds octets to a parser as they might arrive, and gathers what it says.
enum Transcript {
    static func events(
        _ bytes: [UInt8], pieces: [Range<Int>], limits: RequestParser.Limits = .init()
    ) -> [RequestParser.Event] {
        var parser = RequestParser(limits)
        var events: [RequestParser.Event] = []
        for piece in pieces {
            var start = piece.lowerBound
            while start < piece.upperBound {
                let (consumed, event) = bytes.withUnsafeBytes {
                    parser.take(UnsafeRawBufferPointer(rebasing: $0[start..<piece.upperBound]))
                }
                start += consumed
                if event == .needsMore { break }
                events.append(event)
                if case .refused = event { return events }
            }
        }
        return events
    }

    static func whole(_ bytes: [UInt8], _ limits: RequestParser.Limits = .init())
        -> [RequestParser.Event]
    {
        events(bytes, pieces: [0..<bytes.count], limits: limits)
    }

    static func octetByOctet(_ bytes: [UInt8], _ limits: RequestParser.Limits = .init())
        -> [RequestParser.Event]
    {
        events(bytes, pieces: bytes.indices.map { $0..<($0 + 1) }, limits: limits)
    }

    /// True when the octets give the same events whole, octet by octet and cut at every point.
    /// What is very long is filled with one octet: of its middle not every point is tried.
    static func isSameInAnyPieces(
        _ bytes: [UInt8], _ limits: RequestParser.Limits = .init()
    ) -> Bool {
        let expected = whole(bytes, limits)
        guard octetByOctet(bytes, limits) == expected else { return false }
        let step = bytes.count < 1000 ? 1 : bytes.count / 100
        let cuts = (1..<bytes.count).filter {
            $0 < 50 || $0 > bytes.count - 50 || $0.isMultiple(of: step)
        }
        return cuts.allSatisfy { cut in
            events(bytes, pieces: [0..<cut, cut..<bytes.count], limits: limits) == expected
        }
    }

    static func status(_ events: [RequestParser.Event]) -> Int? {
        guard case .refused(let refusal) = events.last else { return nil }
        return refusal.status.code
    }

    static func requests(_ events: [RequestParser.Event]) -> [(RequestHead, [UInt8])] {
        events.compactMap { event in
            guard case .request(let head, let body) = event else { return nil }
            return (head, body)
        }
    }
}
