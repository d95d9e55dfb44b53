import Fixtures
import Foundation
import Synchronization
import Testing

/// Somebody on the way to a screen, in whatever language: what is filled in and pressed is named
/// by selectors, of what is to be seen and not behind a dialog.
struct Visit {
    let screen: Screen
    let stage: Stage
    let browser: Browser

    /// Goes to a screen and runs `body` there, once it is ready.
    static func run(
        _ screen: Screen, in stage: Stage, language: String = "en",
        _ body: (Browser) throws -> Void
    ) throws {
        let browser = try stage.browser()
        let visit = Visit(screen: screen, stage: stage, browser: browser)
        try stage.with(screen.offer) {
            try visit.enter(speaking: language)
            try visit.go()
            try body(browser)
        }
    }

    /// The session that the visitor has, and the language that he chose.
    func enter(speaking language: String) throws {
        try browser.open("/livez")
        try browser.run("localStorage.setItem('language', arguments[0])", [language])
        if screen.offer == .passkeys { try browser.addAuthenticator() }
        switch screen.visitor {
        case .nobody, .newcomer: break
        case .user: try browser.take(stage.sessions.cookies(of: Stage.somebody.get(), at: stage))
        case .administrator:
            _ = try Stage.furniture.get()
            try browser.take(
                stage.sessions.cookies(of: Stage.administrator.get(), at: stage))
        }
        _ = try browser.takeTraffic()
    }

    /// From the page on to the screen.
    func go() throws {
        try browser.open(try screen.path(stage))
        try browser.wait("page", "return Boolean(document.querySelector('main:not([aria-busy])'))")
        try screen.steps?(self)
        _ = try shown(screen.shows)
    }

    private static let sight = """
        const near = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document;
        const found = [...near.querySelectorAll(arguments[0])]
          .concat(near.matches?.(arguments[0]) ? [near] : [])
          .find((it) => it.checkVisibility({ visibilityProperty: true }));

        """

    /// The first that is to be seen.
    func shown(_ selector: String) throws -> Element {
        // A selector may begin with the dialog itself.
        let inside = selector.replacing("dialog[open] ", with: "")
        if inside != selector {
            try browser.wait(
                "dialog", "return Boolean(document.querySelector('dialog[open]'))")
        }
        return try browser.element(selector, Self.sight + "return found ?? null;", [inside])
    }

    func waitUntilGone(_ selector: String) throws {
        try browser.wait("no \(selector)", Self.sight + "return !found;", [selector])
    }

    func fill(_ selector: String, _ text: String) throws { try shown(selector).type(text) }
    func press(_ selector: String) throws { try shown(selector).click() }
    /// The first that is to be seen within a part of the page.
    func press(in part: Element, _ selector: String) throws {
        try browser.element(
            selector, "return arguments[0].querySelector(arguments[1]);", [part.json, selector]
        ).click()
    }
    /// By what the option stands for.
    func choose(_ value: String, in selector: String) throws {
        try press(in: try shown(selector), "option[value='\(value)']")
    }
    func openDetails() throws {
        try browser.run("for (const it of document.querySelectorAll('details')) it.open = true")
    }
    /// By the button that a form leads on with.
    func submit() throws { try press("form button.primary") }
}

/// The steps of a sign-in.
extension Visit {
    func enter(_ name: String, _ password: String) throws {
        try fill("input[name=identifier]", name)
        try fill("input[name=password]", password)
        try submit()
    }

    /// Somebody new gives the password that he was told.
    func givePassword() throws {
        let name = "user-\(UInt32.random(in: 0 ... .max))"
        try enter(name, try stage.initialPassword(of: name))
    }

    func enterAsUser() throws {
        let person = try Stage.somebody.get()
        try enter(person.name, person.password)
        _ = try shown("input[name=code]")
    }

    func bindApp() throws {
        let secret = try shown(".secret").property("textContent") as? String ?? ""
        try fill("input[name=code]", try Person.code(secret.replacing(" ", with: "")))
        try submit()
    }

    func keepCodes() throws {
        _ = try shown(".codes")
        try press("button.primary")
    }
}

extension Stage {
    /// Somebody who has bound an app and chosen a password, and of whom there is nothing more to
    /// tell. Screens are looked at as his; nobody changes what he has.
    static let somebody = Result { () throws -> Person in
        let stage = try shared()
        return try stage.person(try stage.browser())
    }

    /// What gives the lists of an administrator something to show: names as wide as they may be,
    /// and somebody who is locked.
    static let furniture = Result { () throws -> Void in
        let stage = try shared()
        let name = "locked-\(UInt32.random(in: 0 ... .max))"
        _ = try stage.initialPassword(of: name, email: "\(name)@example.org")
        let client = try stage.installation.client()
        for _ in 0..<5 {
            _ = try client.call(
                "SignInService/Start", #"{"identifier": "\#(name)", "password": "not this one"}"#)
        }
        // The first delay would be over before all has been looked at.
        try stage.installation.sql(
            """
            UPDATE verification.authenticators SET delayed_until = delayed_until + interval '1 day'
            WHERE user_id = (SELECT id FROM auth.users WHERE name_key = '\(name)')
            """)
        let wide = String(repeating: "W", count: 50)
        try stage.installation.sql(
            """
            INSERT INTO auth.users (id, user_name, name_key, display_name, email, email_key,
                phone, locale, roles, state)
            VALUES (gen_random_uuid(), '\(wide)', lower('\(wide)'), repeat('W', 200),
                repeat('w', 60) || '@' || repeat('w', 60) || '.example',
                repeat('w', 60) || '@' || repeat('w', 60) || '.example', '+319999999999999',
                'nl', '{}', 'disabled');
            INSERT INTO auth.users (id, user_name, name_key, display_name, locale, roles, state)
            SELECT gen_random_uuid(), 'row-' || n, 'row-' || n, 'Somebody of row ' || n, '', '{}',
                'active'
            FROM generate_series(1, 60) n
            """)
    }

    func identifier(of person: Person) throws -> String {
        try installation.sql(
            "SELECT id FROM auth.users WHERE name_key = '\(person.name)'"
        ).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    fileprivate func with(_ offer: Screen.Offer, _ body: () throws -> Void) throws {
        switch offer {
        case .app: try body()
        case .messages: try withMessages(body)
        case .passkeys: try withPasskeys(body)
        }
    }
}

/// Sessions that are opened without a browser, and shown to many: whoever has signed in a hundred
/// times has waited long.
final class Sessions: Sendable {
    private let cookies = Mutex<[String: [String: String]]>([:])

    /// The cookies of a session of this person's that is in force.
    func cookies(of person: Person, at stage: Stage) throws -> [String: String] {
        let client = try stage.installation.client()
        client.cookies = cookies.withLock { $0[person.name] ?? [:] }
        let own = try client.call("SessionService/Introspect")
        if own.value("active") as? Bool == true { return client.cookies }
        try stage.signIn(person, client)
        let opened = client.cookies
        cookies.withLock { $0[person.name] = opened }
        return opened
    }
}

extension Browser {
    /// Holds these cookies from now on.
    func take(_ cookies: [String: String]) throws {
        for (name, value) in cookies {
            try tool(
                "Network.setCookie",
                [
                    "name": name, "value": value, "url": origin + "/", "path": "/",
                    "secure": true, "httpOnly": true, "sameSite": "Strict",
                ])
        }
    }
}
