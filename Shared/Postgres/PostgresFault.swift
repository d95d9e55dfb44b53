import CPostgres
import Wire

/// Why a statement gave no result. What happened to the data is in the case: after every case
/// but `.outcomeUnknown` nothing of the statement has taken effect.
///
/// `description` is fit for anyone; the server's words are in `detail`, for the log alone.
package enum PostgresFault: Error, Sendable, Equatable {
    /// No connection, and the statement was never sent.
    case unavailable(String)
    /// The server refused the statement.
    case sqlState(SQLState, ServerMessage)
    /// Sent, and then the connection or the time ran out: done or not done, only the data tell.
    case outcomeUnknown(String)
    /// A row has another shape than the code asks for.
    case decoding(String)
    /// The queue is full; the statement was never sent.
    case overloaded
    /// The time ran out before the statement could be sent.
    case deadline
}

extension PostgresFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unavailable: "the database is unavailable"
        case .sqlState(let state, _): "the database refused: \(state)"
        case .outcomeUnknown: "the outcome in the database is unknown"
        case .decoding: "the database answered in another shape"
        case .overloaded: "too many statements are waiting for the database"
        case .deadline: "the deadline passed before the statement was sent"
        }
    }

    /// For the log alone.
    package var detail: String {
        switch self {
        case .unavailable(let why), .outcomeUnknown(let why), .decoding(let why):
            "\(description): \(why)"
        case .sqlState(_, let message): "\(description): \(message.text)"
        case .overloaded, .deadline: description
        }
    }

    /// The refusal that crosses the wire when the caller can do nothing about it. A handler looks
    /// for the states it expects (`.sqlState(.uniqueViolation, …)`) first.
    package var fault: Fault {
        switch self {
        case .unavailable, .outcomeUnknown: Fault(.unavailable, detail: detail)
        case .overloaded: Fault(.overloaded, retryAfterSeconds: 1, detail: detail)
        case .deadline: Fault(.deadlineExceeded, detail: detail)
        case .sqlState(let state, _) where state.isTransient: Fault(.unavailable, detail: detail)
        case .sqlState, .decoding: Fault(.internal, detail: detail)
        }
    }
}

/// What the server said of a refusal. Its DETAIL is left out, because it repeats values.
package struct ServerMessage: Sendable, Equatable {
    package let text: String
    /// The constraint that was violated, if one was.
    package let constraint: String?

    package init(text: String, constraint: String? = nil) {
        self.text = text
        self.constraint = constraint
    }
}

/// The five characters of an error ("PostgreSQL Error Codes", appendix A).
package struct SQLState: Sendable, Hashable, CustomStringConvertible {
    package let code: String
    package init(_ code: String) { self.code = code }
    package var description: String { code }

    package static let notNullViolation = SQLState("23502")
    package static let foreignKeyViolation = SQLState("23503")
    package static let uniqueViolation = SQLState("23505")
    package static let checkViolation = SQLState("23514")
    package static let readOnlyTransaction = SQLState("25006")
    package static let inFailedTransaction = SQLState("25P02")
    package static let statementNameUnknown = SQLState("26000")
    package static let serializationFailure = SQLState("40001")
    package static let deadlockDetected = SQLState("40P01")
    package static let insufficientPrivilege = SQLState("42501")
    package static let syntaxError = SQLState("42601")
    package static let undefinedTable = SQLState("42P01")
    package static let featureNotSupported = SQLState("0A000")
    package static let tooManyArguments = SQLState("54023")
    package static let lockNotAvailable = SQLState("55P03")
    /// `statement_timeout`, or a cancel by an administrator.
    package static let queryCanceled = SQLState("57014")

    /// The whole transaction can be tried again as it is ("Serialization Failure Handling").
    package var isRetryable: Bool { self == .serializationFailure || self == .deadlockDetected }

    /// Passes by itself: contention, a server that stops or starts, a standby, no more room for
    /// connections (class 53) or an operator's intervention (class 57).
    package var isTransient: Bool {
        isRetryable || self == .lockNotAvailable || self == .readOnlyTransaction
            || code.hasPrefix("53") || code.hasPrefix("57") || code.hasPrefix("08")
    }
}

extension ResultSet {
    /// The refusal this result states; nil when it is none of the server's, but libpq's own word
    /// that the connection broke.
    var refusal: (state: SQLState, message: ServerMessage, endsConnection: Bool)? {
        func field(_ letter: Unicode.Scalar) -> String? {
            PQresultErrorField(handle, Int32(letter.value)).map { String(cString: $0) }
        }
        guard let code = field("C") else { return nil }
        let message = ServerMessage(text: field("M") ?? "", constraint: field("n"))
        return (SQLState(code), message, field("V") != "ERROR")
    }
}
