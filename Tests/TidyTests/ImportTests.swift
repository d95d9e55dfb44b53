import Testing

/// The graph of the targets: what each may import. Nothing else, and nothing of the system but
/// what stands here.
private let allowedImports: [String: Set<String>] = [
    "Wire": [],
    "Reactor": ["CLinux", "Glibc", "Wire"],
    "Crypto": ["COpenSSL", "Glibc", "Wire"],
    "TLS": ["COpenSSL", "Crypto", "Glibc", "Reactor", "Wire"],
    "OTP": ["Crypto", "Wire"],
    "WebAuthn": ["Crypto", "Wire"],
    "HTTP": ["Reactor", "Wire"],
    "Mail": ["Crypto", "Reactor", "TLS", "Wire"],
    "SMS": ["Crypto", "HTTP", "Wire"],
    "RPC": ["Reactor", "Wire"],
    "Postgres": ["CPostgres", "Glibc", "Reactor", "Wire"],
    "Contracts": ["RPC", "Reactor", "Wire"],
    "Audit": ["Contracts", "Crypto", "Postgres", "Wire"],
    "Daemon": ["Glibc", "Reactor", "Wire"],
    "Hosting": ["Daemon", "HTTP", "Postgres", "RPC", "Reactor", "TLS", "Wire"],
    "AuthGateway": [
        "Audit", "Contracts", "Crypto", "Daemon", "HTTP", "Hosting", "OTP", "Postgres", "RPC",
        "Reactor", "Wire",
    ],
    "VerificationService": [
        "Audit", "Contracts", "Crypto", "Daemon", "HTTP", "Hosting", "Mail", "OTP", "Postgres",
        "RPC", "Reactor", "SMS", "TLS", "WebAuthn", "Wire",
    ],
    "PolicyService": [
        "Audit", "Contracts", "Daemon", "Hosting", "Postgres", "RPC", "Reactor", "Wire",
    ],
]

/// Part of the standard library: no outside, no cost of its own.
private let standardModules: Set<String> = ["Synchronization"]

private func imports(in code: String) -> [(line: Int, module: String)] {
    let kinds: Set<Substring> = [
        "struct", "class", "enum", "protocol", "func", "var", "let", "typealias",
    ]
    let lines = code.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.enumerated().compactMap { index, line in
        let words = line.split(separator: " ")
        guard let verb = words.firstIndex(of: "import") else { return nil }
        let isDeclaration = words[..<verb].allSatisfy {
            $0.hasPrefix("@") || $0 == "package" || $0 == "internal" || $0 == "private"
                || $0 == "fileprivate" || $0 == "public"
        }
        let names = words[(verb + 1)...].drop { kinds.contains($0) }
        guard isDeclaration, let module = names.first?.split(separator: ".").first else {
            return nil
        }
        return (index + 1, String(module))
    }
}

private func foreignImports(_ file: SourceFile) -> [String] {
    guard let target = file.target, target.group == "Shared" || target.group == "Services" else {
        return []
    }
    guard let allowed = allowedImports[String(target.name)] else {
        return ["\(file.path): the target \(target.name) has no place in the graph of imports"]
    }
    return imports(in: SwiftText(file.text).code)
        .filter { !allowed.union(standardModules).contains($0.module) }
        .map { "\(file.path):\($0.line): \(target.name) may not import \($0.module)" }
}

@Suite struct ImportTests {
    @Test func `a target imports only what lies below it`() {
        expectNone(SourceTree.swift.flatMap(foreignImports))
    }

    @Test func `Wire imports nothing at all`() {
        let files = SourceTree.swift.filter { $0.path.hasPrefix("Shared/Wire/") }
        expectNone(
            files.flatMap { file in
                imports(in: SwiftText(file.text).code).map { "\(file.path):\($0.line)" }
            })
    }

    @Test(arguments: [
        ("Shared/Wire/A.swift", "import Foundation"),
        ("Shared/RPC/A.swift", "package import TLS"),
        ("Shared/Crypto/A.swift", "@preconcurrency import Reactor"),
        ("Services/PolicyService/A.swift", "import AuthGateway"),
        ("Services/AuthGateway/A.swift", "import struct Foundation.Date"),
        ("Shared/Novelty/A.swift", ""),
    ])
    func `the rule of imports sees an offence`(path: String, text: String) {
        #expect(foreignImports(SourceFile(path: path, text: text)).count == 1)
    }

    @Test func `the rule of imports passes what is allowed and what is prose`() {
        let text = "// import Foundation\nimport Wire\nlet word = \"import TLS\"\n"
        #expect(foreignImports(SourceFile(path: "Shared/RPC/A.swift", text: text)) == [])
    }
}
