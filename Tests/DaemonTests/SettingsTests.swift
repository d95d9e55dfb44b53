import Fixtures
import Reactor
import Testing

@testable import Daemon

/// One setting of each kind.
private struct Sample: Settings {
    enum Colour: String, CaseIterable { case red, green }

    let listen: SocketAddress
    let peers: [Endpoint]
    let name: String
    let nickname: String?
    let folder: String
    let count: Int
    let span: Duration
    let isOn: Bool
    let colour: Colour
    let callers: [String]
    let password: SecretText
    let token: SecretText?

    init(_ reader: inout SettingsReader) {
        listen = reader.address("LISTEN", default: "127.0.0.1:8080", "Where it listens.")
        peers = reader.endpoints("PEERS", default: "policy:9001", "Who is asked.")
        name = reader.text("NAME", max: 8, "What it is called.")
        nickname = reader.optionalText("NICKNAME", max: 8, "What else it is called.")
        folder = reader.path("FOLDER", default: "/var/empty", "Where files are.")
        count = reader.integer(
            "COUNT", default: 5, in: -1...100, unit: "things", "How many there are.")
        span = reader.duration("SPAN_SECONDS", default: 60, in: 1...3600, "How long it takes.")
        isOn = reader.flag("ON", default: false, "Whether it is on.")
        colour = reader.choice("COLOUR", default: Colour.red, "How it looks.")
        callers = reader.list("CALLERS", countMax: 3, each: 10, "Who may call.")
        password = reader.secret("PASSWORD", max: 16, "What opens it.")
        token = reader.optionalSecret("TOKEN", "What else opens it.")
        reader.require(
            isOn || count != 100, "DUBBELSLOT_COUNT may be 100 only if DUBBELSLOT_ON is true.")
    }
}

@Suite struct SettingsTests {
    /// What is needed at least.
    static let least = ["DUBBELSLOT_NAME": "n", "DUBBELSLOT_PASSWORD": "canary"]

    private func read(_ changes: [String: String] = [:]) -> (Sample, SettingsReader) {
        let named = changes.map { ("DUBBELSLOT_" + $0.key, $0.value) }
        let environment = Self.least.merging(named) { _, new in new }
        var reader = SettingsReader(SettingsSource(environment: environment))
        return (Sample(&reader), reader)
    }

    @Test func `what is not set has its default`() {
        let (it, reader) = read()
        #expect(reader.problems == [])
        #expect(reader.unknownNames == [])
        #expect(it.listen == SocketAddress("127.0.0.1:8080"))
        #expect(it.peers.map(\.description) == ["policy:9001"])
        #expect(it.nickname == nil)
        #expect(it.folder == "/var/empty")
        #expect(it.count == 5)
        #expect(it.span == .seconds(60))
        #expect(!it.isOn)
        #expect(it.colour == .red)
        #expect(it.callers == [])
        #expect(it.password.reveal() == Array("canary".utf8))
        #expect(it.token == nil)
    }

    @Test func `what is set is taken`() {
        let (it, reader) = read([
            "LISTEN": "[::1]:80", "PEERS": "a:1, [::1]:2 ,10.0.0.1:65535", "NICKNAME": "x",
            "COUNT": "-1", "SPAN_SECONDS": "3600", "ON": "Yes", "COLOUR": "green",
            "CALLERS": "a, b,c", "TOKEN": "t",
        ])
        #expect(reader.problems == [])
        #expect(it.listen.description == "[::1]:80")
        #expect(it.peers.map(\.description) == ["a:1", "[::1]:2", "10.0.0.1:65535"])
        #expect(it.nickname == "x")
        #expect(it.count == -1)
        #expect(it.span == .seconds(3600))
        #expect(it.isOn)
        #expect(it.colour == .green)
        #expect(it.callers == ["a", "b", "c"])
        #expect(it.token?.reveal() == [UInt8(ascii: "t")])
    }

    @Test(arguments: [
        ("LISTEN", "8080"), ("LISTEN", "localhost:80"), ("LISTEN", ""), ("PEERS", ""),
        ("PEERS", "a"), ("PEERS", "a:1,"), ("PEERS", "a:1,,b:2"), ("PEERS", "a:0"),
        ("PEERS", "a b:1"), ("PEERS", "a:1;b:2"), ("NAME", ""), ("NAME", "123456789"),
        ("NICKNAME", "123456789"), ("FOLDER", ""), ("COUNT", ""), ("COUNT", "+5"),
        ("COUNT", "5.0"), ("COUNT", "0x5"), ("COUNT", "101"), ("COUNT", "-2"), ("COUNT", "--1"),
        ("COUNT", "99999999999999999999"), ("COUNT", "٥"), ("COUNT", "5 "), ("SPAN_SECONDS", "0"),
        ("SPAN_SECONDS", "60s"), ("SPAN_SECONDS", "3601"), ("ON", "1"), ("ON", "maybe"),
        ("COLOUR", "blue"), ("COLOUR", "Red"), ("CALLERS", "a,"), ("CALLERS", "a,b,c,d"),
        ("CALLERS", "12345678901"), ("PASSWORD", ""), ("PASSWORD", "12345678901234567"),
        ("COUNT", "100"),
    ])
    func `a value out of its bounds is one sentence that names the setting`(
        _ name: String, _ value: String
    ) {
        let (_, reader) = read([name: value])
        #expect(reader.problems.count == 1)
        #expect(reader.problems.first?.contains("DUBBELSLOT_\(name)") == true)
        #expect(reader.problems.first?.hasSuffix(".") == true)
    }

