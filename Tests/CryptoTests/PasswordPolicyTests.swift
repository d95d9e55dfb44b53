import Crypto
import Testing

@Suite struct PasswordPolicyTests {
    private func judge(
        _ text: String, besideFactor: Bool = true, context: [String] = []
    ) -> PasswordPolicy.Verdict {
        PasswordPolicy(isSecondFactorEnforced: besideFactor, contextWords: context)
            .judge(Password(text))
    }

    @Test(arguments: [
        "vq7 zmpl", "correct hörse battery", "tr0mb-kite-9lum", "Zx9!vPq2", "🔑🦊🎻🧭🚲🥝🪁🧶",
        "a sentence about nothing much", "密码安全很重要的事", "xK4\0m2 qpw", "  pjw vtk  ",
    ])
    func `a password nobody tries first is accepted, whatever it is composed of`(text: String) {
        #expect(judge(text) == .acceptable)
    }

    @Test func `length is bounded on both sides, and a password alone must be longer`() {
        let rich = Array("mzkfqpvwxrtjhgbdlcns")
        func text(_ count: Int) -> String {
            // Never a run, never repeated within the bounds tested.
            String((0..<count).map { rich[($0 * $0 + $0 / 7) % rich.count] })
        }
        #expect(judge(text(7)) == .tooShort(minimum: 8))
        #expect(judge(text(8)) == .acceptable)
        #expect(judge(text(14), besideFactor: false) == .tooShort(minimum: 15))
        #expect(judge(text(15), besideFactor: false) == .acceptable)
        #expect(judge(text(256)) == .acceptable)
        #expect(judge(text(257)) == .tooLong(maximum: 256))
        #expect(judge(String(repeating: "a", count: 1_000_000)) == .tooLong(maximum: 256))
        #expect(judge("") == .tooShort(minimum: 8))
    }

    @Test func `a decomposed password is as long as a composed one`() {
        #expect(judge("e\u{301}e\u{300}e\u{302}mxy") == .tooShort(minimum: 8))
    }

    @Test(arguments: [
        "password", "PASSWORD1", "P@ssw0rd", "Passw0rd!", "p455w0rd", "password2024", "1password1",
        "iloveyou", "ILoveYou!", "sunshine", "princess123", "Welcome1", "letmein!", "trustno1",
        "superman", "football", "baseball1", "dragon99", "monkey!!", "wachtwoord", "Admin123!",
        "changeme", "starwars", "michael1", "qwerty12!", "ghbdtn12", "!!shadow", "billybob",
        "correcthorsebatterystaple",
    ])
    func `a listed word is refused, in disguise and with digits around it too`(text: String) {
        #expect(judge(text) == .tooCommon(.listed))
    }

    @Test(arguments: [
        "aaaaaaaa", "        ", "abababab", "abcabcab", "12121212", "passwordpassword",
        "sunshinesunshinesunshine", "ééééééééé",
    ])
    func `one piece again and again is refused`(text: String) {
        #expect(judge(text) == .tooCommon(.repeated))
    }

    @Test(arguments: [
        "12345678", "87654321", "1234567890", "01234567890123", "abcdefgh", "zyxwvuts",
        "qwertyuiop", "asdfghjkl", "poiuytrewq", "1qaz2wsx", "!QAZ2wsx", "1q2w3e4r", "qweasdzxc",
        "aaabbbccc", "111222333", "abc12345", "1234qwer", "qwerty123", "11223344", "10203040",
        "1029384756", "a1s2d3f4", "19850412", "12041985", "04121985", "147258369", "йцукенгш",
    ])
    func `what fingers and calendars run through is refused`(text: String) {
        #expect(judge(text) == .tooCommon(.patterned))
    }

    @Test(arguments: [
        ("dubbelslot", ["Dubbelslot"]), ("Dubbelsl0t!", ["Dubbelslot"]),
        ("tolsl3bbud1", ["dubbelslot"]), ("wvanderlaan1", ["wvanderlaan"]),
        ("1wvanderlaan", ["WvanderLaan@example.org"]), ("acmecorp", ["x@acmecorp.example"]),
        ("wvanderlaan@example.org", ["wvanderlaan@example.org"]),
    ])
    func `words of the context with little else are refused`(text: String, context: [String]) {
        #expect(judge(text, context: context) == .tooCommon(.contextual))
    }

    @Test func `a name inside a password that is long enough without it is accepted`() {
        #expect(judge("otto keeps 9 quails", context: ["otto"]) == .acceptable)
        #expect(judge("vq7 zmpl", context: ["vq", "", "zmp"]) == .acceptable)
    }

    @Test func `context is bounded`() {
        let long = [String](repeating: "filler", count: PasswordPolicy.contextWordsMax)
        #expect(judge("wvanderlaan1", context: long + ["wvanderlaan"]) == .acceptable)
    }
}
