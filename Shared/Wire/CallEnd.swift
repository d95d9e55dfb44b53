/// How a call ended, in as few words as somebody who watches a service needs: whose fault it was.
/// Every reason has one of them.
package enum CallEnd: String, Sendable, CaseIterable {
    case ok
    /// What the caller asked for, or what its user gave, was refused.
    case refused
    /// Too much was asked for, by one or by all.
    case limited
    /// Something that we need did not answer.
    case unavailable
    case deadlineExceeded = "deadline_exceeded"
    case canceled
    /// Our own mistake.
    case failed

    /// Its place among all of them, for counters.
    package var index: Int {
        switch self {
        case .ok: 0
        case .refused: 1
        case .limited: 2
        case .unavailable: 3
        case .deadlineExceeded: 4
        case .canceled: 5
        case .failed: 6
        }
    }
}

extension FaultCode {
    package var end: CallEnd {
        switch self {
        case .invalidArgument, .notFound, .alreadyExists, .permissionDenied,
            .failedPrecondition, .aborted, .outOfRange, .unimplemented, .unauthenticated:
            .refused
        case .resourceExhausted: .limited
        case .unavailable: .unavailable
        case .deadlineExceeded: .deadlineExceeded
        case .canceled: .canceled
        case .internal, .unknown, .dataLoss: .failed
        }
    }
}
