import Contracts
import Wire

/// What a book of rules has to keep to before it is saved, so that every decision can be made by
/// it and every number is one that somebody can have meant.
enum RuleBounds {
    /// Five minutes to thirty days.
    static let sessionSeconds: ClosedRange<UInt32> = 300...2_592_000
    /// One minute to thirty days.
    static let idleSeconds: ClosedRange<UInt32> = 60...2_592_000
    /// One minute to one hour.
    static let stepUpSeconds: ClosedRange<UInt32> = 60...3600
    /// Fewer than 8 code points no password has, whatever a rule says.
    static let passwordLengthMin: ClosedRange<UInt32> = 8...64

    /// What is wrong with a book, for the log; nil when it is in order.
    static func problem(of book: RuleBook) -> String? {
        if !book.base.verifiers.isEmpty { return "the base's verifiers are its settings'" }
        if book.base.denied { return "nobody at all could sign in" }
        let names = book.rules.map(\.name)
        if names.contains(.base) { return "a rule is called as the base is" }
        if Set(names).count != names.count { return "two rules have one name" }
        if let hours = book.protection?.delayHours, !WeakeningDelay.hours.contains(hours) {
            return "delayHours is \(hours)"
        }
        let limits = book.limits ?? LimitSettings()
        for limit in PolicyLimit.all {
            if let number = limit.value(limits), !limit.bounds.contains(number) {
                return "\(limit.name) is \(number)"
            }
        }
        let said = [book.base] + book.rules.map(\.requirements)
        return said.lazy.compactMap(problem).first
    }

    private static func problem(of said: Requirements) -> String? {
        let numbers: [(UInt32?, ClosedRange<UInt32>, String)] = [
            (said.sessionSeconds, sessionSeconds, "sessionSeconds"),
            (said.idleSeconds, idleSeconds, "idleSeconds"),
            (said.stepUpSeconds, stepUpSeconds, "stepUpSeconds"),
            (said.passwordLengthMin, passwordLengthMin, "passwordLengthMin"),
        ]
        for case (let number?, let range, let name) in numbers where !range.contains(number) {
            return "\(name) is \(number)"
        }
        if Set(said.verifiers).count != said.verifiers.count { return "a verifier stands twice" }
        return nil
    }
}
