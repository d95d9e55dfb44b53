import Fixtures
import Foundation
import Testing

/// What people do outside of the browser that a test looks at, and what the gateway makes of it.
extension Stage {
    /// Opens a session of a person's outside of any browser, by password and code: the client's
    /// cookie, or the token that is in the answer.
    @discardableResult
    func signIn(
        _ person: Person, _ client: HTTPTestClient, bearer: Bool = false
    ) throws -> HTTPTestClient.Answer {
        try rewind(person)
        let started = try client.call(
            "SignInService/Start",
            """
            {"identifier": "\(person.name)", "password": "\(person.password)",
             "bearer": \(bearer)}
            """)
        let ticket = try #require(started.string("verify", "ticket"), "\(started.text)")
        let offered = try #require(
            started.value("verify", "authenticators") as? [[String: Any]], "\(started.text)")
        let authenticator = try #require(offered.first?["id"] as? String)
        let step = try client.call(
            "SignInService/CompleteVerification",
            """
            {"ticket": "\(ticket)", "authenticator": "\(authenticator)",
             "code": "\(try person.code())"}
            """)
        try rewind(person)
        #expect(step.value("signedIn") != nil, "\(step.text)")
        return step
    }

    /// The token of a session that `client` opens so.
    func token(of person: Person, _ client: HTTPTestClient) throws -> String {
        let step = try signIn(person, client, bearer: true)
        return try #require(step.string("signedIn", "session", "token"), "\(step.text)")
    }

    /// The same by a program that says of itself what `agent` says; it keeps the session.
    func signedIn(_ person: Person, agent: String) throws -> HTTPTestClient {
        let client = try installation.client()
        client.headers["User-Agent"] = agent
        client.headers["Authorization"] = "Bearer \(try token(of: person, client))"
        return client
    }

    /// Lets devices of these titles stand in for the person's second factor, the last one used
    /// last. No policy lets them do so here, and none is needed to be in the list.
    func trust(_ titles: [String], of person: Person) throws {
        for title in titles {
            try installation.sql(
                """
                INSERT INTO auth.trusted_devices (id, user_id, user_epoch, digest,
                    authenticator_id, verifier, kind, bound_authenticators, title, place,
                    expires_at)
                SELECT gen_random_uuid(), id, epoch, sha256(gen_random_uuid()::text::bytea),
                    gen_random_uuid(), 'totp', 'totp', '{}', '\(title)', '192.0.2.7',
                    clock_timestamp() + interval '1 day'
                FROM auth.users WHERE name_key = '\(person.name)'
                """)
        }
    }

    /// How many rows of a table of the gateway's are a person's, where `condition` holds.
    func count(_ table: String, of person: Person, where condition: String = "true") throws -> Int {
        let text = try installation.sql(
            """
            SELECT count(*) FROM auth.\(table) t JOIN auth.users u ON u.id = t.user_id
            WHERE u.name_key = '\(person.name)' AND \(condition)
            """)
        return try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)), "\(text)")
    }
}

extension HTTPTestClient {
    /// Whether the session that this one holds opens anything.
    func isSignedIn() throws -> Bool {
        try call("SessionService/Introspect").value("active") as? Bool ?? false
    }
}

extension Browser {
    /// Presses the first button whose name begins so: names may tell moments.
    func press(beginningWith name: String) throws {
        try element(
            "button \(name)…",
            """
            return [...document.querySelectorAll("button")]
              .find((it) => it.checkVisibility() && it.ariaLabel?.startsWith(arguments[0])) ?? null;
            """, [name]
        ).click()
    }

    /// What the rows of a list are called, in their order.
    func titles(in list: String) throws -> [String] {
        try run(
            """
            return [...document.querySelectorAll(arguments[0] + " h3")]
              .map((it) => it.textContent);
            """, [list]) as? [String] ?? []
    }

    /// Waits until a list has as many rows, and returns what they are called.
    @discardableResult
    func waitForRows(_ count: Int, in list: String) throws -> [String] {
        try wait(
            "\(count) rows in \(list)",
            """
            const [list, count] = arguments;
            return document.querySelectorAll(list + " > li").length === count;
            """, [list, count])
        return try titles(in: list)
    }
}
