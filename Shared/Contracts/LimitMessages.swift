import Wire

/// How much may be tried and sent, where it is less than the installation allows anyway. What an
/// operator has set, and what is built in, is the most there is: so no change of policy switches a
/// protection off, and none that is missing does.
package struct LimitSettings: Message {
    package static let name = "LimitSettings"
    package static let about =
        """
        How much may be tried and sent, where it is less than the installation allows anyway. \
        Absent: as much as it allows.
        """

    package var passwordFailures: UInt32?
    package var codeFailures: UInt32?
    package var restingFrom: UInt32?
    package var restSeconds: UInt32?
    package var restSecondsMax: UInt32?
    package var networkCallsBurst: UInt32?
    package var networkCallsPerMinute: UInt32?
    package var networkPasswordsBurst: UInt32?
    package var networkPasswordsPerMinute: UInt32?
    package var passwordsBurst: UInt32?
    package var passwordsPerMinute: UInt32?
    package var messagesPerUser: UInt32?
    package var messagesPerReceiver: UInt32?
    package var messagesPerCountry: UInt32?
    package var messagesPerMinute: UInt32?
    package var messagesPerHour: UInt32?

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        passwordFailures = try coder.optional(
            1, "passwordFailures", it?.passwordFailures,
            "Wrong passwords in a row until it is disabled.")
        codeFailures = try coder.optional(
            2, "codeFailures", it?.codeFailures,
            "Wrong codes in a row until their authenticator is disabled.")
        restingFrom = try coder.optional(
            3, "restingFrom", it?.restingFrom,
            "The first wrong try in a row that is followed by a rest.")
        restSeconds = try coder.optional(
            4, "restSeconds", it?.restSeconds, "The first rest; each further one is twice as long.")
        restSecondsMax = try coder.optional(
            5, "restSecondsMax", it?.restSecondsMax, "The longest rest.")
        networkCallsBurst = try coder.optional(
            6, "networkCallsBurst", it?.networkCallsBurst,
            "Calls that one network may make at once.")
        networkCallsPerMinute = try coder.optional(
            7, "networkCallsPerMinute", it?.networkCallsPerMinute,
            "Calls of one network in the long run.")
        networkPasswordsBurst = try coder.optional(
            8, "networkPasswordsBurst", it?.networkPasswordsBurst,
            "Sign-ins that one network may begin at once.")
        networkPasswordsPerMinute = try coder.optional(
            9, "networkPasswordsPerMinute", it?.networkPasswordsPerMinute,
            "Sign-ins of one network in the long run.")
        passwordsBurst = try coder.optional(
            10, "passwordsBurst", it?.passwordsBurst,
            "Sign-ins that all together may begin at once.")
        passwordsPerMinute = try coder.optional(
            11, "passwordsPerMinute", it?.passwordsPerMinute,
            "Sign-ins of all together in the long run.")
        messagesPerUser = try coder.optional(
            12, "messagesPerUser", it?.messagesPerUser, "Codes sent in an hour for one user.")
        messagesPerReceiver = try coder.optional(
            13, "messagesPerReceiver", it?.messagesPerReceiver,
            "Codes sent in an hour to one number or address.")
        messagesPerCountry = try coder.optional(
            14, "messagesPerCountry", it?.messagesPerCountry,
            "Codes sent in an hour to the numbers of one country.")
        messagesPerMinute = try coder.optional(
            15, "messagesPerMinute", it?.messagesPerMinute, "Codes sent in a minute in all.")
        messagesPerHour = try coder.optional(
            16, "messagesPerHour", it?.messagesPerHour, "Codes sent in an hour in all.")
    }
}

/// A limit: between what it may be, and in which direction it protects more. The one declaration
/// that bounds, comparisons and weighing are derived from.
package struct PolicyLimit: Sendable {
    package let name: String
    package let bounds: ClosedRange<UInt32>
    /// The fewer the stricter; else the more.
    package let isStricterBelow: Bool
    package let value: @Sendable (LimitSettings) -> UInt32?

    private init(
        _ name: String, _ bounds: ClosedRange<UInt32>, stricterBelow isStricterBelow: Bool = true,
        _ value: @escaping @Sendable (LimitSettings) -> UInt32?
    ) {
        self.name = name
        self.bounds = bounds
        self.isStricterBelow = isStricterBelow
        self.value = value
    }

    /// All of them, in the order of their fields.
    package static let all: [PolicyLimit] = [
        PolicyLimit("passwordFailures", 10...100) { $0.passwordFailures },
        PolicyLimit("codeFailures", 5...30) { $0.codeFailures },
        PolicyLimit("restingFrom", 2...5) { $0.restingFrom },
        PolicyLimit("restSeconds", 30...600, stricterBelow: false) { $0.restSeconds },
        PolicyLimit("restSecondsMax", 3600...86_400, stricterBelow: false) { $0.restSecondsMax },
        PolicyLimit("networkCallsBurst", 60...100_000) { $0.networkCallsBurst },
        PolicyLimit("networkCallsPerMinute", 60...600_000) { $0.networkCallsPerMinute },
        PolicyLimit("networkPasswordsBurst", 5...100_000) { $0.networkPasswordsBurst },
        PolicyLimit("networkPasswordsPerMinute", 2...600_000) { $0.networkPasswordsPerMinute },
        PolicyLimit("passwordsBurst", 20...100_000) { $0.passwordsBurst },
        PolicyLimit("passwordsPerMinute", 20...600_000) { $0.passwordsPerMinute },
        PolicyLimit("messagesPerUser", 1...5) { $0.messagesPerUser },
        PolicyLimit("messagesPerReceiver", 1...5) { $0.messagesPerReceiver },
        PolicyLimit("messagesPerCountry", 0...100_000) { $0.messagesPerCountry },
        PolicyLimit("messagesPerMinute", 1...10_000) { $0.messagesPerMinute },
        PolicyLimit("messagesPerHour", 1...100_000) { $0.messagesPerHour },
    ]

    /// Whether `new` protects no less than `old`, where absent is the least.
    package func isKept(_ old: LimitSettings, by new: LimitSettings) -> Bool {
        guard let before = value(old) else { return true }
        guard let after = value(new) else { return false }
        return isStricterBelow ? after <= before : after >= before
    }
}

extension UInt32? {
    /// The fewer of what is allowed anyway and what is said here.
    package func orFewer(than allowed: Int) -> Int {
        map { Swift.min(allowed, Int($0)) } ?? allowed
    }

    /// The more of what holds anyway and what is said here.
    package func orMore(than held: Int) -> Int {
        map { Swift.max(held, Int($0)) } ?? held
    }
}
