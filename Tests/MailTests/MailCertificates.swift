import Fixtures
import Mail
import TLS

extension ForeignMailServer {
    convenience init(_ leaf: TestAuthority.Leaf, _ security: SMTPSecurity) throws {
        try self.init(leaf, protection: security.rawValue)
    }
}

/// An authority and a mail server's certificates, made once for all tests here.
struct MailCertificates: Sendable {
    let authority: TestAuthority
    /// For `localhost`.
    let right: TestAuthority.Leaf
    let ofAnotherName: TestAuthority.Leaf
    let runOut: TestAuthority.Leaf
    let ofAStranger: TestAuthority.Leaf

    static let shared = Result {
        let authority = try TestAuthority()
        func leaf(_ name: String, _ days: Int = 2, by: TestAuthority? = nil) throws
            -> TestAuthority.Leaf
        {
            try (by ?? authority).leaf(
                TestAuthority.Wish {
                    $0.alternativeNames = ["DNS:\(name)"]
                    $0.purposes = "serverAuth"
                    $0.days = days
                })
        }
        return MailCertificates(
            authority: authority, right: try leaf("localhost"),
            ofAnotherName: try leaf("mail.example"), runOut: try leaf("localhost", -1),
            ofAStranger: try leaf("localhost", by: try TestAuthority()))
    }

    func context() throws -> TLSContext {
        try TLSContext(outboundAuthorityFile: authority.file)
    }
}
