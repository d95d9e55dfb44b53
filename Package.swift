// swift-tools-version: 6.2
import PackageDescription

/// Upcoming features that every target switches on: an await that does not suspend stays cheap
/// (SE-0461), existentials are visible (SE-0335), imports are said where they are used (SE-0444).
let features: [SwiftSetting] = [
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

func system(_ name: String, _ pkgConfig: String? = nil) -> Target {
    .systemLibrary(name: name, path: "Shared/\(name)", pkgConfig: pkgConfig)
}

func shared(
    _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Shared/\(name)", exclude: exclude,
        swiftSettings: features)
}

func service(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = ["Migrations"]
) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Services/\(name)", exclude: exclude,
        swiftSettings: features)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: "Tests/\(name)", exclude: exclude,
        swiftSettings: features)
}

let package = Package(
    name: "dubbelslot",
    products: [
        .executable(name: "auth-gateway", targets: ["AuthGateway"]),
        .executable(name: "verification-service", targets: ["VerificationService"]),
        .executable(name: "policy-service", targets: ["PolicyService"]),
    ],
    targets: [
        system("CLinux"),
        system("COpenSSL", "openssl"),
        system("CPostgres", "libpq"),

        shared("Wire"),
        shared("Reactor", ["CLinux", "Wire"]),
        shared("Crypto", ["COpenSSL", "Wire"]),
        shared("TLS", ["COpenSSL", "Reactor", "Crypto", "Wire"]),
        shared("OTP", ["Crypto", "Wire"]),
        shared("WebAuthn", ["Crypto", "Wire"]),
        shared("HTTP", ["Reactor", "Wire"]),
        shared("Mail", ["TLS", "Crypto", "Reactor", "Wire"]),
        shared("SMS", ["HTTP", "Crypto", "Wire"]),
        shared("RPC", ["Reactor", "Wire"]),
        shared("Postgres", ["CPostgres", "Reactor", "Wire"]),
        shared(
            "Contracts", ["RPC", "Reactor", "Wire"],
            exclude: ["PROTOCOL.md", "dubbelslot.proto"]),
        shared("Audit", ["Contracts", "Postgres", "Crypto", "Wire"]),
        shared("Daemon", ["Reactor", "Wire"]),
        shared("Hosting", ["Daemon", "HTTP", "RPC", "TLS", "Postgres", "Reactor", "Wire"]),

        service(
            "AuthGateway",
            [
                "HTTP", "RPC", "Postgres", "Contracts", "Audit", "Crypto", "OTP", "Hosting",
                "Daemon", "Reactor", "Wire",
            ], exclude: ["Migrations", "Web"]),
        service(
            "VerificationService",
            [
                "RPC", "Postgres", "OTP", "WebAuthn", "Mail", "SMS", "HTTP", "TLS", "Crypto",
                "Contracts", "Audit", "Hosting", "Daemon", "Reactor", "Wire",
            ]),
        service(
            "PolicyService",
            ["RPC", "Postgres", "Contracts", "Audit", "Hosting", "Daemon", "Reactor", "Wire"]),

        .target(
            name: "Fixtures",
            dependencies: ["Reactor", "Wire", "RPC", "TLS", "Contracts", "Crypto", "COpenSSL"],
            path: "Tests/Fixtures", swiftSettings: features),
        tests("WireTests", ["Wire", "Fixtures"]),
        tests("ReactorTests", ["Reactor", "Wire", "Fixtures"]),
        tests("CryptoTests", ["Crypto", "Wire", "Fixtures"]),
        tests("TLSTests", ["TLS", "Reactor", "Wire", "Fixtures"]),
        tests("OTPTests", ["OTP", "Crypto", "Wire", "Fixtures"]),
        tests("WebAuthnTests", ["WebAuthn", "Crypto", "COpenSSL", "Wire", "Fixtures"]),
        tests("HTTPTests", ["HTTP", "Reactor", "Wire", "Fixtures"]),
        tests("MailTests", ["Mail", "TLS", "Reactor", "Wire", "Fixtures"]),
        tests("SMSTests", ["SMS", "HTTP", "Crypto", "Reactor", "Wire", "Fixtures"]),
        tests("RPCTests", ["RPC", "TLS", "Reactor", "Wire", "Fixtures"]),
        tests("PostgresTests", ["Postgres", "Reactor", "Wire", "Fixtures"]),
        tests("ContractsTests", ["Contracts", "RPC", "Wire", "Fixtures"]),
        tests(
            "AuditTests",
            ["Audit", "Contracts", "Postgres", "Reactor", "Crypto", "Wire", "Fixtures"]),
        tests("DaemonTests", ["Daemon", "Reactor", "Wire", "Fixtures"]),
        tests(
            "HostingTests",
            [
                "Hosting", "Daemon", "HTTP", "RPC", "TLS", "Postgres", "Reactor", "Wire",
                "Fixtures",
            ]),
        tests(
            "AuthGatewayTests",
            [
                "AuthGateway", "Contracts", "HTTP", "Audit", "Daemon", "Hosting", "RPC", "Postgres",
                "Reactor", "Crypto", "OTP", "Wire", "Fixtures",
            ], exclude: ["SignInTransitions.md", "routes.txt"]),
        tests(
            "VerificationServiceTests",
            [
                "VerificationService", "Contracts", "Audit", "Daemon", "RPC", "Postgres",
                "Reactor", "Crypto", "COpenSSL", "OTP", "WebAuthn", "Mail", "SMS", "HTTP", "TLS",
                "Wire", "Fixtures",
            ]),
        tests(
            "PolicyServiceTests",
            [
                "PolicyService", "Contracts", "Audit", "Daemon", "Hosting", "RPC", "Postgres",
                "Reactor", "Wire", "Fixtures",
            ], exclude: ["decisions.txt"]),
        tests(
            "SystemTests", ["Contracts", "OTP", "Crypto", "Wire", "Fixtures"], exclude: ["Python"]),
        tests("BrowserTests", ["OTP", "Crypto", "Wire", "Fixtures"], exclude: ["Python"]),
        tests("TidyTests", ["Fixtures"]),
        // Optimised in debug builds too: three times as many worlds in the same time.
        .testTarget(
            name: "SimulatorTests",
            dependencies: [
                "AuthGateway", "VerificationService", "PolicyService", "Contracts", "RPC", "OTP",
                "Crypto", "Wire",
                "Fixtures",
            ],
            path: "Tests/SimulatorTests", swiftSettings: features + [.unsafeFlags(["-O"])]),
        .executableTarget(
            name: "Benchmarks",
            dependencies: ["RPC", "TLS", "Reactor", "Wire", "OTP", "Crypto", "Fixtures"],
            path: "Tests/Benchmarks", swiftSettings: features),
    ],
    swiftLanguageModes: [.v6]
)
