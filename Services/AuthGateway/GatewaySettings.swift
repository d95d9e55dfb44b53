import Contracts
import Daemon
import HTTP
import Hosting
import RPC
import Reactor

/// The gateway's settings.
struct GatewaySettings: Settings {
    let host: HostSettings
    let httpListen: SocketAddress
    let edge: EdgeSettings
    let publicOrigins: Set<Origin>
    let protectedHosts: ProtectedHosts
    let frontends: FrontendSettings
    let peers: PeerSettings
    let registeredCallers: [RegisteredCaller]
    let ssoCallers: SSOCallers
    let defaultLocale: String
    let web: String?
    let knownDeviceLifetime: Duration
    let trustLifetimes: TrustLifetimes
    let allowsSignUp: Bool

    init(_ reader: inout SettingsReader) {
        host = HostSettings(&reader)
        httpListen = reader.address(
            "HTTP_LISTEN", default: "127.0.0.1:8080", "Where HTTP is served.")
        edge = EdgeSettings(&reader)
        let origins = reader.list(
            "PUBLIC_ORIGINS",
            """
            Where browsers see our pages, as https://name; empty: the host they asked for. At the \
            first, people sign in who come from protected hosts.
            """)
        publicOrigins = Set(origins.compactMap { Origin($0) })
        protectedHosts = Self.protectedHosts(&reader, origins.compactMap { Origin($0) })
        reader.require(
            protectedHosts.isEmpty || edge.proxies.trustsAnybody,
            "DUBBELSLOT_PROTECTED_HOSTS wants DUBBELSLOT_TRUSTED_PROXIES: nobody else may ask.")
        frontends = FrontendSettings(&reader, publicOrigins: origins.compactMap { Origin($0) })
        peers = PeerSettings(&reader)
        let callers = reader.list(
            "REGISTERED_CALLERS",
            """
            Who may call the public services by RPC: spiffe://… for all methods, or \
            spiffe://…=SessionService/Introspect+AccountService for some.
            """)
        registeredCallers = callers.compactMap { RegisteredCaller($0) }
        reader.require(
            Set(registeredCallers.map(\.identity)).count == callers.count,
            """
            DUBBELSLOT_REGISTERED_CALLERS holds something that is not spiffe://… or \
            spiffe://…=Service/Method+…, or somebody twice.
            """)
        ssoCallers = Self.ssoCallers(&reader, registeredCallers)
        defaultLocale = reader.text(
            "DEFAULT_LOCALE", default: "en", max: 35, "The language of new users (BCP 47).")
        web = reader.optionalPath(
            "WEB", "The folder of the pages; without it programs are served only.")
        let days = reader.integer(
            "KNOWN_DEVICE_DAYS", default: 180, in: 1...400, unit: "days",
            "How long a browser is known to an account after it last signed in.")
        knownDeviceLifetime = .seconds(days * 24 * 3600)
        trustLifetimes = Self.trustLifetimes(&reader)
        allowsSignUp = reader.flag(
            "SIGN_UP", default: false,
            "Whether whoever reads the mail of an address may make himself an account.")
        reader.require(
            LanguageTag(parsing: defaultLocale) != nil,
            "DUBBELSLOT_DEFAULT_LOCALE is no language tag.")
        reader.require(
            publicOrigins.count == origins.count,
            "DUBBELSLOT_PUBLIC_ORIGINS holds something that is not https://name or http://name.")
    }

    private static func ssoCallers(
        _ reader: inout SettingsReader, _ registered: [RegisteredCaller]
    ) -> SSOCallers {
        let callers = SSOCallers(
            reader.list(
                "SSO_CALLERS",
                """
                Registered callers that may sign in whom an identity provider has signed in, never \
                administrators: spiffe://…=2 up to that level, spiffe://…=1@example.org only the \
                people of a mail domain.
                """))
        let known = registered.filter { $0.methods.contains(SessionContract.openForSSO.number) }
            .map(\.identity)
        reader.require(
            callers?.identities.allSatisfy(known.contains) ?? false,
            """
            DUBBELSLOT_SSO_CALLERS holds something that is not spiffe://…=1 or =2, or somebody \
            whom DUBBELSLOT_REGISTERED_CALLERS does not let call SessionService/OpenForSSO.
            """)
        return callers ?? .none
    }

    private static func trustLifetimes(_ reader: inout SettingsReader) -> TrustLifetimes {
        TrustLifetimes(
            ofUsers: .seconds(
                86_400
                    * reader.integer(
                        "TRUSTED_DEVICE_DAYS", default: 30, in: 1...90, unit: "days",
                        """
                        For how long a device is trusted, from the proof of a factor on, where \
                        the two-factor settings allow that at all.
                        """)),
            ofAdministrators: .seconds(
                86_400
                    * reader.integer(
                        "TRUSTED_DEVICE_ADMINISTRATOR_DAYS", default: 7, in: 1...30,
                        unit: "days",
                        "The same for administrators; the shorter of both holds for them.")))
    }

    private static func protectedHosts(
        _ reader: inout SettingsReader, _ publicOrigins: [Origin]
    ) -> ProtectedHosts {
        let hosts = ProtectedHosts(
            reader.list(
                "PROTECTED_HOSTS",
                """
                Hosts whose proxies may ask /forward-auth, each with the least level of a session \
                there (NIST SP 800-63B), 1 or 2: https://wiki.example=2.
                """),
            publicOrigins: publicOrigins)
        reader.require(
            hosts != nil,
            """
            DUBBELSLOT_PROTECTED_HOSTS holds something that is not https://name=1 or =2 (http only \
            for localhost), holds a host twice (also with another port: cookies know none), or \
            DUBBELSLOT_PUBLIC_ORIGINS does not say where people sign in.
            """)
        return hosts ?? .none
    }
}

/// Where the services behind the gateway are.
struct PeerSettings: Settings {
    let verification: [Endpoint]
    let policy: [Endpoint]

    init(_ reader: inout SettingsReader) {
        verification = reader.endpoints(
            "VERIFICATION_PEERS", "The verification service's instances, host:port.")
        policy = reader.endpoints("POLICY_PEERS", "The policy service's instances, host:port.")
    }
}
