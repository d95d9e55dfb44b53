import Contracts
import Postgres
import Wire

/// An admitted try, which has to be settled once.
struct Attempt: Sendable, Equatable {
    let user: UserID
    let authenticator: AuthenticatorID
    let round: Int64
}

/// What the admitting statement says.
enum Admission<Admitted: Sendable>: Sendable {
    case admitted(Admitted)
    case refused(Fault)
}

/// The word for the log when a try could not be settled: its reservation was older than a minute,
/// or what it was checked against is gone. Whatever the check said opens nothing then.
extension Fault {
    static let overtaken = Fault(.unavailable, detail: "the try was settled by another")
}
