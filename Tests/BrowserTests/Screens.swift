import Fixtures
import Testing

/// Something that people get to see: a page, or a step or a dialog of one. What is declared here
/// is looked at by every test of all screens: `EveryScreenTests` and those beside it.
///
/// A further screen is a line of `all`. Its steps name what they touch by selectors, for they are
/// gone through in every language.
struct Screen: Sendable, CustomTestStringConvertible {
    /// Who comes to it.
    enum Visitor: Sendable {
        case nobody
        /// Has an initial password and nothing else.
        case newcomer
        case user
        case administrator
    }

    /// What users may choose between meanwhile.
    enum Offer: Sendable {
        case app
        case messages
        case passkeys
    }

    /// Also of its pictures.
    let name: String
    let visitor: Visitor
    /// Where it begins, from the origin on.
    let path: @Sendable (Stage) throws -> String
    /// Selects what is to be seen as soon as the screen is ready.
    let shows: String
    let offer: Offer
    /// A call is refused on the way, which Chromium tells on the console.
    let isRefused: Bool
    /// From the page on; nil for a page as it opens.
    let steps: (@Sendable (Visit) throws -> Void)?

    var testDescription: String { name }
    /// It opens with its page, so what that costs is what the screen costs.
    var isPage: Bool { steps == nil && !isRefused }

    init(
        _ name: String, of visitor: Visitor, at path: @escaping @Sendable (Stage) throws -> String,
        shows: String, offer: Offer = .app, isRefused: Bool = false,
        steps: (@Sendable (Visit) throws -> Void)? = nil
    ) {
        self.name = name
        self.visitor = visitor
        self.path = path
        self.shows = shows
        self.offer = offer
        self.isRefused = isRefused
        self.steps = steps
    }

    init(
        _ name: String, of visitor: Visitor, _ path: String, shows: String, offer: Offer = .app,
        isRefused: Bool = false, steps: (@Sendable (Visit) throws -> Void)? = nil
    ) {
        self.init(
            name, of: visitor, at: { _ in path }, shows: shows, offer: offer,
            isRefused: isRefused, steps: steps)
    }

    static let all = signIn + account + administration
}

extension Screen {
    static let signIn = [
        Screen("sign-in", of: .nobody, "/", shows: "input[name=identifier]"),
        Screen(
            "sign-in-refused", of: .nobody, "/", shows: "main [role=alert]:not(:empty)",
            isRefused: true
        ) {
            try $0.enter("nobody", "not this one")
        },
        Screen("forgotten-password", of: .nobody, "/", shows: "input[name=identifier]") {
            try $0.press("#forgotten")
            try $0.waitUntilGone("input[name=password]")
        },
        Screen("sign-up", of: .nobody, "/", shows: "input[name=email]") {
            try $0.press("#sign-up")
        },
        Screen(
            "sign-up-by-link", of: .nobody, "/#sign-up=" + String(repeating: "A", count: 43),
            shows: "input[name=userName]"),
        Screen(
            "new-password-by-link", of: .nobody, "/#reset=" + String(repeating: "A", count: 43),
            shows: "input[name=newPassword]"),
        Screen("bind-app", of: .newcomer, "/", shows: "img.qr") { try $0.givePassword() },
        Screen(
            "bind-phone", of: .newcomer, "/", shows: "input[name=phone]", offer: .messages
        ) {
            try $0.givePassword()
            try $0.browser.tick("SMS")
        },
        Screen(
            "bind-mail-code", of: .newcomer, "/", shows: "input[name=code]", offer: .messages
        ) {
            try $0.givePassword()
            try $0.browser.tick("Mail")
            try $0.fill("input[name=email]", "somebody@example.org")
            try $0.submit()
        },
        Screen(
            "bind-passkey", of: .newcomer, "/", shows: "input[name=name]", offer: .passkeys
        ) {
            try $0.givePassword()
            try $0.browser.tick("Passkey")
        },
        Screen("recovery-codes", of: .newcomer, "/", shows: ".codes") {
            try $0.givePassword()
            try $0.bindApp()
        },
        Screen("choose-password", of: .newcomer, "/", shows: "input[name=newPassword]") {
            try $0.givePassword()
            try $0.bindApp()
            try $0.keepCodes()
        },
        Screen("verify", of: .nobody, "/", shows: "input[name=code]") {
            try $0.enterAsUser()
        },
        Screen("verify-recovery", of: .nobody, "/", shows: "input[autocapitalize=characters]") {
            try $0.enterAsUser()
            try $0.press("form div button.quiet")
        },
        Screen(
            "verify-refused", of: .nobody, "/", shows: "main [role=alert]:not(:empty)",
            isRefused: true
        ) {
            try $0.enterAsUser()
            try $0.fill("input[name=code]", try Stage.somebody.get().wrongCode())
            try $0.submit()
        },
        Screen(
            "expired", of: .nobody, "/", shows: "main button.primary", isRefused: true
        ) {
            try $0.enterAsUser()
            try $0.stage.installation.sql(
                "UPDATE auth.pending_sign_ins SET expires_at = clock_timestamp()")
            try $0.fill("input[name=code]", "000000")
            try $0.submit()
            try $0.waitUntilGone("input[name=code]")
        },
    ]

