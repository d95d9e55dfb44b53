import Fixtures
import Testing
import Wire

@testable import SMS

/// Counters in memory, kept as a database would: all of a message are read, asked and written as
/// one.
private struct Ledger {
    let budget: MessageBudget
    private var sent: [MessageBudget.Counter: [Timestamp]] = [:]
    private(set) var admitted: [(counters: [MessageBudget.Counter], at: Timestamp)] = []

    init(_ budget: MessageBudget = MessageBudget()) { self.budget = budget }

    mutating func send(
        _ user: String, _ receiver: PhoneNumber, at seconds: Double,
        for use: MessageBudget.Use = .proving
    ) -> MessageBudget.Decision {
        let now = Timestamp(microseconds: Int64(seconds * 1_000_000))
        let counters = budget.counters(user: user, to: receiver, for: use)
        let decision = MessageBudget.decide(
            counters.map { ($0, sent[$0] ?? []) }, now: now)
        guard decision == .admitted else { return decision }
        for counter in counters { sent[counter, default: []].append(now) }
        admitted.append((counters, now))
        return decision
    }

    /// The most that any cap has let through within any window of its length, over what it should.
    func excess() -> Int {
        var worst = Int.min
        for (counter, times) in sent {
            for cap in counter.caps {
                let window = cap.window.components.seconds * 1_000_000
                for start in times {
                    let count = times.count {
                        (start.microseconds..<start.microseconds + window).contains($0.microseconds)
                    }
                    worst = max(worst, count - cap.count)
                }
            }
        }
        return worst
    }
}

@Suite struct MessageBudgetTests {
    private static func number(_ text: String) -> PhoneNumber { PhoneNumber(text)! }
    private let ann = number("+31612345678")

    private func refused(
        _ scope: MessageBudget.Scope, _ seconds: Int?
    ) -> MessageBudget.Decision {
        .refused(MessageBudget.Refusal(scope: scope, retryAfterSeconds: seconds))
    }

    @Test func `a second message waits until sixty seconds are over`() {
        var ledger = Ledger()
        #expect(ledger.send("ann", ann, at: 0) == .admitted)
        #expect(ledger.send("ann", ann, at: 0.5) == refused(.user, 60))
        #expect(ledger.send("ann", ann, at: 59.999_999) == refused(.user, 1))
        #expect(ledger.send("ann", ann, at: 60) == .admitted)
    }

    @Test func `the sixth message of an hour waits for the first to be an hour old`() {
        var ledger = Ledger()
        for minute in 0..<5 {
            #expect(ledger.send("ann", ann, at: Double(minute) * 600) == .admitted)
        }
        #expect(ledger.send("ann", ann, at: 3000) == refused(.user, 600))
        #expect(ledger.send("ann", ann, at: 3599.9) == refused(.user, 1))
        #expect(ledger.send("ann", ann, at: 3600) == .admitted)
        #expect(ledger.send("ann", ann, at: 3661) == refused(.user, 539))
    }

    @Test func `many users share the budget of one number`() {
        var ledger = Ledger()
        #expect(ledger.send("ann", ann, at: 0) == .admitted)
        #expect(ledger.send("bob", ann, at: 1) == refused(.receiver, 59))
        for index in 1..<5 {
            #expect(ledger.send("user \(index)", ann, at: Double(index) * 60) == .admitted)
        }
        #expect(ledger.send("eve", ann, at: 400) == refused(.receiver, 3200))
    }

    @Test func `a refused message raises nothing`() {
        var ledger = Ledger()
        #expect(ledger.send("ann", ann, at: 0) == .admitted)
        for second in 1..<50 { _ = ledger.send("bob", ann, at: Double(second)) }
        let other = Self.number("+31687654321")
        #expect(ledger.send("bob", other, at: 50) == .admitted)
    }

