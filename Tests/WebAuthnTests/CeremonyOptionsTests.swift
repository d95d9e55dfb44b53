import Crypto
import Testing
import Wire

@testable import WebAuthn

@Suite struct CeremonyOptionsTests {
    @Test func `a registration asks in the form that browsers take`() {
        var options = RegistrationScene().options
        options.excluded = [Site.credential([1, 2]), descriptor([3], ["nfc", "usb"])]
        options.userVerification = .required
        options.attestation = .direct
        let challenge = Site.challenge.text
        #expect(
            text(options.json) == #"{"rp":{"id":"example.org","name":"Example"},"#
                + #""user":{"id":"dXNlci0wMTIzNDU2Nzg5YQ","name":"ann","displayName":"Ann"},"#
                + #""challenge":"\#(challenge)","pubKeyCredParams":["#
                + [-7, -8, -35, -257].map { #"{"type":"public-key","alg":\#($0)}"# }
                .joined(separator: ",")
                + #"],"timeout":300000,"excludeCredentials":[{"type":"public-key","id":"AQI"},"#
                + #"{"type":"public-key","id":"Aw","transports":["nfc","usb"]}],"#
                + #""authenticatorSelection":{"residentKey":"required","#
                + #""requireResidentKey":true,"userVerification":"required"},"#
                + #""attestation":"direct"}"#)
    }

    @Test func `a key that is only a second factor need not be found by itself`() {
        var options = RegistrationScene().options
        options.isDiscoverable = false
        let selection = options.json["authenticatorSelection"]
        #expect(selection?["residentKey"] == .string("discouraged"))
        #expect(selection?["requireResidentKey"] == .bool(false))
    }

    @Test func `an authentication asks in the form that browsers take`() {
        var options = AuthenticationOptions(
            relyingParty: Site.relyingParty, challenge: Site.challenge)
        #expect(
            text(options.json) == #"{"challenge":"\#(Site.challenge.text)","timeout":300000,"#
                + #""rpId":"example.org","allowCredentials":[],"userVerification":"preferred"}"#)
        options.allowed = [descriptor([1], ["internal"])]
        options.timeout = .milliseconds(1500)
        #expect(options.json["timeout"] == .number("1500"))
        #expect(
            options.json["allowCredentials"].map(text)
                == #"[{"type":"public-key","id":"AQ","transports":["internal"]}]"#)
    }

    @Test func `a challenge is random, of 32 octets, and never of fewer than 16`() throws {
        let challenge = try Challenge.random()
        #expect(challenge.bytes.count == 32)
        #expect(challenge.text.utf8.count == 43)
        #expect(challenge != (try Challenge.random()))
        #expect(Challenge([UInt8](repeating: 0, count: 15)) == nil)
        #expect(Challenge([UInt8](repeating: 0, count: 16)) != nil)
    }

    @Test func `handles and ids have their bounds`() {
        for (count, isHandle, isID) in [
            (0, false, false), (1, true, true), (64, true, true), (65, false, true),
            (1023, false, true), (1024, false, false),
        ] {
            let bytes = [UInt8](repeating: 0, count: count)
            #expect((UserHandle(bytes) != nil) == isHandle)
            #expect((CredentialID(bytes) != nil) == isID)
        }
    }

    private func descriptor(_ id: [UInt8], _ transports: [String]) -> CredentialDescriptor {
        CredentialDescriptor(id: Site.credential(id).id, transports: transports)
    }

    private func text(_ json: JSON) -> String {
        String(decoding: json.serialized(), as: UTF8.self)
    }
}

@Suite struct RelyingPartyTests {
    @Test(arguments: [
        ("example.org", ["https://example.org"]),
        ("example.org", ["https://login.example.org", "https://example.org:8443"]),
        ("localhost", ["http://localhost:8080", "http://localhost", "https://localhost"]),
        ("xn--bcher-kva.example", ["https://a.xn--bcher-kva.example"]),
    ])
    func `a site has a name and pages on it`(id: String, origins: [String]) {
        #expect(RelyingParty(id: id, name: "Site", origins: origins)?.hash == digest(id))
    }

    @Test(arguments: [
        "", "http://example.org", "https://example.net", "https://notexample.org",
        "https://example.org/", "https://example.org:443", "https://example.org:0",
        "https://example.org:08443", "https://example.org:65536", "https://example.org:",
        "https://example.org:+1", "https://Example.org", "https://example.org.", "https://",
        "https://.example.org", "https://a..example.org", "https://-a.example.org",
        "https://a@example.org", "https://example.org:1:2", "wss://example.org", "example.org",
        "https://a_b.example.org", "https://é.example.org", "HTTPS://example.org",
    ])
    func `W-140 pages elsewhere, or not written as a browser writes them, are refused`(
        origin: String
    ) {
        #expect(RelyingParty(id: "example.org", name: "", origins: [origin]) == nil)
        let both = ["https://example.org", origin]
        #expect(RelyingParty(id: "example.org", name: "", origins: both) == nil)
    }

    @Test(arguments: [
        "", ".", "example.org.", "Example.org", "192.0.2.1", "[::1]", "example.org:443",
        "https://example.org", "exa mple.org", "-a.org", "a-.org", "a..org",
        String(repeating: "a", count: 64),
    ])
    func `a site without a host name is none`(id: String) {
        #expect(RelyingParty(id: id, name: "", origins: ["https://" + id]) == nil)
    }

    @Test func `a site without pages is none`() {
        #expect(RelyingParty(id: "example.org", name: "", origins: []) == nil)
    }
}
