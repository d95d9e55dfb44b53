import TLS
import Testing

@testable import Hosting

@Suite struct CertificateOptionsTests {
    private func names(_ words: String...) -> [String]? {
        CertificateOptions(words)?.wishes(trustDomain: "test.internal")?.map(\.name)
    }

    private static let services = ["auth-gateway", "verification-service", "policy-service"]

    @Test func `every service has a certificate, and whoever is named`() {
        #expect(names("--folder", "/x") == Self.services)
        #expect(
            names("--folder", "/x", "--caller", "shop", "--host", "database")
                == Self.services + ["shop", "database"])
    }

    @Test(arguments: [
        [], ["--folder"], ["--folder", ""], ["--folder", "/x", "--folder", "/y"],
        ["--folder", "/x", "more"], ["--folder", "/x", "--caller", "../shop"],
        ["--folder", "/x", "--caller", "Shop"], ["--folder", "/x", "--host", "a,b"],
        ["--caller", "shop"],
    ])
    func `words that say something else are refused`(words: [String]) {
        #expect(CertificateOptions(words) == nil)
    }

    @Test(arguments: ["authority", "auth-gateway"])
    func `nobody takes the place of a service or of the authority`(name: String) {
        #expect(names("--folder", "/x", "--caller", name) == nil)
        #expect(names("--folder", "/x", "--host", name) == nil)
    }

    @Test func `nobody is named twice`() {
        #expect(names("--folder", "/x", "--caller", "shop", "--caller", "shop") == nil)
    }
}
