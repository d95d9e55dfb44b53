import Contracts
import Daemon
import SMS
import TLS

/// How messages leave, beside mail, and how many may.
struct MessageSettings: Settings {
    /// PEM.
    let authorityFile: String
    let budget: MessageBudget

    init(_ reader: inout SettingsReader) {
        authorityFile =
            reader.optionalPath(
                "SMS_AUTHORITY_FILE",
                "Who vouches for the names of SMS providers, PEM; those of the system by default.")
            ?? TLSContext.systemAuthorityFile
        var budget = MessageBudget()
        budget.everyoneHourMax = reader.integer(
            "MESSAGES_PER_HOUR", default: budget.everyoneHourMax, in: 0...100_000,
            unit: "messages",
            "Codes sent in an hour in all; SMS and mail, binding and proving are counted apart.")
        budget.everyoneMinuteMax = reader.integer(
            "MESSAGES_PER_MINUTE", default: budget.everyoneMinuteMax, in: 0...10_000,
            unit: "messages",
            "Codes sent in a minute in all; SMS and mail, binding and proving are counted apart.")
        budget.prefixHourMax = reader.integer(
            "SMS_PER_COUNTRY_HOUR", default: budget.prefixHourMax, in: 0...100_000,
            unit: "messages",
            "Codes sent in an hour to the numbers of one country, for binding and proving apart.")
        budget.blockHourMax = reader.integer(
            "SMS_PER_BLOCK_HOUR", default: budget.blockHourMax, in: 0...10_000,
            unit: "messages",
            "Codes sent in an hour to ten thousand numbers in a row, for binding and proving apart."
        )
        self.budget = budget
    }
}

extension MessageBudget {
    /// This one, where policy says less.
    func tightened(by said: LimitSettings) -> MessageBudget {
        var budget = self
        budget.user = user.map { $0.hourly(said.messagesPerUser) }
        budget.receiver = receiver.map { $0.hourly(said.messagesPerReceiver) }
        budget.prefixHourMax = said.messagesPerCountry.orFewer(than: prefixHourMax)
        budget.prefixRules = prefixRules.compactMap {
            PrefixRule($0.digits, hourMax: said.messagesPerCountry.orFewer(than: $0.hourMax))
        }
        budget.everyoneMinuteMax = said.messagesPerMinute.orFewer(than: everyoneMinuteMax)
        budget.everyoneHourMax = said.messagesPerHour.orFewer(than: everyoneHourMax)
        return budget
    }
}

extension MessageBudget.Cap {
    /// The same, or fewer an hour.
    fileprivate func hourly(_ said: UInt32?) -> Self {
        window == MessageBudget.windowMax ? Self(said.orFewer(than: count), per: window) : self
    }
}
