import Fixtures
import Foundation
import Synchronization

/// Debian's chromedriver, which drives its Chromium by the WebDriver protocol (W3C WebDriver 2,
/// JSON over HTTP). Both end with the last reference.
final class ChromeDriver: Sendable {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    static let programs = ["chromium", "chromedriver", "zbarimg"]

    /// All that these tests run is on this machine.
    static let isThere = programs.allSatisfy { program in
        ["/usr/bin/", "/usr/local/bin/"].contains {
            FileManager.default.isExecutableFile(atPath: $0 + program)
        }
    }

    let port: UInt16
    private let process: ChildProcess
    /// Sessions whose test is over, cleaned for the next: a browser's start takes seconds.
    fileprivate let idle = Mutex<[String]>([])

    /// `folder` is made, and holds the profiles and whatever else the browser leaves.
    init(folder: String) throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        var environment = ProcessInfo.processInfo.environment
        environment["TMPDIR"] = folder
        environment["HOME"] = folder
        process = try ChildProcess(
            "chromedriver", ["--port=0"], environment: environment, output: folder + "/log")
        port = try Self.port(of: process)
    }

    private static func port(of process: ChildProcess) throws -> UInt16 {
        let limit = Date(timeIntervalSinceNow: 60)
        while Date() < limit, process.exitStatus == nil {
            if let match = process.output.firstMatch(of: /successfully on port (\d+)/),
                let port = UInt16(match.1)
            {
                return port
            }
            usleep(20_000)
        }
        throw Failed(description: "chromedriver does not start: \(process.output)")
    }
}

/// One browser with a profile of its own, at the pages of one gateway. Not Sendable: one test
/// drives it.
final class Browser {
    /// How WebDriver names an element in JSON (§12.1).
    private static let elementKey = "element-6066-11e4-a52e-4f735466cecf"
    private static let secondsMax = 20.0

    /// The page's own address, `http://localhost:PORT`.
    let origin: String
    private let driver: ChromeDriver
    private let client: HTTPTestClient
    private var session = ""
    /// Of the device that keeps passkeys, where there is one.
    private var authenticator: String?
    /// What makes the browser again as it was, for the test after this.
    private var afterwards: [(method: String, parameters: [String: Any])] = []

    init(_ driver: ChromeDriver, origin: String) throws {
        self.driver = driver
        self.origin = origin
        client = HTTPTestClient(port: driver.port, seconds: 90)
        session = try driver.idle.withLock { $0.popLast() } ?? start()
    }

    /// Leaves the browser as if nobody had been there.
    deinit {
        do {
            try removeAuthenticator()
            for (method, parameters) in afterwards { try tool(method, parameters) }
            try open("/livez")
            try run("localStorage.clear(); sessionStorage.clear()")
            try tool("Network.clearBrowserCookies")
            try emulate("clearDeviceMetricsOverride", [:])
            try emulate("setEmulatedMedia", ["media": "", "features": []])
            _ = try takeLog()
            _ = try takeTraffic()
            driver.idle.withLock { $0.append(session) }
        } catch {
            // The driver's end takes the browser with it.
        }
    }

    private func start() throws -> String {
        let options: [String: Any] = [
            "binary": "/usr/bin/chromium",
            "args": [
                "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
                "--window-size=1000,1000", "--accept-lang=en",
            ],
            "perfLoggingPrefs": ["enableNetwork": true, "enablePage": false],
        ]
        let capabilities: [String: Any] = [
            "browserName": "chrome", "goog:chromeOptions": options,
            "goog:loggingPrefs": ["browser": "ALL", "performance": "ALL"],
        ]
        let made = try ask("POST", "/session", ["capabilities": ["alwaysMatch": capabilities]])
        guard let made = made as? [String: Any], let id = made["sessionId"] as? String else {
            throw ChromeDriver.Failed(description: "no session: \(String(describing: made))")
        }
        session = "/session/" + id
        try tool(
            "Page.addScriptToEvaluateOnNewDocument", ["source": PageFigures.observing])
        return session
    }

    private func ask(_ verb: String, _ path: String, _ body: [String: Any]? = nil) throws -> Any {
        let bytes = try body.map { [UInt8](try JSONSerialization.data(withJSONObject: $0)) }
        try client.send(verb, path, bytes)
        let answer = try client.receive()
        guard answer.status == 200, let value = answer.value("value") else {
            throw ChromeDriver.Failed(description: "\(verb) \(path): \(answer.text)")
        }
        return value
    }

    @discardableResult
    func command(_ path: String, _ body: [String: Any] = [:]) throws -> Any {
        try ask("POST", session + path, body)
    }

    func open(_ path: String) throws {
        try command("/url", ["url": origin + path])
    }

    /// The value of a script's `return`.
    @discardableResult
    func run(_ script: String, _ arguments: [Any] = []) throws -> Any {
        try command("/execute/sync", ["script": script, "args": arguments])
    }

    /// A command of the browser's own protocol (Chrome DevTools Protocol).
    @discardableResult
    func tool(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
        try command("/goog/cdp/execute", ["cmd": method, "params": parameters])
            as? [String: Any] ?? [:]
    }

