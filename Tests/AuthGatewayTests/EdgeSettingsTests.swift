import Hosting
import Testing

@testable import AuthGateway
@testable import Daemon

@Suite struct EdgeSettingsTests {
    /// The settings, and what is wrong with them.
    private func read(_ values: [String: String]) -> (EdgeSettings, problems: [String]) {
        let pairs = values.map { ("DUBBELSLOT_" + $0.key, $0.value) }
        let environment = Dictionary(uniqueKeysWithValues: pairs)
        var reader = SettingsReader(SettingsSource(environment: environment))
        return (EdgeSettings(&reader), reader.problems)
    }

    @Test func `without a word nobody is believed, limits hold, and HTTP is plain`() {
        let (settings, problems) = read([:])
        #expect(problems == [])
        #expect(settings.certificate == nil)
        #expect(settings.rates.passwords == TokenBucket.Rate(burst: 60, perMinute: 30))
        #expect(settings.rates.calls.perMinute > settings.rates.passwords.perMinute)
    }

    @Test(arguments: [
        "NETWORK_CALLS_BURST", "NETWORK_CALLS_PER_MINUTE", "NETWORK_PASSWORDS_BURST",
        "NETWORK_PASSWORDS_PER_MINUTE", "PASSWORDS_BURST", "PASSWORDS_PER_MINUTE",
    ])
    func `a limit is a number from 1 to its most`(name: String) {
        let most =
            name.hasSuffix("BURST")
            ? TokenBucket.Rate.burstMax : TokenBucket.Rate.perMinuteMax
        for good in [1, most] { #expect(read([name: "\(good)"]).problems == []) }
        for bad in ["0", "-1", "\(most + 1)", "", "many", "1.5", "99999999999999999999"] {
            #expect(read([name: bad]).problems.count == 1, "\(bad)")
        }
    }

    @Test func `connections of one network are a number from 1 to what a listener has`() {
        #expect(read([:]).0.connectionsMax == 256)
        for good in ["1", "10000"] {
            #expect(read(["NETWORK_CONNECTIONS": good]).problems == [])
        }
        for bad in ["0", "10001", "-1", ""] {
            #expect(read(["NETWORK_CONNECTIONS": bad]).problems.count == 1, "\(bad)")
        }
    }

    @Test func `a proxy that is no address is a problem`() {
        #expect(read(["TRUSTED_PROXIES": "10.0.0.0/8, ::1, unix"]).problems == [])
        for bad in ["10.0.0.1/8", "proxy.example", "10.0.0.0/8,"] {
            #expect(!read(["TRUSTED_PROXIES": bad]).problems.isEmpty, "\(bad)")
        }
    }

    @Test func `certificate and key go together`() {
        let certificate = ["HTTPS_CERTIFICATE_FILE": "web.pem"]
        let key = ["HTTPS_KEY_FILE": "web.key"]
        #expect(read(certificate).problems.count == 1)
        #expect(read(key).problems.count == 1)
        let (settings, problems) = read(certificate.merging(key) { first, _ in first })
        #expect(problems == [])
        #expect(settings.certificate?.key == "web.key")
    }
}
