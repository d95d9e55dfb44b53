import Contracts
import Crypto
import OTP
import Testing

@testable import AuthGateway

private let seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
private let record = "0123456789abcdefef463267ba5d15cd06568ce3c0261025c05e1edc7aa7fdae"

private func parse(_ line: String) throws(UserImportRefusals) -> ImportedUser {
    try ImportedUser(parsing: line.utf8)
}

/// What is said against a line; nil when it is taken.
private func refusals(_ line: String) -> [UserImportRefusal]? {
    do throws(UserImportRefusals) {
        _ = try parse(line)
        return nil
    } catch {
        return error.all
    }
}

@Suite struct UserImportTests {
    @Test func `a whole user is read`() throws {
        let user = try parse(
            """
            {"userName": "Alice", "email": "alice@example.org", "phone": "+31201234567",
             "displayName": "Alice B.", "roles": ["administrator"], "locale": "nl-NL",
             "passwordRecord": "\(record)",
             "otp": ["otpauth://totp/x:alice?secret=\(seed)&digits=8",
                     {"seed": "\(seed)"},
                     {"counter": 41, "seed": "\(seed.lowercased())",
                      "parameters": "hotp-sha256-7"}]}
            """)
        #expect(user.name.key == "alice")
        #expect(user.email?.text == "alice@example.org")
        #expect(user.phone?.text == "+31201234567")
        #expect(user.displayName.text == "Alice B.")
        #expect(user.roles == [.administrator])
        #expect(user.locale?.text == "nl-NL")
        guard case .record(let password) = user.password else {
            Issue.record("the record was not read")
            return
        }
        #expect(try password.matches(Password("admin123")))
        #expect(
            user.factors.map(\.parameters.stored)
                == ["totp-sha1-8-30", "totp-sha1-6-30", "hotp-sha256-7"])
        #expect(user.factors.map(\.nextCounter) == [0, 0, 41])
        #expect(user.factors.allSatisfy { $0.seed == user.factors[0].seed })
    }

    @Test(arguments: [
        #"{"userName": "bob"}"#,
        #"{"userName": "bob", "email": "", "phone": null, "displayName": "", "roles": [],"#
            + #" "locale": "", "passwordRecord": null, "otp": null}"#,
    ])
    func `only the user name has to be there`(line: String) throws {
        let user = try parse(line)
        #expect(user.name.text == "bob")
        #expect(user.displayName.text == "bob")
        #expect(user.email == nil && user.phone == nil && user.locale == nil)
        #expect(user.roles.isEmpty && user.factors.isEmpty)
        guard case .none = user.password else {
            Issue.record("a password from nowhere")
            return
        }
    }

    @Test(arguments: [
        "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW", "plain text",
        "$scrypt$ln=20,r=8,p=1$AAECAwQFBgc$WUtbL/3oXRB7C73sDqGCjg", record + "0",
    ])
    func `a password of any other form is not kept, and its user stays`(text: String) throws {
        let user = try parse(#"{"userName": "bob", "passwordRecord": "\#(text)"}"#)
        guard case .unusable = user.password else {
            Issue.record("\(text) was taken")
            return
        }
    }

    @Test func `where memory is small, a record that wants more is not kept`() throws {
        let line = #"{"userName": "bob", "passwordRecord": "\#(record)"}"#
        guard
            case .unusable = try ImportedUser(parsing: line.utf8, memoryMax: 8 << 20).password,
            case .record = try ImportedUser(parsing: line.utf8, memoryMax: 16 << 20).password
        else {
            Issue.record("another bound")
            return
        }
    }

    @Test(arguments: [
        (ImportedField.userName, #""a@b""#), (.userName, "7"), (.userName, #""""#),
        (.userName, "null"), (.email, #""a""#), (.email, "true"), (.phone, #""0201234567""#),
        (.phone, "31201234567"), (.displayName, #""a\nb""#), (.displayName, "[]"),
        (.locale, #""n""#), (.locale, "{}"), (.roles, #""administrator""#), (.roles, #"["root"]"#),
        (.roles, "[1]"), (.roles, #"["administrator", "administrator"]"#), (.passwordRecord, "1"),
        (.otp, #""otpauth://totp/a?secret=\#(seed)""#), (.otp, "[null]"), (.otp, #"["secret"]"#),
        (.otp, #"["otpauth://totp/a?secret=AAAA"]"#), (.otp, "[{}]"),
        (.otp, #"[{"seed": "AAAA"}]"#), (.otp, #"[{"seed": 1}]"#),
        (.otp, #"[{"seed": "\#(seed)", "digits": 6}]"#),
        (.otp, #"[{"seed": "\#(seed)", "parameters": "totp-md5-6-30"}]"#),
        (.otp, #"[{"seed": "\#(seed)", "parameters": null}]"#),
        (.otp, #"[{"seed": "\#(seed)", "counter": 0}]"#),
        (.otp, #"[{"seed": "\#(seed)", "parameters": "hotp-sha1-6"}]"#),
        (.otp, #"[{"seed": "\#(seed)", "parameters": "hotp-sha1-6", "counter": -1}]"#),
        (
            .otp,
            #"[{"seed": "\#(seed)", "parameters": "hotp-sha1-6", "counter": 9007199254740993}]"#
        ),
    ])
    func `each field is refused by its name`(field: ImportedField, value: String) {
        let name = field == .userName ? "" : #""userName": "bob", "#
        #expect(refusals("{\(name)\"\(field.rawValue)\": \(value)}") == [.field(field)])
    }

    @Test func `all that is wrong is said at once`() {
        #expect(
            refusals(#"{"mail": 1, "email": "x", "otp": [1], "phone": "x", "roles": [2, 2]}"#)
                == [
                    .unknownField, .field(.userName), .field(.email), .field(.phone),
                    .field(.roles), .field(.otp),
                ])
    }

    @Test(arguments: [
        "", "null", "[]", #""alice""#, "{", #"{"userName": "a"} {}"#, "\u{feff}{}",
        #"{"userName": "a", "userName": "b"}"#, #"{"userName": "\ud800"}"#, "userName,email",
    ])
    func `a line that is no object is refused`(line: String) {
        #expect(refusals(line) == [.noObject])
    }

    @Test func `lines and lists are bounded`() {
        let bare = #"{"userName": "bob"}"#
        let room = ImportedUser.lineMax - bare.utf8.count
        #expect(refusals(bare + String(repeating: " ", count: room)) == nil)
        #expect(refusals(bare + String(repeating: " ", count: room + 1)) == [.tooLong])
        func factors(_ count: Int) -> String {
            let list = Array(repeating: #"{"seed": "\#(seed)"}"#, count: count)
            return #"{"userName": "bob", "otp": [\#(list.joined(separator: ","))]}"#
        }
        #expect(refusals(factors(8)) == nil)
        #expect(refusals(factors(9)) == [.field(.otp)])
    }
}
