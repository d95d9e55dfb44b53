import Crypto
import Daemon
import Hosting
import WebAuthn
import Wire

/// What an operator can set of this service, beside what all services share.
struct VerificationSettings: Settings {
    enum HashCost: String, CaseIterable, Sendable {
        case standard
        case smallMemory = "small_memory"

        var parameters: PasswordHash.Parameters {
            switch self {
            case .standard: .standard
            case .smallMemory: .smallMemory
            }
        }
    }

    let host: HostSettings
    let hashCost: HashCost
    private let hashThreadsSet: Int
    let hashQueueMax: Int
    private let keyRingText: SecretText
    let issuer: String
    let mail: MailSettings
    let messages: MessageSettings
    /// Nil where nothing is sent that holds a link.
    let address: PublicAddress?
    /// Whom passkeys are made for; nil: none can be bound.
    var relyingParty: RelyingParty? {
        address.flatMap { RelyingParty(name: issuer, address: $0) }
    }

    init(_ reader: inout SettingsReader) {
        host = HostSettings(&reader)
        hashCost = reader.choice(
            "PASSWORD_HASH", default: HashCost.standard,
            "Cost of new password hashes: standard takes 128 MiB each, small_memory 8 MiB.")
        hashThreadsSet = reader.integer(
            "PASSWORD_HASH_THREADS", default: 0, in: 0...64, unit: "threads",
            "Password hashes made at once; 0 for one less than there are cores, at least one.")
        hashQueueMax = reader.integer(
            "PASSWORD_HASH_QUEUE", default: 32, in: 1...1024, unit: "passwords",
            "Passwords that may wait for a thread; more are refused as overloaded.")
        keyRingText = reader.secret(
            "KEY_RING", max: KeyRing.fileMax,
            "The keys that seal passwords and seeds: lines `name base64key`, the last one seals.")
        issuer = reader.text(
            "ISSUER", default: "Dubbelslot", max: 128,
            "The name that authenticator apps show beside an account.")
        let addressText = reader.optionalText(
            "PUBLIC_ADDRESS", max: 512,
            "Where browsers reach us, https://host: of links in mails and of passkeys.")
        address = addressText.flatMap { PublicAddress($0) }
        reader.require(
            addressText == nil || address != nil,
            "DUBBELSLOT_PUBLIC_ADDRESS is no https://host (or http://localhost, for trying).")
        mail = MailSettings(&reader)
        messages = MessageSettings(&reader)
        reader.require(
            mail.exit == nil || address != nil,
            "DUBBELSLOT_PUBLIC_ADDRESS must be set, as DUBBELSLOT_MAIL_HOST is.")
    }

    func hashThreads(cores: Int) -> Int {
        hashThreadsSet > 0 ? hashThreadsSet : max(1, cores - 1)
    }

    func keyRing() throws(SetupFault) -> KeyRing {
        do throws(KeyRingFault) {
            return try KeyRing(parsing: keyRingText.reveal())
        } catch {
            throw SetupFault("KEY_RING", error.description)
        }
    }
}

extension RelyingParty {
    /// Passkeys belong to the host. Nil for one that they cannot belong to, such as a number.
    init?(name: String, address: PublicAddress) {
        let origin = address.origin
        guard let host = origin.split(separator: "/").last?.split(separator: ":").first
        else { return nil }
        self.init(id: String(host), name: name, origins: [origin])
    }
}
