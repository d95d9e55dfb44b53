import Wire

/// How many messages may be sent: to whom, for whom, into which part of the world, and in all.
/// Messages cost money, and somebody earns from each; so every one is counted before it is sent,
/// whatever becomes of it.
///
/// Pure: it says which counters a message raises and whether they admit it; who keeps the counters
/// reads, asks and writes all of them as one. For each cap and any window of its length, no more
/// than `count` messages are admitted within it.
package struct MessageBudget: Sendable {
    /// At most `count` messages within any `window`.
    package struct Cap: Sendable, Hashable {
        package let count: Int
        package let window: Duration

        package init(_ count: Int, per window: Duration) {
            precondition(count >= 0 && window > .zero && window <= MessageBudget.windowMax)
            self.count = count
            self.window = window
        }
    }

    /// What is counted apart.
    package enum Scope: String, Sendable, CaseIterable {
        /// The one whose sign-in or binding asks for it.
        case user
        case receiver
        /// Ten thousand numbers: `PhoneNumber.block`.
        case block
        /// A country, or a part of one that has a cap of its own.
        case prefix
        case everyone
    }

    /// What a message is for. Each is counted apart, with caps of the same size: whoever binds
    /// types any number he likes, and must not use up what goes to those that are bound.
    package enum Use: String, Sendable, CaseIterable {
        /// To a receiver that its owner has proved to have.
        case proving
        /// To one that somebody claims to have, or only tries.
        case binding
    }

    /// One thing that is counted. Two that differ in anything are two.
    package struct Counter: Sendable, Hashable {
        package let scope: Scope
        /// Whose it is, in a form that is unlike all others of its scope; empty for everyone.
        package let key: String
        package let caps: [Cap]
    }

    /// A part of the world by the digits its numbers begin with, without a plus sign.
    package struct PrefixRule: Sendable, Hashable {
        package let digits: String
        /// Messages an hour; 0 forbids them.
        package let hourMax: Int

        package static let digitsMax = 7

        /// Nil for other than 1 to 7 ASCII digits.
        package init?(_ digits: String, hourMax: Int) {
            let isDigits = digits.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            }
            guard isDigits, (1...Self.digitsMax).contains(digits.utf8.count), hourMax >= 0 else {
                return nil
            }
            self.digits = digits
            self.hourMax = hourMax
        }
    }

    /// The longest window: what is older than this is of no interest to any counter.
    package static let windowMax = Duration.seconds(3600)

    /// For each user.
    package var user = [Cap(1, per: .seconds(60)), Cap(5, per: .seconds(3600))]
    /// For each number.
    package var receiver = [Cap(1, per: .seconds(60)), Cap(5, per: .seconds(3600))]
    package var blockHourMax = 20
    /// For prefixes without a rule, each country apart; 0 makes the rules a list of what is
    /// allowed.
    package var prefixHourMax = 100
    package var prefixRules: [PrefixRule] = []
    package var everyoneMinuteMax = 60
    package var everyoneHourMax = 1000

    package init() {}
}

extension MessageBudget {
    /// What a message raises, in the order in which it is looked at: of several that refuse, the
    /// one that concerns the fewest is told.
    /// - Parameter user: A form that is unlike that of all other users.
    package func counters(user: String, to receiver: PhoneNumber, for use: Use) -> [Counter] {
        let hour = Duration.seconds(3600)
        let prefix = rule(for: receiver)
        return [
            Counter(scope: .user, key: use.key(user), caps: self.user),
            Counter(scope: .receiver, key: use.key(receiver.text), caps: self.receiver),
            Counter(
                scope: .block, key: use.key(String(receiver.block)),
                caps: [Cap(blockHourMax, per: hour)]),
            Counter(
                scope: .prefix, key: use.key(prefix?.digits ?? receiver.countryCode),
                caps: [Cap(prefix?.hourMax ?? prefixHourMax, per: hour)]),
            Counter(scope: .everyone, key: use.key(""), caps: everyone),
        ]
    }

