import Daemon
import Hosting

/// What an operator can set of the door to the outside.
struct EdgeSettings: Settings {
    let rates: CallLimits.Rates
    let proxies: TrustedProxies
    /// Connections of one network.
    let connectionsMax: Int
    /// Of HTTPS; nil where a proxy before us does that.
    let certificate: HTTPSDoor.Files?

    init(_ reader: inout SettingsReader) {
        rates = Self.rates(&reader)
        let proxies = TrustedProxies(
            reader.list(
                "TRUSTED_PROXIES",
                """
                Proxies whose X-Forwarded-For and -Proto count: addresses, ranges as 10.0.0.0/8, \
                or unix.
                """))
        reader.require(
            proxies != nil,
            """
            DUBBELSLOT_TRUSTED_PROXIES holds something that is no address, no range whose further \
            bits are 0, and not unix.
            """)
        self.proxies = proxies ?? .none
        connectionsMax = reader.integer(
            "NETWORK_CONNECTIONS", default: 256, in: 1...10_000, unit: "connections",
            "Connections to HTTP that one network may have open; trusted proxies are not counted.")
        let certificate = reader.optionalPath(
            "HTTPS_CERTIFICATE_FILE",
            "The certificate that browsers see, PEM, with its chain; without it HTTP is plain.")
        let key = reader.optionalPath(
            "HTTPS_KEY_FILE", "That certificate's key, PEM, readable by us alone.")
        reader.require(
            (certificate == nil) == (key == nil),
            "DUBBELSLOT_HTTPS_CERTIFICATE_FILE and DUBBELSLOT_HTTPS_KEY_FILE go together.")
        if let certificate, let key {
            self.certificate = HTTPSDoor.Files(certificate: certificate, key: key)
        } else {
            self.certificate = nil
        }
    }

    private static func rates(_ reader: inout SettingsReader) -> CallLimits.Rates {
        let bursts = 1...TokenBucket.Rate.burstMax
        let minutes = 1...TokenBucket.Rate.perMinuteMax
        return CallLimits.Rates(
            calls: TokenBucket.Rate(
                burst: reader.integer(
                    "NETWORK_CALLS_BURST", default: 600, in: bursts, unit: "calls",
                    "Calls that one network may make at once."),
                perMinute: reader.integer(
                    "NETWORK_CALLS_PER_MINUTE", default: 1200, in: minutes, unit: "calls a minute",
                    "Calls of one network (IPv4 address, IPv6 /64) in the long run.")),
            passwords: TokenBucket.Rate(
                burst: reader.integer(
                    "NETWORK_PASSWORDS_BURST", default: 60, in: bursts, unit: "calls",
                    "Sign-ins and changes of passwords that one network may begin at once."),
                perMinute: reader.integer(
                    "NETWORK_PASSWORDS_PER_MINUTE", default: 30, in: minutes,
                    unit: "calls a minute",
                    "Sign-ins and changes of passwords of one network in the long run.")),
            allPasswords: TokenBucket.Rate(
                burst: reader.integer(
                    "PASSWORDS_BURST", default: 200, in: bursts, unit: "calls",
                    "Sign-ins and changes of passwords that all may begin at once."),
                perMinute: reader.integer(
                    "PASSWORDS_PER_MINUTE", default: 1200, in: minutes, unit: "calls a minute",
                    "Sign-ins and changes of passwords of all together in the long run.")))
    }
}
