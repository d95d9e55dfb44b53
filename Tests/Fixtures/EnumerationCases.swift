import Foundation

/// Sign-ins with a wrong password that must not tell whether the account exists. Some answers say
/// openly that it is too early or that tries are used up; then a name that nobody has says so too,
/// after as many tries. So each case is compared with the others of its own row.
///
/// ```
///  what is told            nobody's name                somebody's name
///  the password is wrong   unknown                      wrong password, disabled user, imported
///  wait                    unknown, delayed             delayed
///  tries are used up       unknown, password disabled   password disabled
/// ```
package struct EnumerationCases {
    package enum Case: String, CaseIterable, Sendable {
        case unknown
        case wrongPassword = "wrong password"
        case disabledUser = "disabled user"
        /// With a record of another system, which is cheaper to check.
        case imported
        case unknownDelayed = "unknown, delayed"
        case delayed
        case unknownExhausted = "unknown, password disabled"
        case exhausted = "password disabled"
    }

    /// The cases of one row must not be told apart; the first is nobody's.
    package static let alike: [[Case]] = [
        [.unknown, .wrongPassword, .disabledUser, .imported], [.unknownDelayed, .delayed],
        [.unknownExhausted, .exhausted],
    ]

    /// Those for which a user has to be made.
    package static let users: [Case] = [
        .wrongPassword, .disabledUser, .imported, .delayed, .exhausted,
    ]

    /// Makes the user of `imported`; his name.
    package static func makeImported(
        _ installation: Installation, record: String
    ) throws -> String {
        let name = nobody()
        try installation.importUsers(
            lines: [#"{"userName": "\#(name)", "passwordRecord": "\#(record)"}"#])
        return name
    }

    private let installation: Installation
    private var names: [Case: String]

    /// - Parameter users: Names of five users who have a password, by `users`.
    package init(
        _ installation: Installation, users: [Case: String], _ client: HTTPTestClient
    ) throws {
        self.installation = installation
        names = users
        for (it, failed) in [(Case.unknownDelayed, 6), (.unknownExhausted, 100)] {
            let name = Self.nobody()
            names[it] = name
            _ = try client.call("SignInService/Start", Self.body(of: name))
            try age(
                """
                id = (SELECT id FROM verification.authenticators WHERE sealed IS NULL
                    ORDER BY reserved_at DESC LIMIT 1)
                """, failed)
        }
        for (it, failed) in [(Case.delayed, 6), (.exhausted, 100)] {
            try age("user_id = \(user(it)) AND kind = 'password'", failed)
        }
        try installation.sql(
            "UPDATE auth.users SET state = 'disabled' WHERE id = \(user(.disabledUser))")
    }

    private func user(_ it: Case) -> String {
        "(SELECT id FROM auth.users WHERE user_name = '\(names[it] ?? "")')"
    }

    /// As if so many tries had failed just now.
    private func age(_ condition: String, _ failed: Int) throws {
        try installation.sql(
            """
            UPDATE verification.authenticators SET failed = \(failed), reserved = 0,
                state = CASE WHEN \(failed) >= 100 THEN 'disabled' ELSE 'active' END,
                delayed_until = now() + interval '1 hour'
            WHERE \(condition)
            """)
    }

    /// Tries after which those who need not wait yet would have to.
    package static let triesMax = 4

    /// Takes back the tries of those who need not wait.
    package func forgive() throws {
        try installation.sql(
            """
            UPDATE verification.authenticators SET failed = 0, delayed_until = NULL
            WHERE failed BETWEEN 1 AND 5
            """)
    }

    /// The body of one try.
    package func body(_ it: Case) -> String { Self.body(of: names[it] ?? Self.nobody()) }

    package static func body(of name: String) -> String {
        #"{"identifier":"\#(name)","password":"not this one, surely"}"#
    }

    /// As long as the users' names.
    package static func nobody() -> String {
        "user-" + String(UInt32.random(in: 1_000_000_000 ... .max))
    }

    /// All that whoever asks gets to see, but for the date, for the seconds that are left, and for
    /// the end of a connection that has carried its thousand requests, whosever they were.
    package static func visible(_ answer: HTTPTestClient.Answer) -> [String] {
        let ofNobody: Set = ["date", "connection"]
        let fields = answer.headers.filter { !ofNobody.contains($0.name) }.map { field in
            let isCount = field.name == "retry-after"
            return "\(field.name): \(isCount ? blank(field.value) : field.value)"
        }
        return ["\(answer.status)"] + fields + [blankSeconds(answer.text)]
    }

    private static func blank(_ text: String) -> String {
        String(text.map { $0.isNumber ? "#" : $0 })
    }

    /// The seconds stand in the refusal twice, once within its binary form.
    private static func blankSeconds(_ text: String) -> String {
        guard text.contains("retryAfterSeconds") else { return text }
        let isCoded = /("value":")([^"]+)/
        return text.replacing(/("retryAfterSeconds":)(\d+)/) { match in
            "\(match.1)\(blank(String(match.2)))"
        }.replacing(isCoded) { match in
            "\(match.1)\(String(repeating: "#", count: match.2.count))"
        }
    }
}