    private var everyone: [Cap] {
        [
            Cap(everyoneMinuteMax, per: .seconds(60)), Cap(everyoneHourMax, per: .seconds(3600)),
        ]
    }

    /// What a message to an address raises. Nobody earns from mails, so parts of the world do not
    /// matter.
    package func counters(
        user: String, toAddress address: String, for use: Use
    ) -> [Counter] {
        [
            Counter(scope: .user, key: use.key(user), caps: self.user),
            Counter(scope: .receiver, key: use.key(address.lowercased()), caps: self.receiver),
            Counter(scope: .everyone, key: use.key("mail"), caps: everyone),
        ]
    }

    /// The longest rule that the number begins with.
    private func rule(for receiver: PhoneNumber) -> PrefixRule? {
        prefixRules.filter { receiver.digits.hasPrefix($0.digits) }
            .max { $0.digits.utf8.count < $1.digits.utf8.count }
    }
}

extension MessageBudget.Use {
    /// None of one use is like any of the other.
    fileprivate func key(_ key: String) -> String { "\(rawValue) \(key)" }
}

extension MessageBudget {
    package enum Decision: Sendable, Equatable {
        /// Every counter is raised.
        case admitted
        /// None is raised.
        case refused(Refusal)
    }

    package struct Refusal: Sendable, Equatable {
        package let scope: Scope
        /// Whole seconds until the same message would be admitted if no other were; nil when it
        /// never would be.
        package let retryAfterSeconds: Int?
    }

    /// Whether a message may be sent now.
    /// - Parameter held: Each counter of the message with the times that it holds, in any order;
    ///   those older than `windowMax` may be missing.
    package static func decide(
        _ held: [(counter: Counter, sent: [Timestamp])], now: Timestamp
    ) -> Decision {
        for (counter, sent) in held {
            var wait: Duration?
            for cap in counter.caps {
                switch room(under: cap, sent, now) {
                case .free: continue
                case .never:
                    return .refused(Refusal(scope: counter.scope, retryAfterSeconds: nil))
                case .after(let pause): wait = max(wait ?? .zero, pause)
                }
            }
            if let wait {
                let seconds =
                    Int(wait.components.seconds) + (wait.components.attoseconds > 0 ? 1 : 0)
                return .refused(Refusal(scope: counter.scope, retryAfterSeconds: seconds))
            }
        }
        return .admitted
    }

    private enum Room {
        case free
        case after(Duration)
        case never
    }

    /// A time in the future, from a clock that was put back, counts like one of now: it ends with
    /// its own window.
    private static func room(under cap: Cap, _ sent: [Timestamp], _ now: Timestamp) -> Room {
        guard cap.count > 0 else { return .never }
        let ends = sent.map { $0.microseconds + cap.window.wholeMicroseconds }
            .filter { $0 > now.microseconds }.sorted()
        guard ends.count >= cap.count else { return .free }
        // When so many have left the window that one more has room.
        return .after(.microseconds(ends[ends.count - cap.count] - now.microseconds))
    }
}

/// Whether those who ask for codes also use them. Pumping shows as messages that nobody answers.
package struct MessageConversion: Sendable, Equatable {
    /// Messages of a period, and how many of their codes were right some time.
    package let sent: Int
    package let verified: Int

    /// Fewer say nothing.
    package static let sentMin = 20
    /// Per cent.
    package static let verifiedMin = 20

    package init(sent: Int, verified: Int) {
        precondition(sent >= 0 && verified >= 0)
        self.sent = sent
        self.verified = verified
    }

    /// True when an operator has to know.
    package var isAlarming: Bool {
        guard sent >= Self.sentMin else { return false }
        return Double(verified) * 100 < Double(sent) * Double(Self.verifiedMin)
    }
}

extension Duration {
    fileprivate var wholeMicroseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
