import Contracts
import Crypto
import Hosting
import RPC
import Wire

/// What the doctor has seen, or why it could not look. The checks judge it and see nothing else.
struct DoctorFacts: Sendable {
    let canary: Gathered<CanaryFacts>
    let sealing: Gathered<SealingFacts>
    /// Sentences, one for each right that a role of a service has and should not.
    let excessiveRights: Gathered<[String]>
    /// By service; those that have a door to show a certificate at.
    let doors: Gathered<[DoorFact]>
    /// By how much the database's clock is ahead of ours.
    let clockSkew: Gathered<Duration>
    let durability: Gathered<[DurabilityFact]>
    let certificates: Gathered<[CertificateFact]>
    /// Files of secrets that others than we may read or change.
    let openSecrets: Gathered<[String]>
}

enum Gathered<Fact: Sendable>: Sendable {
    case known(Fact)
    /// Why not, for the operator.
    case unknown(String)
}

extension Gathered {
    /// What a look gives that may be refused.
    static func of(_ look: () async throws -> Fact) async -> Gathered {
        do {
            return .known(try await look())
        } catch let fault as Fault {
            let detail = fault.detail.isEmpty ? "" : " (\(fault.detail))"
            return .unknown(fault.reason.rawValue + detail)
        } catch {
            return .unknown("\(error)")
        }
    }
}

/// How the verification service answered a code.
enum CodeAnswer: Sendable, Equatable {
    case accepted
    case refused(Reason)
}

/// What happened to an account that was made to be looked at.
struct CanaryFacts: Sendable {
    /// One right code, given many times at once, and once more after that.
    let sameCode: [CodeAnswer]
    let sameCodeAgain: CodeAnswer
    /// Wrong codes, given at once, and one more after that.
    let wrongCodes: [CodeAnswer]
    let wrongCodeAfter: CodeAnswer
    let isErased: Bool
}

/// How the seeds stand in the database.
struct SealingFacts: Sendable {
    /// The canary's seed, which the doctor knows, stands in its row in some readable form.
    let showsSeed: Bool
    /// Rows of all users that do not begin as a sealed value does.
    let unsealedRows: Int
}

struct DoorFact: Sendable {
    let role: ServiceRole
    /// Host and port.
    let place: String
    let finding: DoorProbe.Finding
    /// How long the certificate that it has shown is valid still.
    let life: Duration?
}

/// A setting of PostgreSQL, as our connections have it or as a role is given it.
struct DurabilityFact: Sendable {
    let name: String
    /// Whose; nil for our own connections.
    let role: String?
    let value: String

    /// What is acknowledged outlives a crash.
    var isKept: Bool { ["on", "remote_apply"].contains(value) }
}

struct CertificateFact: Sendable {
    /// Or where it was shown.
    let file: String
    let left: Duration
}