    func emulate(_ name: String, _ parameters: [String: Any]) throws {
        try tool("Emulation.\(name)", parameters)
    }

    /// Runs a script in every page to come, before any of the page's own.
    func prepare(_ script: String) throws {
        let made = try tool(
            "Page.addScriptToEvaluateOnNewDocument", ["source": script])["identifier"]
        afterwards.append(("Page.removeScriptToEvaluateOnNewDocument", ["identifier": made ?? ""]))
    }

    /// As for somebody who has never been here: nothing is taken from the browser's own memory.
    func forgetFiles() throws {
        try tool("Network.setCacheDisabled", ["cacheDisabled": true])
        afterwards.append(("Network.setCacheDisabled", ["cacheDisabled": false]))
    }

    /// A line that carries so many bytes per second, and on which an answer takes a third of a
    /// second to begin.
    func slowDown(bytesPerSecond: Int) throws {
        func set(_ rate: Int, _ latency: Int) -> [String: Any] {
            [
                "offline": false, "latency": latency, "downloadThroughput": rate,
                "uploadThroughput": rate,
            ]
        }
        try tool("Network.emulateNetworkConditions", set(bytesPerSecond, 330))
        afterwards.append(("Network.emulateNetworkConditions", set(-1, 0)))
    }

    /// Those that the browser's user reads, the best first, as Accept-Language names them.
    func want(languages: String) throws {
        let agent = try run("return navigator.userAgent")
        try emulate("setUserAgentOverride", ["userAgent": agent, "acceptLanguage": languages])
        afterwards.append(
            ("Emulation.setUserAgentOverride", ["userAgent": agent, "acceptLanguage": "en"]))
    }

    /// Gives the browser a device that keeps passkeys and verifies its user, who says yes to all
    /// (WebAuthn §11); in the place of the one before. He would also take at once what a page
    /// offers in a field, so pages to come hear that the browser offers nothing there, unless
    /// `inFields` says otherwise.
    func addAuthenticator(inFields: Bool = false) throws {
        try removeAuthenticator()
        if !inFields {
            try prepare("PublicKeyCredential.isConditionalMediationAvailable = async () => false;")
        }
        let made = try command(
            "/webauthn/authenticator",
            [
                "protocol": "ctap2_1", "transport": "internal", "hasResidentKey": true,
                "hasUserVerification": true, "isUserConsenting": true, "isUserVerified": true,
            ])
        authenticator = made as? String
    }

    private func removeAuthenticator() throws {
        guard let id = authenticator else { return }
        authenticator = nil
        _ = try ask("DELETE", session + "/webauthn/authenticator/\(id)")
    }

    func screenshot() throws -> Data {
        let text = try ask("GET", session + "/screenshot") as? String
        guard let data = text.flatMap({ Data(base64Encoded: $0) }) else {
            throw ChromeDriver.Failed(description: "no screenshot")
        }
        return data
    }

    /// What the console has shown since it was last asked: errors, warnings and reports of the
    /// content security policy.
    func takeLog() throws -> [String] {
        try entries("browser").map {
            "\($0["level"] ?? "") \($0["source"] ?? ""): \($0["message"] ?? "")"
        }
    }

    /// What has gone over the wire since it was last asked.
    func takeTraffic() throws -> Traffic {
        try Traffic(entries("performance").compactMap { $0["message"] as? String })
    }

    private func entries(_ log: String) throws -> [[String: Any]] {
        try command("/se/log", ["type": log]) as? [[String: Any]] ?? []
    }

    /// Runs the script until it returns something that is true, and returns that.
    @discardableResult
    func wait(_ what: String, _ script: String, _ arguments: [Any] = []) throws -> Any {
        let limit = Date(timeIntervalSinceNow: Self.secondsMax)
        repeat {
            let value = try run(script, arguments)
            if !(value is NSNull), (value as? Bool) != false { return value }
            usleep(20_000)
        } while Date() < limit
        let shown = try run("return location.pathname + '\\n' + document.body.innerText")
        throw ChromeDriver.Failed(
            description: "not seen: \(what)\n\(shown)\n\(try takeLog().joined(separator: "\n"))")
    }

    /// Waits for the element that a script returns.
    func element(_ what: String, _ script: String, _ arguments: [Any] = []) throws -> Element {
        let found = try wait(what, script, arguments) as? [String: Any]
        guard let id = found?[Self.elementKey] as? String else {
            throw ChromeDriver.Failed(description: "\(what) is no element")
        }
        return Element(browser: self, path: "/element/\(id)", json: [Self.elementKey: id])
    }
}

/// Something in a page.
struct Element {
    let browser: Browser
    fileprivate let path: String
    /// As an argument of a script.
    let json: [String: String]

    func click() throws { try browser.command(path + "/click") }

    /// Replaces what stands in a field.
    func type(_ text: String) throws {
        try browser.command(path + "/clear")
        try browser.command(path + "/value", ["text": text])
    }

    func property(_ name: String) throws -> Any {
        try browser.run("return arguments[0][arguments[1]]", [json, name])
    }
}
