import Foundation

/// A private authority and the certificates it gives out, right ones and wrong ones, made with the
/// `openssl` command in a folder that goes with it. Each costs some 20 ms, so tests share them.
package final class TestAuthority: Sendable {
    package static let trustDomain = "test.internal"

    package let folder: TemporaryFolder
    /// PEM of the authority.
    package let file: String
    private let key: String

    package struct Failed: Error, CustomStringConvertible {
        package let description: String
    }

    /// A certificate and its key.
    package struct Leaf: Sendable {
        package let certificate: String
        package let key: String
        /// Where the files are, which go when nobody holds it any more.
        private let folder: TemporaryFolder?

        package init(certificate: String, key: String, in folder: TemporaryFolder? = nil) {
            self.certificate = certificate
            self.key = key
            self.folder = folder
        }
    }

    /// What is said in a certificate; what a test changes is what makes it wrong.
    package struct Wish: Sendable {
        package var alternativeNames = ["URI:\(TestAuthority.identity("auth-gateway"))"]
        package var constraints = "critical,CA:FALSE"
        package var keyUsage: String? = "critical,digitalSignature"
        package var purposes: String? = "serverAuth,clientAuth"
        /// Counted from now; negative makes one that has run out.
        package var days = 2
        /// Valid from tomorrow only.
        package var isEarly = false
        /// Hexadecimal; random when nil.
        package var serial: String?
        /// Made by the wished key itself instead of the authority's.
        package var isSelfSigned = false

        package init(_ change: (inout Wish) -> Void = { _ in }) { change(&self) }
    }

    package static func identity(_ name: String) -> String { "spiffe://\(trustDomain)/\(name)" }

    /// Makes an authority of its own, which nobody knows but who is given `file`.
    package init(_ name: String = "authority") throws {
        folder = TemporaryFolder("certificates")
        file = folder.file("ca.pem")
        key = folder.file("ca.key")
        try folder.write(
            "ca.conf",
            """
            [req]
            distinguished_name = name
            prompt = no
            x509_extensions = extensions
            [name]
            CN = \(name)
            [extensions]
            basicConstraints = critical,CA:TRUE
            keyUsage = critical,keyCertSign,cRLSign
            subjectKeyIdentifier = hash
            """)
        try openssl([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-config", folder.file("ca.conf"), "-keyout", key, "-out", file, "-days", "30",
        ])
    }

    /// The certificate of a service of ours, as it should be.
    package func service(_ name: String) throws -> Leaf {
        try leaf(Wish { $0.alternativeNames = ["URI:\(Self.identity(name))"] })
    }

    /// A certificate as wished.
    package func leaf(_ wish: Wish) throws -> Leaf {
        let name = UUID().uuidString
        let request = folder.file("\(name).csr")
        let leaf = Leaf(
            certificate: folder.file("\(name).pem"), key: folder.file("\(name).key"), in: folder)
        try folder.write("\(name).conf", Self.configuration(wish))
        let configuration = folder.file("\(name).conf")
        try openssl([
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-config", configuration, "-keyout", leaf.key, "-out", request,
        ])
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: leaf.key)
        if wish.isEarly {
            try signForTomorrow(request, configuration, leaf)
        } else {
            try sign(request, configuration, leaf, wish)
        }
        return leaf
    }

    private func sign(
        _ request: String, _ configuration: String, _ leaf: Leaf, _ wish: Wish
    ) throws {
        let serial = wish.serial ?? Self.randomSerial()
        let signer = wish.isSelfSigned ? ["-key", leaf.key] : ["-CA", file, "-CAkey", key]
        try openssl(
            [
                "x509", "-req", "-in", request, "-days", String(wish.days), "-extfile",
                configuration, "-extensions", "extensions", "-set_serial", "0x\(serial)",
                "-out", leaf.certificate,
            ] + signer)
    }

    /// Only `openssl ca` takes a first day, and it keeps books.
    private func signForTomorrow(
        _ request: String, _ configuration: String, _ leaf: Leaf
    ) throws {
        let books = folder.file(UUID().uuidString)
        try FileManager.default.createDirectory(
            atPath: books, withIntermediateDirectories: false)
        try Data().write(to: URL(fileURLWithPath: books + "/index"))
        let text = """
            [ca]
            default_ca = books
            [books]
            database = \(books)/index
            new_certs_dir = \(books)
            rand_serial = yes
            default_md = sha256
            policy = any
            [any]
            commonName = supplied
            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: books + "/conf"))
        let days = [1, 2].map { days in
            let date = Date(timeIntervalSinceNow: 86_400 * Double(days))
            let digits = date.formatted(.iso8601).filter { $0.isNumber }
            return digits + "Z"
        }
        try openssl([
            "ca", "-batch", "-notext", "-config", books + "/conf", "-in", request, "-cert", file,
            "-keyfile", key, "-extfile", configuration, "-extensions", "extensions",
            "-startdate", days[0], "-enddate", days[1], "-out", leaf.certificate,
        ])
    }

    /// The authority's own certificate, presented as if it were a service's.
    package func asLeaf() -> Leaf { Leaf(certificate: file, key: key, in: folder) }

    private static func configuration(_ wish: Wish) -> String {
        var lines = [
            "[req]", "distinguished_name = name", "prompt = no", "[name]", "CN = leaf",
            "[extensions]", "basicConstraints = \(wish.constraints)",
        ]
        if let usage = wish.keyUsage { lines.append("keyUsage = \(usage)") }
        if let purposes = wish.purposes { lines.append("extendedKeyUsage = \(purposes)") }
        if !wish.alternativeNames.isEmpty {
            // In a section of its own, where a name may hold commas.
            lines += ["subjectAltName = @names", "[names]"]
            var counts: [String: Int] = [:]
            for name in wish.alternativeNames {
                let parts = name.split(separator: ":", maxSplits: 1)
                counts[String(parts[0]), default: 0] += 1
                lines.append("\(parts[0]).\(counts[String(parts[0])] ?? 1) = \(parts[1])")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func randomSerial() -> String {
        String(UInt64.random(in: 1...UInt64(Int64.max)), radix: 16)
    }

    private func openssl(_ arguments: [String]) throws {
        let outcome = try ChildProcess.run("openssl", arguments)
        guard outcome.status == 0 else {
            throw Failed(description: "openssl \(arguments[0]): \(outcome.output)")
        }
    }
}
