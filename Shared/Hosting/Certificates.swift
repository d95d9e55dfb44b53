import Daemon
import RPC
import TLS
import Wire

/// What the words behind `certificates` say.
package struct CertificateOptions: Sendable, Equatable {
    package static let usage = "certificates --folder FOLDER [--caller NAME]… [--host NAME]…"

    let folder: String
    /// Registered callers, by the path of their identity.
    private(set) var callers: [String] = []
    /// Servers that are none of ours, such as the database.
    private(set) var hosts: [ServerName] = []

    /// nil for words that say something else.
    package init?(_ words: [String]) {
        var folder: String?
        var rest = words[...]
        while let word = rest.popFirst() {
            guard let value = rest.popFirst(), !value.isEmpty else { return nil }
            switch word {
            case "--folder" where folder == nil: folder = value
            case "--caller" where Self.isFileName(value): callers.append(value)
            case "--host":
                guard let host = ServerName(value) else { return nil }
                hosts.append(host)
            case _: return nil
            }
        }
        guard let folder else { return nil }
        self.folder = folder
    }

    /// It names two files beside the others, so it is the path of nothing else.
    private static func isFileName(_ text: String) -> Bool {
        text.utf8.count <= 64
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "-")
            }
    }

    /// A certificate for each service, and for whoever is named. nil where somebody is named twice
    /// or takes the name of a service or of the authority.
    func wishes(trustDomain: String) -> [CertificateFolder.Wish]? {
        var wishes: [CertificateFolder.Wish] = []
        for name in ServiceRole.allCases.map(\.rawValue) + callers {
            guard let identity = ServiceIdentity("spiffe://\(trustDomain)/\(name)") else {
                return nil
            }
            wishes.append(CertificateFolder.Wish(name, .service(identity)))
        }
        wishes += hosts.map { CertificateFolder.Wish($0.text, .host($0)) }
        let names = Set(wishes.map(\.name) + [CertificateFolder.authorityName])
        return names.count == wishes.count + 1 ? wishes : nil
    }
}

/// What `certificates` is told: it needs neither a database nor a service.
package struct CertificatesSettings: Settings {
    let trustDomain: String

    package init(_ reader: inout SettingsReader) {
        trustDomain = HostSettings.trustDomain(&reader)
    }
}

/// The command `certificates`: makes what is missing of the authority and the certificates of an
/// installation, and renews what ends soon. Meant to be run every day; services take the new ones
/// by SIGHUP.
package enum Certificates {
    package static func run(
        _ settings: CertificatesSettings, _ runtime: Runtime
    ) async throws -> ExitCode {
        guard let options = CertificateOptions(runtime.arguments),
            let wishes = options.wishes(trustDomain: settings.trustDomain)
        else {
            runtime.log.error("usage", ["text": .text(CertificateOptions.usage)])
            return .usage
        }
        do throws(TLSFault) {
            let deeds = try CertificateFolder(options.folder).renew(
                wishes, trustDomain: settings.trustDomain)
            for (name, deed) in deeds {
                runtime.log.info(
                    "certificate", ["name": .text(name), "deed": .text(deed.rawValue)])
            }
            return .success
        } catch {
            runtime.log.error("certificates_not_made", ["why": .text("\(error)")])
            return .failure
        }
    }
}
