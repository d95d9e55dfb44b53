import Contracts
import RPC
import Wire

/// A place in the one order that the audits of all services are shown in: the newest first, of
/// rows of the same moment first the gateway's, then the verification service's and then the
/// policy service's, and of one service the higher number first.
struct AuditPlace: Sendable, Equatable, Comparable {
    let at: Timestamp
    let service: ServiceRole
    let id: Int64

    /// True when it is shown before the other.
    static func < (left: Self, right: Self) -> Bool {
        if left.at != right.at { return left.at > right.at }
        if left.service != right.service { return left.service.rank < right.service.rank }
        return left.id > right.id
    }

    /// Where a service has to go on when all was shown up to here.
    func position(in service: ServiceRole) -> AuditPosition {
        guard service != self.service else { return AuditPosition(at: at, id: id) }
        // Numbers are more than nothing: none of the same moment is left, or all are.
        return AuditPosition(at: at, id: service.rank < self.service.rank ? 0 : .max)
    }
}

extension AuditPlace {
    /// Version, whose list it is, service, time and number; 34 bytes in base64url.
    private static let version: UInt8 = 1
    private static let bytesCount = 34

    /// Whose list the audit of everyone is.
    private static let everyone = UserID(high: 0, low: 0)

    /// What a page says for its `next`.
    /// - Parameter owner: Whose list of events it goes through; nil for the audit.
    func cursor(of owner: UserID?) -> String {
        Base64URL.encode(
            [Self.version] + (owner ?? Self.everyone).bytes + [service.rank]
                + Self.bytes(of: at.microseconds) + Self.bytes(of: id))
    }

    /// Throws `.malformed` for what no page of this list has said.
    init(cursor: String, of owner: UserID?) throws(Fault) {
        let bytes = Base64URL.decode(cursor.utf8) ?? []
        guard bytes.count == Self.bytesCount, bytes[0] == Self.version,
            bytes[1..<17].elementsEqual((owner ?? Self.everyone).bytes),
            let service = ServiceRole.allCases.first(where: { $0.rank == bytes[17] })
        else { throw Fault(.malformed, detail: "no cursor of this list") }
        let at = Timestamp(microseconds: Self.number(in: bytes[18..<26]))
        let id = Self.number(in: bytes[26..<34])
        guard (Timestamp.secondsMin...Timestamp.secondsMax).contains(at.seconds), id > 0 else {
            throw Fault(.malformed, detail: "a cursor out of range")
        }
        self.init(at: at, service: service, id: id)
    }

    private static func bytes(of number: Int64) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }

    private static func number(in bytes: ArraySlice<UInt8>) -> Int64 {
        Int64(bitPattern: bytes.reduce(0) { $0 << 8 | UInt64($1) })
    }
}

extension ServiceRole {
    fileprivate var rank: UInt8 {
        switch self {
        case .gateway: 0
        case .verification: 1
        case .policy: 2
        }
    }
}

/// A page of several audits in one order.
struct MergedAudit: Sendable, Equatable {
    struct Row: Sendable, Equatable {
        let service: ServiceRole
        let record: AuditRecord

        var place: AuditPlace {
            AuditPlace(at: record.at, service: service, id: record.id)
        }
    }

    let rows: [Row]
    /// Where the next page goes on; nil where nothing is left.
    let next: AuditPlace?

    /// Of what the services told only as much is shown as all of them have looked at.
    init(_ pages: [(service: ServiceRole, page: AuditPage)], limit: Int) {
        let reached = pages.compactMap { service, page in
            page.reached.map { AuditPlace(at: $0.at, service: service, id: $0.id) }
        }.min()
        let all = pages.flatMap { service, page in
            page.rows.map { Row(service: service, record: $0) }
        }
        let certain = all.sorted { $0.place < $1.place }.filter { row in
            reached.map { row.place <= $0 } ?? true
        }
        rows = Array(certain.prefix(limit))
        next = rows.count < certain.count ? rows.last?.place : reached
    }
}
