import Testing

@testable import HTTP

@Suite struct StaticFilesTests {
    private static let page = #"<link href="/assets/style.css"><p class="/assets">"/x/assets/"</p>"#

    private func files(version: String = "a1") throws -> StaticFiles {
        try StaticFiles(
            [
                ("index.html", Self.page), ("admin/users.html", "users"),
                ("assets/style.css", "p {}"), ("assets/inner/main.js", "1"),
            ].map { StaticFiles.File(path: $0.0, bytes: Array($0.1.utf8)) },
            version: version)
    }

    private func ask(
        _ path: String, _ method: String = "GET", fields: [String] = []
    ) throws -> HTTPResponse? {
        try files().answer(try ConnectTests.request(method, path, fields: fields))
    }

    private func value(_ response: HTTPResponse?, _ name: HeaderName) -> String? {
        response?.headers[name]
    }

    @Test(arguments: [("/", "<link"), ("/admin/users", "users"), ("/?next=account", "<link")])
    func `a page is found by its path and only loads what is ours`(
        path: String, start: String
    ) throws {
        let page = try #require(try ask(path))
        #expect(page.status == .ok)
        #expect(String(decoding: page.body, as: UTF8.self).hasPrefix(start))
        #expect(value(page, "Content-Type") == "text/html; charset=utf-8")
        #expect(value(page, "Cache-Control") == "no-cache")
        #expect(
            value(page, "Content-Security-Policy")
                == "default-src 'none'; script-src 'self'; style-src 'self'; "
                + "img-src 'self' data:; connect-src 'self'; form-action 'self'; "
                + "frame-ancestors 'none'; base-uri 'none'")
    }

    @Test func `a page names its assets with the version, which browsers keep`() throws {
        let page = try #require(try ask("/"))
        #expect(
            String(decoding: page.body, as: UTF8.self)
                == Self.page.replacing(#""/assets/"#, with: #""/assets/a1/"#))
        let style = try #require(try ask("/assets/a1/style.css"))
        #expect(style.body == Array("p {}".utf8))
        #expect(value(style, "Content-Type") == "text/css; charset=utf-8")
        #expect(value(style, "Cache-Control") == "public, max-age=31536000, immutable")
        let script = try #require(try ask("/assets/a1/inner/main.js"))
        #expect(value(script, "Content-Type") == "text/javascript; charset=utf-8")
    }

    @Test func `another version's asset is served, but not kept`() throws {
        let style = try #require(try ask("/assets/b2/style.css"))
        #expect(style.body == Array("p {}".utf8))
        #expect(value(style, "Cache-Control") == nil)
    }

    @Test(arguments: [#""a1""#, #"W/"a1""#, #""x", "a1""#, "*"])
    func `a page that the browser has is not sent again`(tag: String) throws {
        let answer = try #require(try ask("/", fields: ["If-None-Match: \(tag)"]))
        #expect(answer.status.code == 304)
        #expect(answer.body.isEmpty)
        #expect(value(answer, "ETag") == #""a1""#)
    }

    @Test func `a page that the browser has in another version is sent`() throws {
        let answer = try ask("/", fields: [#"If-None-Match: "a2", W/"a""#])
        #expect(answer?.status == .ok)
    }

    @Test(arguments: [
        "/index", "/index.html", "/admin", "/admin/", "/admin/users.html", "/admin/users/",
        "//admin/users", "/admin/../admin/users", "/admin/%75sers", "/assets/style.css",
        "/assets/", "/assets/a1/", "/assets/a1/../index.html", "/assets/a1/inner",
        "/assets/a1//style.css", "/assets/a1/style.css/", "/assets/a1/%2e%2e/index.html",
        "/../etc/passwd", "/assets/a1/../../../../etc/passwd", "/assets/a1/inner/../style.css",
    ])
    func `H-81 no other path leads to a file`(path: String) throws {
        #expect(try ask(path) == nil)
    }

    @Test func `only GET and HEAD ask for files`() throws {
        #expect(try ask("/", "HEAD")?.status == .ok)
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            #expect(try ask("/", method) == nil)
        }
    }

    @Test(arguments: ["assets/a.exe", "readme.txt", "assets/a b.css", "assets/none", "é.html"])
    func `a file that has no type or no plain name is refused at the start`(path: String) {
        #expect(throws: StaticFiles.Unservable.self) {
            try StaticFiles([StaticFiles.File(path: path, bytes: [])], version: "a1")
        }
    }
}