    @Test func `every problem is told at once`() {
        var reader = SettingsReader(
            SettingsSource(environment: [
                "DUBBELSLOT_COUNT": "x", "DUBBELSLOT_ON": "x", "DUBBELSLOT_LISTEN": "x",
            ]))
        _ = Sample(&reader)
        let named = ["COUNT", "ON", "LISTEN", "NAME", "PASSWORD"]
        #expect(reader.problems.count == named.count)
        for name in named {
            #expect(reader.problems.contains { $0.hasPrefix("DUBBELSLOT_\(name)") })
        }
    }

    @Test func `a misspelt name is refused and the right one suggested`() {
        let (_, reader) = read(["COUNTS": "7", "COLOR": "red", "ELSEWHERE": "x"])
        #expect(
            reader.unknownNames == [
                "DUBBELSLOT_COLOR is not a setting of this service; is DUBBELSLOT_COLOUR meant?",
                "DUBBELSLOT_COUNTS is not a setting of this service; is DUBBELSLOT_COUNT meant?",
                "DUBBELSLOT_ELSEWHERE is not a setting of this service.",
            ])
    }

    @Test func `a secret comes from a file without its line end`() throws {
        let folder = TemporaryFolder()
        for text in ["canary", "canary\n", "canary\r\n"] {
            let path = try folder.write("secret", text)
            var reader = SettingsReader(
                SettingsSource(environment: [
                    "DUBBELSLOT_NAME": "n", "DUBBELSLOT_PASSWORD_FILE": path,
                ]))
            #expect(Sample(&reader).password == SecretText("canary"))
            #expect(reader.problems == [])
            #expect(reader.unknownNames == [])
        }
    }

    @Test func `a secret given twice, absent or too large is a problem`() throws {
        let folder = TemporaryFolder()
        let large = try folder.write("large", String(repeating: "x", count: 70_000))
        let empty = try folder.write("empty", "\n")
        let cases: [[String: String]] = [
            ["PASSWORD_FILE": large], ["PASSWORD_FILE": empty],
            ["PASSWORD_FILE": folder.file("absent")], ["PASSWORD_FILE": folder.path], [:],
            ["PASSWORD": "canary", "PASSWORD_FILE": try folder.write("small", "canary")],
        ]
        for changes in cases {
            let named = changes.map { ("DUBBELSLOT_" + $0.key, $0.value) }
            let environment = ["DUBBELSLOT_NAME": "n"].merging(named) { _, new in new }
            var reader = SettingsReader(SettingsSource(environment: environment))
            _ = Sample(&reader)
            #expect(reader.problems.count == 1, "\(changes)")
            #expect(reader.problems.allSatisfy { !$0.contains("canary") })
        }
    }

    @Test func `a settings file is read, and the environment goes before it`() throws {
        let folder = TemporaryFolder()
        let path = try folder.write(
            "settings",
            """
            # a comment

            DUBBELSLOT_COUNT = 7
            DUBBELSLOT_CALLERS=a=b,c\r
            DUBBELSLOT_ON=true
            """)
        let (it, reader) = read(["SETTINGS_FILE": path, "COUNT": "8"])
        #expect(reader.problems == [])
        #expect(it.count == 8)
        #expect(it.callers == ["a=b", "c"])
        #expect(it.isOn)
        let origins = Dictionary(
            uniqueKeysWithValues: reader.declarations.map { ($0.name, $0.origin) })
        #expect(origins["DUBBELSLOT_COUNT"] == .environment)
        #expect(origins["DUBBELSLOT_ON"] == .file(path))
        #expect(origins["DUBBELSLOT_COLOUR"] == .standard)
        #expect(origins["DUBBELSLOT_NICKNAME"] == .absent)
    }

    @Test func `a broken settings file tells the line`() throws {
        let folder = TemporaryFolder()
        let path = try folder.write(
            "settings",
            """
            DUBBELSLOT_COUNT
            PATH=/bin
            DUBBELSLOT_ON=true
            DUBBELSLOT_ON=false
            DUBBELSLOT_SETTINGS_FILE=/x
            """)
        let (_, reader) = read(["SETTINGS_FILE": path])
        for line in [1, 2, 4, 5] {
            #expect(reader.problems.contains { $0.hasPrefix("\(path), line \(line): ") })
        }
        #expect(reader.problems.count == 4)
        #expect(read(["SETTINGS_FILE": folder.file("absent")]).1.problems.count == 1)
    }

    @Test func `the description names everything and no secret`() {
        let text = read(["TOKEN": "canary2", "COUNT": "9"]).1.described()
        #expect(!text.contains("canary"))
        for part in [
            "DUBBELSLOT_COUNT\n    How many there are.\n    kind: things, -1 to 100; default: 5\n"
                + "    now: environment = 9\n",
            "DUBBELSLOT_TOKEN (or …_FILE)", "now: environment = (secret)",
            "What it is called.\n    kind: text of at most 8 octets; default: must be set\n",
            "What else it is called.\n    kind: text of at most 8 octets; default: none\n"
                + "    now: not set\n",
            "DUBBELSLOT_SETTINGS_FILE", "one of red, green; default: red\n    now: default = red",
        ] {
            #expect(text.contains(part), "\(part)\n---\n\(text)")
        }
    }

    @Test func `nothing prints a secret`() {
        let secret = SecretText("canary")
        var dumped = ""
        dump([secret], to: &dumped)
        for text in [
            "\(secret)", String(reflecting: secret), "\([secret])", "\(Optional(secret) as Any)",
            dumped,
        ] {
            #expect(!text.contains("canary"))
            #expect(!text.contains("99"))
        }
    }

    @Test(arguments: [
        "a", "a:", ":1", "a:65536", "a:+1", "-a:1", "a..b:1", "[a]:1", "[10.0.0.1]:1", "::1:1",
    ])
    func `what is not host and port is no endpoint`(_ text: String) {
        #expect(Endpoint(text) == nil)
    }
}
