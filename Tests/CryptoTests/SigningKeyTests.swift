import Crypto
import Fixtures
import Testing
import Wire

/// Ed25519 keys that sign, in the form in which operators make them.
@Suite struct SigningKeyTests {
    private static let example = Array(SigningKey.exampleText.utf8)

    @Test func `RFC 8037 A.4 the example is signed as it stands there`() throws {
        let key = try #require(try SigningKey.all(pem: Self.example).first)
        #expect(
            Base64URL.encode(key.publicBytes) == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
        let text = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
        let signature = try key.sign(Array(text.utf8))
        #expect(
            Base64URL.encode(signature)
                == "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5B"
                + "hVsPt9g7sVvpAr_MuM0KAg")
        let half = try PublicKey(ed25519: key.publicBytes)
        #expect(half.verifies(signature, of: Array(text.utf8)))
        #expect(!half.verifies(signature, of: Array((text + "x").utf8)))
    }

    @Test func `several keys stand in their order`() throws {
        let second = SigningKey.text(seed: [UInt8](1...32))
        let keys = try SigningKey.all(pem: Self.example + Array("\n# old\n\(second)".utf8))
        #expect(keys.count == 2 && keys[0].publicBytes != keys[1].publicBytes)
    }

    @Test func `what is no Ed25519 key, or no whole one, is refused, and nothing is told`() throws {
        let rsa = try ChildProcess.run("openssl", ["genrsa", "2048"]).output
        let curve = try ChildProcess.run(
            "openssl", ["genpkey", "-algorithm", "X25519"]
        ).output
        let locked = try ChildProcess.run(
            "openssl", ["genpkey", "-algorithm", "ed25519", "-aes256", "-pass", "pass:four"]
        ).output
        let made = try ChildProcess.run("openssl", ["genpkey", "-algorithm", "ed25519"]).output
        #expect(try SigningKey.all(pem: Array(made.utf8)).count == 1)
        let cut = String(SigningKey.exampleText.dropLast(40))
        for text in ["", "no key", rsa, curve, locked, cut, SigningKey.exampleText + locked] {
            #expect(throws: CryptoFault.self, "\(text.prefix(40))") {
                _ = try SigningKey.all(pem: Array(text.utf8))
            }
        }
        let key = try #require(try SigningKey.all(pem: Self.example).first)
        #expect("\(key)" == "a signing key" && Mirror(reflecting: key).children.isEmpty)
    }
}