    static let account = [
        Screen("account", of: .user, "/account", shows: "#authenticators li"),
        Screen("prove", of: .user, "/account", shows: "dialog[open] input[name=code]") {
            try $0.press("#authenticators button:last-of-type")
        },
        Screen("rename", of: .user, "/account", shows: "dialog[open] input[name=name]") {
            try $0.press("#authenticators button")
        },
        Screen("not-me", of: .user, "/account", shows: "dialog[open] button.primary") {
            try $0.press("#not-me-actions button")
        },
        Screen("profile", of: .user, "/account", shows: "dialog[open] input[name=displayName]") {
            try $0.press("#profile-actions button")
        },
        Screen("erasure", of: .user, "/account", shows: "dialog[open] input[name=userName]") {
            try $0.press("#erasure-actions button")
        },
        Screen(
            "hand-over-refused", of: .user, "/hand-over?host=unknown.example",
            shows: "#trouble:not(:empty)", isRefused: true),
        Screen("administrators-only", of: .user, "/admin/users", shows: "#trouble:not(:empty)"),
    ]

    static let administration =
        [
            Screen("overview", of: .administrator, "/admin/overview", shows: "#tiles li"),
            Screen(
                "overview-numbers", of: .administrator, "/admin/overview", shows: "figure tbody tr"
            ) {
                try $0.openDetails()
            },
            Screen("versions", of: .administrator, "/admin/versions", shows: "#versions li"),
            Screen("differences", of: .administrator, "/admin/versions", shows: "#differences > *")
            {
                try $0.press("#compare button.primary")
            },
            Screen("users", of: .administrator, "/admin/users", shows: "#users li"),
            Screen(
                "user-new", of: .administrator, "/admin/users",
                shows: "dialog[open] input[name=userName]"
            ) {
                try $0.press("#create")
            },
            Screen(
                "user-invite", of: .administrator, "/admin/users", shows: "dialog[open] input"
            ) {
                try $0.press("#invite")
            },
            Screen(
                "user", of: .administrator,
                at: { "/admin/user?id=" + (try $0.identifier(of: Stage.somebody.get())) },
                shows: "#authenticators li"),
            Screen(
                "user-erase", of: .administrator,
                at: { "/admin/user?id=" + (try $0.identifier(of: Stage.somebody.get())) },
                shows: "dialog[open] input[name=typed]"
            ) {
                try $0.press("#account-acts button.grave")
            },
            Screen("locked", of: .administrator, "/admin/locked", shows: "#locked li"),
            Screen("audit", of: .administrator, "/admin/audit", shows: "#rows li"),
            Screen("audit-open", of: .administrator, "/admin/audit", shows: "#rows dd") {
                try $0.openDetails()
            },
        ] + twoFactor + verifiers

    static let twoFactor = [
        Screen("two-factor", of: .administrator, "/admin/two-factor", shows: "#settings"),
        Screen(
            "two-factor-open", of: .administrator, "/admin/two-factor", shows: "details[open]"
        ) {
            try $0.openDetails()
        },
        Screen(
            "rule", of: .administrator, "/admin/two-factor", shows: "dialog[open] input"
        ) {
            try $0.press("#add-rule")
        },
        Screen(
            "dry-run", of: .administrator, "/admin/two-factor", shows: "#dry-run-result > *"
        ) {
            try $0.press("#dry-run-start")
        },
    ]

    static let verifiers = [
        Screen("verifiers", of: .administrator, "/admin/verifiers", shows: "#verifiers li"),
        Screen(
            "verifier-new", of: .administrator, "/admin/verifiers",
            shows: "dialog[open] input[name=uid]"
        ) {
            try $0.press("#add")
        },
        provider("aliyun"), provider("tencent"), provider("twilio"), provider("webhook"),
        Screen(
            "verifier-test", of: .administrator, "/admin/verifiers",
            shows: "dialog[open] input[name=phone]", offer: .messages
        ) {
            let row = try $0.browser.element(
                "row", "return document.querySelector('#verifiers [value=sms]')?.closest('li');")
            try $0.press(in: row, "button ~ button")
        },
    ]

    /// What a provider of text messages wants to be told.
    private static func provider(_ value: String) -> Screen {
        Screen(
            "verifier-\(value)", of: .administrator, "/admin/verifiers",
            shows: "dialog[open] select[name=provider]"
        ) {
            try $0.press("#add")
            try $0.choose("sms", in: "dialog[open] select[name=type]")
            try $0.choose(value, in: "dialog[open] select[name=provider]")
        }
    }
}
