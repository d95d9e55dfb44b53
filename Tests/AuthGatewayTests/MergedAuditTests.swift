import Contracts
import Fixtures
import RPC
import Testing
import Wire

@testable import AuthGateway

/// The audits of three services as one list: nothing twice, nothing left out.
struct MergedAuditTests {
    private static let owner = UserID(high: 1, low: 2)

    /// What services hold, several rows of it of one moment.
    private static func audits(
        _ generator: inout SeededGenerator
    ) -> [ServiceRole: [AuditRecord]] {
        var audits: [ServiceRole: [AuditRecord]] = [:]
        for service in ServiceRole.allCases {
            audits[service] = (0..<Int64.random(in: 0...12, using: &generator)).map { id in
                AuditRecord(
                    id: id + 1, at: Timestamp(seconds: .random(in: 1...4, using: &generator)),
                    event: "user_erased", source: "\(service.rawValue) \(id)")
            }
        }
        return audits
    }

    /// A page that may stop before it is full, where looking took too long.
    private static func page(
        of audit: [AuditRecord], _ request: ReadAudit, _ generator: inout SeededGenerator
    ) -> AuditPage {
        let page = AuditPage(of: audit, request)
        guard page.rows.count > 1, Bool.random(using: &generator) else { return page }
        let kept = Array(page.rows.dropLast())
        return AuditPage(
            rows: kept, reached: kept.last.map { AuditPosition(at: $0.at, id: $0.id) })
    }

    @Test func `pages join to the whole in one order, whatever the services hold`() throws {
        var generator = SeededGenerator(seed: .random(in: 0 ... .max))
        for _ in 0..<500 {
            let audits = Self.audits(&generator)
            let limit = Int.random(in: 1...5, using: &generator)
            var shown: [MergedAudit.Row] = []
            var place: AuditPlace?
            repeat {
                let before = place
                let pages = ServiceRole.allCases.map { service in
                    let request = ReadAudit(
                        before: before?.position(in: service), limit: UInt32(limit))
                    return (
                        service: service,
                        page: Self.page(of: audits[service] ?? [], request, &generator)
                    )
                }
                let merged = MergedAudit(pages, limit: limit)
                #expect(merged.rows.count <= limit)
                shown += merged.rows
                place = merged.next
                if let before, let place { try #require(before < place) }
            } while place != nil
            let places = shown.map(\.place)
            #expect(zip(places, places.dropFirst()).allSatisfy { $0 < $1 }, "\(generator.seed)")
            #expect(shown.count == audits.values.reduce(0) { $0 + $1.count })
        }
    }

    @Test func `what a page says leads the next one there, and only in its own list`() throws {
        let microseconds: [Int64] = [
            0, 1, -1, Timestamp.secondsMin * 1_000_000, Timestamp.secondsMax * 1_000_000,
        ]
        for at in microseconds.map(Timestamp.init(microseconds:)) {
            for service in ServiceRole.allCases {
                for id in [Int64(1), .max] {
                    let place = AuditPlace(at: at, service: service, id: id)
                    for list in [nil, Self.owner] {
                        let cursor = place.cursor(of: list)
                        #expect(cursor.utf8.count == 46)
                        #expect(try AuditPlace(cursor: cursor, of: list) == place)
                        for other in [nil, Self.owner, .sample] where other != list {
                            #expect(Self.refusal(cursor, other) == .malformed)
                        }
                    }
                }
            }
        }
    }

    @Test func `what no page has said is refused, whatever it is`() throws {
        let place = AuditPlace(at: Timestamp(seconds: 1), service: .policy, id: 7)
        let good = try #require(Base64URL.decode(place.cursor(of: nil).utf8))
        var bad = [[], [0], Array(good.dropLast()), good + [0]]
        /// The same with other bytes at a place.
        func changed(_ index: Int, _ bytes: [UInt8]) -> [UInt8] {
            var copy = good
            copy.replaceSubrange(index..<index + bytes.count, with: bytes)
            return copy
        }
        bad += [changed(0, [0]), changed(0, [2]), changed(1, [1]), changed(17, [3])]
        // Times before the year 1 and behind the year 9999, numbers of nothing and below.
        bad += [changed(18, [0x80]), changed(18, [0x7f])]
        bad += [changed(26, [UInt8](repeating: 0, count: 8)), changed(26, [0xff])]
        for bytes in bad {
            #expect(Self.refusal(Base64URL.encode(bytes), nil) == .malformed, "\(bytes)")
        }
        for text in ["x", "0", "=", "ä", place.cursor(of: nil) + "=", " " + place.cursor(of: nil)] {
            #expect(Self.refusal(text, nil) == .malformed, "\(text)")
        }
    }

    private static func refusal(_ cursor: String, _ owner: UserID?) -> Reason? {
        do {
            _ = try AuditPlace(cursor: cursor, of: owner)
            return nil
        } catch {
            return error.reason
        }
    }
}
