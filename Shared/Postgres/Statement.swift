import CPostgres
import Reactor

typealias Outcome = Result<ResultSet, PostgresFault>

/// One statement on its way, and whoever waits for it. It is answered exactly once; what arrives
/// after the waiter has given up is dropped.
///
/// `@unchecked Sendable`: it belongs to the loop of its connection or pool and is touched on that
/// loop's thread only.
final class Statement: @unchecked Sendable {
    let sql: SQL
    let expires: ContinuousClock.Instant
    /// A part of a transaction of several statements: what is lost with the connection is rolled
    /// back, so the outcome is known, unless this is the COMMIT.
    let isRolledBackWhenLost: Bool

    /// The text is being prepared in the same breath: its answer comes first.
    var isPreparing = false
    /// Sent under the name of a text prepared before.
    var isUsingPrepared = false
    /// Sent a second time, because the server had forgotten the name or the plan had aged.
    var isRepeated = false
    /// What the server said; final only when the Sync behind it is answered, because that is
    /// where it commits.
    var answer: Outcome?

    private var waiter: ((Outcome) -> Void)?

    init(
        _ sql: SQL, expires: ContinuousClock.Instant, isRolledBackWhenLost: Bool = false,
        _ waiter: @escaping (Outcome) -> Void
    ) {
        self.sql = sql
        self.expires = expires
        self.isRolledBackWhenLost = isRolledBackWhenLost
        self.waiter = waiter
    }

    var isAnswered: Bool { waiter == nil }

    func finish(_ outcome: Outcome) {
        let waiting = waiter
        waiter = nil
        waiting?(outcome)
    }

    /// The connection or the time has run out after the statement was sent. A plain refusal that
    /// was heard before stands: its transaction can only end in a rollback.
    func lose(_ why: String) {
        if case .failure(.sqlState)? = answer, let answer { return finish(answer) }
        finish(.failure(isRolledBackWhenLost ? .unavailable(why) : .outcomeUnknown(why)))
    }
}

extension SQL {
    /// Lends the arrays libpq wants: pointers to the values (nil is NULL), their lengths, and the
    /// formats, all binary.
    func withParameters<R>(
        _ body: (
            _ values: UnsafePointer<UnsafePointer<CChar>?>?, _ lengths: UnsafePointer<Int32>?,
            _ formats: UnsafePointer<Int32>?
        ) -> R
    ) -> R {
        guard !binds.isEmpty else { return body(nil, nil, nil) }
        // One byte more, so that the address of an empty value at the end is not nil.
        return (values + [0]).withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                let pointers = binds.map { bind in
                    bind.range.flatMap { characters.baseAddress?.advanced(by: $0.lowerBound) }
                }
                let lengths = binds.map { Int32(truncatingIfNeeded: $0.range?.count ?? 0) }
                let formats = [Int32](repeating: 1, count: binds.count)
                return body(pointers, lengths, formats)
            }
        }
    }

    var types: [UInt32] { binds.map(\.type.number) }
}

/// First in, first out, without moving what stays.
struct Line<Element> {
    private var elements: [Element?] = []
    private var head = 0

    var count: Int { elements.count - head }
    var isEmpty: Bool { count == 0 }
    var first: Element? { isEmpty ? nil : elements[head] }

    mutating func append(_ element: Element) { elements.append(element) }

    @discardableResult
    mutating func removeFirst() -> Element? {
        guard !isEmpty else { return nil }
        defer {
            elements[head] = nil
            head += 1
            if head == elements.count {
                elements.removeAll(keepingCapacity: true)
                head = 0
            } else if head >= 64, head * 2 >= elements.count {
                elements.removeFirst(head)
                head = 0
            }
        }
        return elements[head]
    }

    mutating func removeAll() -> [Element] {
        defer {
            elements = []
            head = 0
        }
        return elements[head...].compactMap { $0 }
    }

    /// Takes out the elements that `isGone`; the others keep their order.
    mutating func removeAll(where isGone: (Element) -> Bool) {
        let kept = removeAll().filter { !isGone($0) }
        elements = kept
    }

    func forEach(_ body: (Element) -> Void) {
        for element in elements[head...] { if let element { body(element) } }
    }
}
