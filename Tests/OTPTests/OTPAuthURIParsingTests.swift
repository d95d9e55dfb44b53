import Crypto
import OTP
import Testing
import Wire

private let seed = SecretBytes(copying: Array("12345678901234567890".utf8))
private let secret = "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

private func parse(_ text: String) throws(OTPAuthURIRefusal) -> OTPAuthURI {
    try OTPAuthURI(parsing: text.utf8)
}

private func refusal(_ text: String) -> OTPAuthURIRefusal? {
    do throws(OTPAuthURIRefusal) {
        _ = try parse(text)
        return nil
    } catch {
        return error
    }
}

@Suite struct OTPAuthURIParsingTests {
    @Test func `what is printed is read again, for every variant`() throws {
        for parameters in OneTimePasswordParameters.all {
            for (issuer, account) in [
                ("Dubbelslot", "alice@example.org"), ("A&B C/D?=%#+", "é 密 ñ"), (nil, "bob"),
            ] {
                let isCounted = parameters.stored.hasPrefix("hotp")
                let uri = OTPAuthURI(
                    issuer: issuer, account: account, seed: seed, parameters,
                    nextCounter: isCounted ? HOTP.counterMax : 0)
                let read = try parse(uri.text)
                #expect(read.issuer == issuer)
                #expect(read.account == account)
                #expect(read.seed == seed)
                #expect(read.parameters == parameters)
                #expect(read.nextCounter == uri.nextCounter)
                #expect(read.text == uri.text)
            }
        }
    }

