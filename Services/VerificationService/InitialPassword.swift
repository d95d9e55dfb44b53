import Wire

/// A password someone else knows: it opens one sign-in, in which it has to be replaced. That
/// sign-in may be begun again for a while after the first success, because browsers crash.
struct InitialPassword: Sendable, Equatable {
    let expiresAt: Timestamp
    /// The first success.
    let usedAt: Timestamp?

    static let lifetime = Duration.seconds(7 * 24 * 3600)
    /// As long as a pending sign-in lives.
    static let repeatTime = Duration.seconds(600)

    func isExpired(now: Timestamp) -> Bool {
        guard now < expiresAt else { return true }
        guard let usedAt else { return false }
        let (end, overflow) = usedAt.microseconds.addingReportingOverflow(
            Self.repeatTime.components.seconds * 1_000_000)
        return overflow || now.microseconds >= end
    }
}
