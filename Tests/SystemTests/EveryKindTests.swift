import Crypto
import Fixtures
import Foundation
import Testing
import Wire

/// Somebody who proves himself in every way there is, over HTTP and two gateways; then a search
/// for what all of it has left behind. An installation of its own.
@Suite(.serialized) struct EveryKindTests {
    private static let phone = "+31698123457"
    private static let bound = "canary.bound@example.org"

    @Test func `O-15 every kind of proof signs in once, and nothing secret is left behind`() throws
    {
        let office = try PostOffice()
        let walk = try EveryKindWalk(office)
        try walk.makeVerifiers()
        let person = try walk.firstSignIn()
        let sms = try walk.bind(person, "sms", Self.phone)
        let mail = try walk.bind(person, "mail", Self.bound)
        try walk.signInOnce(person, sms, aal: 2) { try walk.textCode(to: Self.phone) }
        try walk.signInOnce(person, mail, aal: 1) { try walk.mailCode(to: Self.bound) }
        try walk.signInByRecovery(person)
        let current = try walk.resetPassword(person)
        try walk.regenerate(current)
        try walk.mistype(current)

        let left = try office.leftBehind(walk.answers)
        let known = [
            CanarySecret("bound phone", String(Self.phone.dropFirst())),
            CanarySecret("bound address", Self.bound),
            CanarySecret("webhook's secret", office.webhook.secret),
        ]
        try search(left, for: walk.secrets + known)
        try plant(Self.phone, in: office)
        #expect(try office.webhook.messages.allSatisfy(\.signed))
    }

    private func search(_ left: [PostOffice.Leftover], for secrets: [CanarySecret]) throws {
        #expect(secrets.count >= 30, "\(secrets.map(\.name))")
        for leftover in left {
            #expect(leftover.text.count > 200 || leftover.name.hasPrefix("/"), "\(leftover.name)")
            for secret in secrets where !secret.toldBy.contains(where: leftover.name.hasSuffix) {
                #expect(!secret.stands(in: leftover.text), "\(secret.name) in \(leftover.name)")
            }
        }
        // Each of them would be found: in the dump, at its end, in every form.
        let dump = try #require(left.first { $0.name == "dump" }).text.suffix(5_000)
        for secret in secrets {
            for encoding in CanarySecret.encodings {
                for (offset, form) in encoding.all(secret.bytes).enumerated() {
                    let planted = dump + Data("\n\t".utf8) + form + Data("\t\n".utf8)
                    #expect(
                        secret.stands(in: planted), "\(secret.name) as \(encoding.name) \(offset)")
                }
            }
        }
    }

    /// What really stands in a table is in the dump.
    private func plant(_ text: String, in office: PostOffice) throws {
        let installation = office.system.installation
        try installation.sql(
            "CREATE TABLE policy.planted AS SELECT convert_to('\(text)', 'UTF8') AS canary")
        let secret = CanarySecret("planted", String(text.dropFirst()))
        #expect(secret.stands(in: try office.dump()))
        try installation.sql("DROP TABLE policy.planted")
        #expect(!secret.stands(in: try office.dump()))
    }

    @Test func `the search finds what foreign tools have written, and no number within another`()
        throws
    {
        let secret = CanarySecret("address", "canary+ä@example.org")
        for tool in ["base64 -w0", "base32 -w0", "xxd -p", "od -An -tx1 | tr -d ' \\n'", "cat"] {
            for before in ["", "x", "xy", "xyz", "wxyz"] {
                let written = try ChildProcess.run(
                    "bash", ["-c", "printf '\(before)canary+ä@example.org-after' | \(tool)"])
                #expect(secret.stands(in: Data(written.output.utf8)), "\(tool) after '\(before)'")
            }
        }
        #expect(!secret.stands(in: Data("canary-ä@example.org".utf8)))
        let code = CanarySecret("code", "12345678")
        for (text, isThere) in [
            ("code 12345678.", false), ("code 12345678 ", true), ("(12345678)", true),
            ("912345678", false), ("0.12345678", false), ("12345678f", false), ("12345678", true),
            ("3132333435363738", true),
        ] {
            #expect(code.stands(in: Data(text.utf8)) == isThere, "\(text)")
        }
    }
}
