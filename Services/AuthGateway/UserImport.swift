import Contracts
import Crypto
import OTP
import Wire

/// A user as another system exported him: one line of JSON, parsed strictly and before anything
/// is written, so that an operator learns of every mistake in a file at once.
/// ```
/// {"userName": "alice", "email": "alice@example.org", "phone": "+31201234567",
///  "displayName": "Alice", "roles": ["administrator"], "locale": "nl",
///  "passwordRecord": "pbkdf2_sha256$600000$…",
///  "otp": ["otpauth://totp/…", {"seed": "JBSWY3DP…", "parameters": "hotp-sha1-6", "counter": 41}]}
/// ```
/// Only `userName` has to be there; `null` and an empty text are as if not there.
struct ImportedUser: Sendable {
    /// Octets of a line.
    static let lineMax = 16 << 10
    static let factorsMax = 8
    static let rolesMax = 16

    let name: UserName
    /// The user name, where none is given.
    let displayName: DisplayName
    let email: EmailAddress?
    let phone: PhoneNumber?
    let locale: LanguageTag?
    let roles: [Role]
    let password: ImportedPassword
    let factors: [ImportedFactor]
}

/// What is known of an imported user's password.
enum ImportedPassword: Sendable {
    /// None came along: it has to be set before the first sign-in.
    case none
    /// Good until the first right password, which makes a record of our own.
    case record(PasswordRecord)
    /// Of a form or cost that is not checked here: to be set anew, and nothing of it is kept.
    case unusable
}

/// A seed with all that its codes depend on.
struct ImportedFactor: Sendable {
    let seed: SecretBytes
    let parameters: OneTimePasswordParameters
    /// Of the next code; 0 where codes come from the time.
    let nextCounter: Int64
}

/// What is wrong with a line. It says where and never what: the values are people's data.
enum UserImportRefusal: Error, Sendable, Equatable {
    /// Longer than `ImportedUser.lineMax`.
    case tooLong
    /// No JSON object, or a name twice in one.
    case noObject
    /// A name that is none of `ImportedField`, which may be one misspelt.
    case unknownField
    case field(ImportedField)
}

/// The names in a line.
enum ImportedField: String, Sendable, CaseIterable {
    case userName, email, phone, displayName, roles, locale, passwordRecord, otp
}

/// Everything that is wrong with a line, in the order of the fields.
struct UserImportRefusals: Error, Equatable {
    let all: [UserImportRefusal]
}

extension ImportedUser {
    /// - Parameter memoryMax: what checking a password record may take.
    init(
        parsing line: some Collection<UInt8>,
        memoryMax: Int = PasswordHash.Parameters.standard.memory
    ) throws(UserImportRefusals) {
        guard line.count <= Self.lineMax else { throw UserImportRefusals(all: [.tooLong]) }
        var fields: ImportedFields
        do throws(WireFault) {
            fields = try ImportedFields(JSON(parsing: line))
        } catch {
            throw UserImportRefusals(all: [.noObject])
        }
        let name = fields.text(.userName, UserName.init(parsing:))
        if name == nil { fields.refuse(.userName) }
        let email = fields.text(.email, EmailAddress.init(parsing:))
        let phone = fields.text(.phone, PhoneNumber.init(parsing:))
        let shown = fields.text(.displayName, DisplayName.init(parsing:))
        let roles = fields.list(.roles, max: Self.rolesMax) { $0.text.flatMap(Role.init) }
        if Set(roles).count != roles.count { fields.refuse(.roles) }
        let locale = fields.text(.locale, LanguageTag.init(parsing:))
        let password = fields.text(.passwordRecord) { text in
            ImportedPassword(text, memoryMax: memoryMax)
        }
        let factors = fields.list(.otp, max: Self.factorsMax, ImportedFactor.init)
        guard fields.refusals.isEmpty, let name,
            let displayName = shown ?? DisplayName(parsing: name.text)
        else { throw UserImportRefusals(all: fields.refusals) }
        self.init(
            name: name, displayName: displayName, email: email, phone: phone, locale: locale,
            roles: roles, password: password ?? .none, factors: factors)
    }
}

/// The members of a line, and what was wrong with those that have been read.
private struct ImportedFields {
    private let json: JSON
    private(set) var refusals: [UserImportRefusal] = []

    init(_ json: JSON) throws(WireFault) {
        guard case .object(let members) = json else { throw .json(at: 0) }
        self.json = json
        let known = Set(ImportedField.allCases.map(\.rawValue))
        if !members.allSatisfy({ known.contains($0.name) }) { refusals = [.unknownField] }
    }

    mutating func refuse(_ field: ImportedField) {
        if !refusals.contains(.field(field)) { refusals.append(.field(field)) }
    }

    /// nil when it is not there, or refused.
    mutating func text<T>(_ field: ImportedField, _ parse: (String) -> T?) -> T? {
        guard let value = json[field.rawValue], value != .null, value != .string("") else {
            return nil
        }
        let parsed = value.text.flatMap(parse)
        if parsed == nil { refuse(field) }
        return parsed
    }

    /// Empty when it is not there, or refused.
    mutating func list<T>(_ field: ImportedField, max: Int, _ parse: (JSON) -> T?) -> [T] {
        guard let value = json[field.rawValue], value != .null else { return [] }
        guard let elements = value.elements, elements.count <= max else {
            refuse(field)
            return []
        }
        let parsed = elements.compactMap(parse)
        if parsed.count != elements.count { refuse(field) }
        return parsed
    }
}

extension ImportedPassword {
    fileprivate init(_ text: String, memoryMax: Int) {
        do throws(CryptoFault) {
            self = .record(try PasswordRecord(importing: Array(text.utf8), memoryMax: memoryMax))
        } catch {
            self = .unusable
        }
    }
}

extension ImportedFactor {
    /// An `otpauth` URI, or an object of a seed in base32 and what its codes depend on.
    fileprivate init?(_ json: JSON) {
        switch json {
        case .string(let text): self.init(uri: text)
        case .object(let members): self.init(members, json)
        case .null, .bool, .number, .array: return nil
        }
    }

    private init?(uri text: String) {
        do throws(OTPAuthURIRefusal) {
            let uri = try OTPAuthURI(parsing: text.utf8)
            self.init(seed: uri.seed, parameters: uri.parameters, nextCounter: uri.nextCounter)
        } catch {
            return nil
        }
    }

    /// `parameters` is what every authenticator app does, where it is not said; `counter` is
    /// there exactly where codes come from one.
    private init?(_ members: [JSON.Member], _ json: JSON) {
        guard members.allSatisfy({ ["seed", "parameters", "counter"].contains($0.name) }),
            let seed = json["seed"]?.text.flatMap({ SecretBytes(setupKey: $0.utf8) })
        else { return nil }
        var parameters = OneTimePasswordParameters.standard
        if let said = json["parameters"] {
            guard let it = said.text.flatMap(OneTimePasswordParameters.init(stored:)) else {
                return nil
            }
            parameters = it
        }
        let counter = json["counter"]
        switch parameters {
        case .totp:
            guard counter == nil else { return nil }
            self.init(seed: seed, parameters: parameters, nextCounter: 0)
        case .hotp:
            guard let next: Int64 = counter?.integer(), (0...HOTP.counterMax).contains(next) else {
                return nil
            }
            self.init(seed: seed, parameters: parameters, nextCounter: next)
        }
    }
}
