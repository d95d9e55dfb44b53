import Fixtures
import Foundation
import Testing

/// Applications behind Debian's nginx, which asks the gateway who may see them: as the README
/// says, on one port with the gateway's own pages. The browser is a test client here; the same in
/// Chromium stands in BrowserTests.
@Suite(.serialized) struct NginxTests {
    private let installation: Installation
    private let nginx: Nginx
    private let admin: Person
    private let port: UInt16

    init() throws {
        port = FreePort.take()
        installation = try Installation(
            gateways: 1, settings: ProtectedApplications.settings(port: port))
        nginx = try ProtectedApplications.nginx(port: port, before: installation)
        admin = try Person.firstSignIn(
            "admin", installation.initialPassword, "four quiet grey herons",
            installation.client())
    }

    /// What a browser holds at one host.
    private func visitor(_ host: String) -> HTTPTestClient {
        let client = HTTPTestClient(port: port)
        client.headers["Host"] = "\(host):\(port)"
        return client
    }

    private func origin(_ host: String) -> String { "http://\(host):\(port)" }

    /// Goes the whole way from a page to itself, with the session's token in the place of our
    /// page's cookie.
    private func enter(
        _ client: HTTPTestClient, _ host: String, _ path: String, _ token: String
    ) throws -> HTTPTestClient.Answer {
        let refused = try client.get(path)
        #expect(refused.status == 302, "\(refused.text)")
        let start = try #require(refused.header("location"))
        #expect(start.hasPrefix(origin(host) + "/.dubbelslot/start?to="))
        let led = try client.get(String(start.dropFirst(origin(host).utf8.count)))
        let page = try #require(led.header("location"))
        #expect(page.hasPrefix(origin("localhost") + "/hand-over?"))
        let items = URLComponents(string: page)?.queryItems ?? []
        let values = Dictionary(uniqueKeysWithValues: items.map { ($0.name, $0.value ?? "") })
        let gate = try installation.client()
        gate.headers["Authorization"] = "Bearer \(token)"
        let over = try gate.call(
            "AccountService/HandOver",
            json([
                "host": values["host"] ?? "", "challenge": values["challenge"] ?? "",
                "target": values["to"] ?? "",
            ]))
        guard over.status == 200 else { return over }
        let back = try #require(over.string("location"), "\(over.text)")
        let arrived = try client.get(String(back.dropFirst(origin(host).utf8.count)))
        #expect(arrived.header("location") == origin(host) + path)
        return try client.get(path)
    }

    @Test func `S-02 H-74 nginx lets in who is signed in, with his own name, until he signs out`()
        throws
    {
        let wiki = visitor("wiki.localhost")
        let page = try enter(wiki, "wiki.localhost", "/page?a=b&c=%2F", admin.token)
        #expect(page.status == 200 && page.text.contains("user [admin]"), "\(page.text)")
        #expect(page.text.contains("groups [administrator]"))

        // Whatever is sent from outside, the application hears of no other user.
        for forged in [
            ["Remote-User": "root"], ["remote-user": "root"], ["Remote_User": "root"],
            ["Remote-Groups": "root", "Remote-Name": "root", "Remote-Email": "root@root"],
            ["X-Forwarded-Host": "vault.localhost", "X-Forwarded-Proto": "https"],
            ["X-Forwarded-For": "203.0.113.1", "X-Forwarded-Uri": "/.dubbelslot/start"],
        ] {
            try wiki.send("GET", "/", nil, forged)
            let answer = try wiki.receive()
            #expect(answer.text.contains("user [admin]"), "\(forged)\n\(answer.text)")
            #expect(!answer.text.contains("root"), "\(forged)\n\(answer.text)")
            let stranger = visitor("wiki.localhost")
            try stranger.send("GET", "/", nil, forged)
            #expect(try stranger.receive().status == 302, "\(forged)")
        }

        let gate = try installation.client()
        #expect(try admin.call(gate, "AccountService/SignOut").status == 200)
        #expect(try wiki.get("/page").status == 302)
    }

    @Test func `S-06 a level that is too low leads to a step-up, and each host has its own cookie`()
        throws
    {
        try installation.sql("UPDATE auth.sessions SET level = 1")
        let wiki = visitor("wiki.localhost")
        let vault = visitor("vault.localhost")
        let weak = try enter(wiki, "wiki.localhost", "/", admin.token)
        #expect(weak.text.contains("user [admin]"))
        let refused = try enter(vault, "vault.localhost", "/", admin.token)
        #expect(refused.status == 403 && refused.reason == "step_up_required", "\(refused.text)")

        try installation.sql(
            """
            UPDATE verification.authenticators SET last_step = last_step - 2 WHERE kind = 'totp'
            """)
        let gate = try installation.client()
        let raised = try admin.call(
            gate, "AccountService/StepUp",
            ["authenticator": admin.authenticator, "code": try admin.code()])
        let token = try #require(raised.string("session", "token"), "\(raised.text)")
        let strong = try enter(vault, "vault.localhost", "/", token)
        #expect(strong.text.contains("user [admin]"), "\(strong.text)")
        let name = "__Host-dubbelslot-host"
        let held = [try #require(wiki.cookies[name]), try #require(vault.cookies[name])]
        #expect(held[0] != held[1])
        wiki.cookies[name] = held[1]
        #expect(try wiki.get("/").status == 302)
    }

    @Test func `Traefik and Caddy are told by 302 where to lead people`() throws {
        let proxy = try installation.client()
        proxy.headers = [
            "X-Forwarded-Host": "wiki.localhost:\(port)", "X-Forwarded-Proto": "http",
            "X-Forwarded-Uri": "/page?a=b", "X-Forwarded-Method": "GET",
        ]
        let refused = try proxy.get("/forward-auth/redirect")
        #expect(refused.status == 302)
        #expect(
            refused.header("location")
                == origin("wiki.localhost") + "/.dubbelslot/start?to=/page%3Fa%3Db")
        let wiki = visitor("wiki.localhost")
        let page = try enter(wiki, "wiki.localhost", "/page?a=b", admin.token)
        #expect(page.status == 200)
        proxy.cookies = wiki.cookies
        let passed = try proxy.get("/forward-auth/redirect")
        #expect(passed.status == 200 && passed.header("remote-user") == "admin")
        proxy.headers["X-Forwarded-Host"] = "elsewhere.localhost:\(port)"
        #expect(try proxy.get("/forward-auth/redirect").status == 403)
    }
}