    @Test func `O-24 a thousand numbers of one block cost twenty messages`() {
        var ledger = Ledger()
        let count = (0..<1000).count { index in
            let number = Self.number("+3161234\(1000 + index)")
            return ledger.send("user \(index)", number, at: Double(index) * 3) == .admitted
        }
        #expect(count == 20)
        #expect(
            ledger.send("one more", Self.number("+31612340000"), at: 3000) == refused(.block, 600))
    }

    @Test func `O-24 one account and a thousand numbers cost five messages`() {
        var ledger = Ledger()
        let count = (0..<1000).count { index in
            let number = Self.number("+316\(1_000_000 + index * 7919)")
            return ledger.send("ann", number, at: Double(index) * 3.5) == .admitted
        }
        #expect(count == 5)
    }

    @Test func `O-24 many accounts, numbers and blocks of a country end at its cap`() {
        var ledger = Ledger()
        let count = (0..<2000).count { index in
            let number = Self.number("+4470\(10_000_000 + index * 10_007)")
            return ledger.send("user \(index)", number, at: Double(index)) == .admitted
        }
        #expect(count == 100)
        #expect(ledger.send("ann", ann, at: 2000) == .admitted)
    }

    @Test func `O-24 all countries together end at the caps for everyone`() {
        var ledger = Ledger()
        func send(_ index: Int, at second: Double) -> MessageBudget.Decision {
            let country = [20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45][index % 14]
            let number = Self.number("+\(country)\(100_000_000 + index * 10_007)")
            return ledger.send("user \(index)", number, at: second)
        }
        let burst = (0..<500).count { send($0, at: Double($0) / 100) == .admitted }
        #expect(burst == 60)
        #expect(send(500, at: 5) == refused(.everyone, 55))
        let hour = (501..<3000).count { send($0, at: Double($0)) == .admitted }
        #expect(burst + hour == 1000)
    }

    @Test func `O-24 whoever binds uses up nothing of what proves`() {
        var budget = MessageBudget()
        budget.everyoneHourMax = 30
        var ledger = Ledger(budget)
        let bound = (0..<1000).count { index in
            let number = Self.number("+3161234\(1000 + index)")
            return ledger.send("eve \(index)", number, at: Double(index) * 3, for: .binding)
                == .admitted
        }
        #expect(bound == 20)
        for (user, number) in [("eve 1", ann), ("ann", Self.number("+31612341001"))] {
            #expect(ledger.send(user, number, at: 3000) == .admitted)
        }
        // Each ends at caps of its own.
        let others = (0..<1000).count { index in
            let number = Self.number("+4470\(10_000_000 + index * 10_007)")
            return ledger.send("u\(index)", number, at: 3001 + Double(index) / 100, for: .binding)
                == .admitted
        }
        #expect(others == 10)
        #expect(ledger.send("bob", Self.number("+447099999999"), at: 3020) == .admitted)
    }

    @Test func `a rule of a longer prefix goes before the rule of its country`() throws {
        var budget = MessageBudget()
        budget.prefixHourMax = 0
        budget.prefixRules = [
            try #require(MessageBudget.PrefixRule("1", hourMax: 2)),
            try #require(MessageBudget.PrefixRule("1876", hourMax: 0)),
            try #require(MessageBudget.PrefixRule("31", hourMax: 1)),
        ]
        var ledger = Ledger(budget)
        #expect(ledger.send("a", Self.number("+18765550123"), at: 0) == refused(.prefix, nil))
        #expect(ledger.send("b", Self.number("+12025550123"), at: 0) == .admitted)
        #expect(ledger.send("c", Self.number("+13025550123"), at: 0) == .admitted)
        #expect(ledger.send("d", Self.number("+14025550123"), at: 1) == refused(.prefix, 3599))
        #expect(ledger.send("e", Self.number("+4915112345678"), at: 0) == refused(.prefix, nil))
        #expect(ledger.send("f", ann, at: 0) == .admitted)
    }

    @Test(arguments: ["", "+31", "12345678", "٣١", "3 1", "31\n"])
    func `a prefix is one to seven digits`(digits: String) {
        #expect(MessageBudget.PrefixRule(digits, hourMax: 1) == nil)
        #expect(MessageBudget.PrefixRule("31", hourMax: -1) == nil)
    }

    @Test func `a clock that is put back gives nobody more`() {
        var ledger = Ledger()
        #expect(ledger.send("ann", ann, at: 10_000) == .admitted)
        #expect(ledger.send("ann", ann, at: 9000) == refused(.user, 1060))
    }

    @Test(arguments: 0..<40)
    func `no cap is ever passed, whatever is asked and when`(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        var budget = MessageBudget()
        budget.blockHourMax = Int.random(in: 1...8, using: &random)
        budget.prefixHourMax = Int.random(in: 1...12, using: &random)
        budget.everyoneMinuteMax = Int.random(in: 1...6, using: &random)
        budget.everyoneHourMax = Int.random(in: 1...40, using: &random)
        var ledger = Ledger(budget)
        var second = 0.0
        var waits = 0
        for _ in 0..<600 {
            second += Double.random(in: 0...40, using: &random)
            let user = "user \(Int.random(in: 0..<6, using: &random))"
            let country = [31, 32, 44].randomElement(using: &random)!
            let block = Int.random(in: 10_000..<10_004, using: &random)
            let subscriber = Int.random(in: 1000..<1006, using: &random)
            let number = Self.number("+\(country)\(block)\(subscriber)")
            guard case .refused(let refusal) = ledger.send(user, number, at: second) else {
                continue
            }
            // What is promised holds, at least for the counter that refused.
            let wait = try #require(refusal.retryAfterSeconds)
            #expect((1...3600).contains(wait))
            var later = ledger
            if case .refused(let again) = later.send(user, number, at: second + Double(wait)) {
                #expect(again.scope != refusal.scope)
            }
            waits += 1
        }
        #expect(ledger.excess() <= 0)
        #expect(!ledger.admitted.isEmpty && waits > 0)
    }

    @Test func `a cap that is reached is reached exactly`() {
        var ledger = Ledger()
        for index in 0..<200 {
            _ = ledger.send("u\(index)", Self.number("+3161234\(1000 + index)"), at: Double(index))
        }
        #expect(ledger.excess() == 0)
    }

    @Test func `the alarm rings below one verified of five, once there are enough`() {
        func isAlarming(_ sent: Int, _ verified: Int) -> Bool {
            MessageConversion(sent: sent, verified: verified).isAlarming
        }
        #expect(!isAlarming(0, 0))
        #expect(!isAlarming(19, 0))
        #expect(isAlarming(20, 0))
        #expect(isAlarming(20, 3))
        #expect(!isAlarming(20, 4))
        #expect(isAlarming(1000, 199))
        #expect(!isAlarming(1000, 200))
        #expect(!isAlarming(.max, .max))
    }
}