    @Test func `what is not said is what every app takes it for`() throws {
        let uri = try parse("otpauth://totp/alice?\(secret)")
        #expect(uri.issuer == nil)
        #expect(uri.account == "alice")
        #expect(uri.parameters == .standard)
        #expect(
            try parse("otpauth://hotp/alice?\(secret)&counter=7").parameters == .hotp(.standard))
    }

    @Test(arguments: [
        "otpauth://totp/Example:alice?\(secret)&issuer=Example",
        "otpauth://totp/Example%3Aalice?\(secret)&issuer=Example",
        "otpauth://totp/Example%3a%20%20alice?\(secret)",
        "otpauth://totp/Example:alice?\(secret)&issuer=",
        "otpauth://totp/alice?issuer=Example&\(secret)&image=https%3A%2F%2Fexample.org%2Fa.png",
        "otpauth://totp/Example:alice?\(secret)===&algorithm=sha1&digits=6&period=30",
        "otpauth://totp/Example:alice?\(secret)%3D%3D",
        "otpauth://totp/Example:alice?\(secret.lowercased())",
        "otpauth://totp/Example:alice?secret=GEZD%20GNBV-GY3T%20QOJQGEZDGNBVGY3TQOJQ",
    ])
    func `the ways in which other systems write it are understood`(text: String) throws {
        let uri = try parse(text)
        #expect(uri.issuer == "Example")
        #expect(uri.account == "alice")
        #expect(uri.seed == seed)
        #expect(uri.parameters == .standard)
    }

    @Test func `a plus sign is a plus sign`() throws {
        let uri = try parse("otpauth://totp/a+b:c+d%2B?\(secret)&issuer=a+b")
        #expect(uri.issuer == "a+b")
        #expect(uri.account == "c+d+")
    }

    @Test(arguments: [
        ("", OTPAuthURIRefusal.form), ("otpauth", .form), ("otpauth://totp/", .form),
        ("otpauth://totp/a", .form), ("OTPAUTH://totp/a?\(secret)", .form),
        ("otpauth://TOTP/a?\(secret)", .form), ("otpauth://steam/a?\(secret)", .form),
        ("otpauth:totp/a?\(secret)", .form), ("https://totp/a?\(secret)", .form),
        ("otpauth-migration://offline?data=abc", .form), ("otpauth://totp/a?\(secret)#x", .form),
        ("otpauth://totp/a b?\(secret)", .form), (" otpauth://totp/a?\(secret)", .form),
        ("otpauth://totp/a?\(secret)\n", .form), ("otpauth://totp/é?\(secret)", .form),
        ("otpauth://totp/a?\(secret)&", .form), ("otpauth://totp/a?&\(secret)", .form),
        ("otpauth://totp/a?\(secret)&digits", .form), ("otpauth://totp/a?\(secret)&=6", .form),
        ("otpauth://totp/a?", .form),
        ("otpauth://totp/?\(secret)", .label), ("otpauth://totp/a:?\(secret)", .label),
        ("otpauth://totp/:a?\(secret)", .label), ("otpauth://totp/a:b:c?\(secret)", .label),
        ("otpauth://totp/a%3Ab:c?\(secret)", .label), ("otpauth://totp/%?\(secret)", .label),
        ("otpauth://totp/%4?\(secret)", .label), ("otpauth://totp/%zz?\(secret)", .label),
        ("otpauth://totp/%ff?\(secret)", .label), ("otpauth://totp/%00?\(secret)", .label),
        ("otpauth://totp/a%0Ab?\(secret)", .label), ("otpauth://totp/%20?\(secret)", .label),
        ("otpauth://totp/a:b?\(secret)&issuer=c", .issuer),
        ("otpauth://totp/b?\(secret)&issuer=c%3Ad", .issuer),
        ("otpauth://totp/b?\(secret)&issuer=%C3", .issuer),
        ("otpauth://totp/a?digits=6", .secret), ("otpauth://totp/a?secret=", .secret),
        ("otpauth://totp/a?secret=GEZDGNBVGY3TQOJQGEZDGNBV", .secret),
        ("otpauth://totp/a?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1", .secret),
        ("otpauth://totp/a?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQA", .secret),
        ("otpauth://totp/a?\(secret)&algorithm=MD5", .algorithm),
        ("otpauth://totp/a?\(secret)&algorithm=SHA-1", .algorithm),
        ("otpauth://totp/a?\(secret)&algorithm=", .algorithm),
        ("otpauth://totp/a?\(secret)&digits=5", .digits),
        ("otpauth://totp/a?\(secret)&digits=06", .digits),
        ("otpauth://totp/a?\(secret)&digits=%36", .digits),
        ("otpauth://totp/a?\(secret)&digits=99999999999999999999", .digits),
        ("otpauth://totp/a?\(secret)&period=29", .period),
        ("otpauth://totp/a?\(secret)&period=0", .period),
        ("otpauth://totp/a?\(secret)&period=+30", .period),
        ("otpauth://hotp/a?\(secret)&counter=0&period=30", .period),
        ("otpauth://hotp/a?\(secret)", .counter), ("otpauth://hotp/a?\(secret)&counter=", .counter),
        ("otpauth://hotp/a?\(secret)&counter=-1", .counter),
        ("otpauth://hotp/a?\(secret)&counter=01", .counter),
        ("otpauth://hotp/a?\(secret)&counter=9007199254740993", .counter),
        ("otpauth://totp/a?\(secret)&counter=0", .counter),
        ("otpauth://totp/a?\(secret)&\(secret)", .duplicate),
        ("otpauth://totp/a?\(secret)&digits=6&digits=8", .duplicate),
        ("otpauth://totp/a?\(secret)&x=1&x=1", .duplicate),
    ])
    func `anything else is refused, with the part that does not hold`(
        text: String, reason: OTPAuthURIRefusal
    ) {
        #expect(refusal(text) == reason)
    }

    @Test func `lengths are bounded`() {
        func uri(_ rest: String) -> String { "otpauth://totp/a?\(secret)\(rest)" }
        func long(_ count: Int) -> String { String(repeating: "a", count: count) }
        let room = OTPAuthURI.lengthMax - uri("&x=").utf8.count
        #expect(refusal(uri("&x=" + long(room))) == nil)
        #expect(refusal(uri("&x=" + long(room + 1))) == .tooLong)
        #expect(refusal(uri((2...16).map { "&x\($0)=" }.joined())) == nil)
        #expect(refusal(uri((2...17).map { "&x\($0)=" }.joined())) == .tooLong)
        #expect(refusal("otpauth://totp/\(long(256))?\(secret)") == nil)
        #expect(refusal("otpauth://totp/\(long(257))?\(secret)") == .label)
        #expect(refusal(uri("&issuer=" + long(257))) == .issuer)
        #expect(refusal("otpauth://totp/a?secret=\(long(105))") == .secret)
    }

    @Test func `no printing shows the seed`() throws {
        let uri = try parse("otpauth://totp/a?\(secret)")
        var dumped = ""
        dump(uri, to: &dumped)
        #expect("\(uri)" == "an otpauth URI")
        #expect(!dumped.contains("GEZD") && !dumped.contains("1234"))
    }
}
