/// Where a delivery was when it came to its outcome; each has the time that RFC 5321 §4.5.3.2
/// gives it, though the caller's own is usually shorter.
package enum SMTPStep: String, Sendable, CaseIterable {
    case resolving, connecting, handshake, greeting, hello
    case startTLS = "starttls"
    case authentication, sender, receiver, data
    /// The content and the answer to it: whoever gets no answer here does not know whether the mail
    /// was taken.
    case content
    case quit

    var patience: Duration {
        switch self {
        case .resolving, .connecting, .handshake: .seconds(30)
        case .greeting, .hello, .startTLS, .authentication, .sender, .receiver: .seconds(300)
        case .data: .seconds(120)
        case .content: .seconds(600)
        case .quit: .seconds(10)
        }
    }
}

/// Why there is no protected connection to a mail server.
package enum TLSRefusal: Sendable, Equatable {
    /// The server knows no STARTTLS, or somebody on the way hides it.
    case notOffered
    case byServer(SMTPStatus)
    /// Nobody whom we believe vouches for the certificate; the sentence is for the log.
    case certificate(String)
    /// The certificate is for other names than this one.
    case name(String)
    case handshake(String)
    /// Unprotected mail is for this very machine only.
    case plainOutsideLoopback
}

/// Why a server did not take our name and password.
package enum AuthenticationRefusal: Sendable, Equatable {
    case byServer(SMTPStatus)
    /// It offers neither PLAIN nor LOGIN here.
    case noMechanism
}

/// Why a mail, its sender or its receiver was not taken.
package enum SMTPRefusal: Sendable, Equatable {
    case byServer(SMTPStatus)
    /// The address needs SMTPUTF8 (RFC 6531), which the server has not.
    case needsUTF8
    /// The server takes fewer octets than these (RFC 1870).
    case tooLarge
    /// The content needs 8BITMIME (RFC 6152), which the server has not.
    case needsEightBit
}

/// What came of sending one mail. Neither of its texts holds a word that a server said, nor
/// anything of the mail or of our credentials.
package enum SMTPOutcome: Sendable, Equatable {
    case delivered(SMTPStatus)
    case receiverRefused(SMTPRefusal)
    case senderRefused(SMTPStep, SMTPRefusal)
    case messageRefused(SMTPStep, SMTPRefusal)
    case authenticationRefused(AuthenticationRefusal)
    /// For now: greylisted, busy, full (4yz).
    case tryAgainLater(SMTPStep, SMTPStatus)
    case tlsRefused(TLSRefusal)
    case protocolViolation(SMTPStep, SMTPViolation)
    /// There was no connection, or it was lost; the sentence is for the log.
    case unreachable(SMTPStep, why: String)
    case timedOut(SMTPStep)
    /// The caller did not want it any more.
    case cancelled(SMTPStep)
}

extension SMTPOutcome {
    /// What an answer means that is not the one that was hoped for.
    static func refusal(_ status: SMTPStatus, at step: SMTPStep) -> SMTPOutcome {
        guard status.code / 100 >= 4 else {
            return .protocolViolation(step, .unexpectedCode(status))
        }
        if status.code / 100 == 4 { return .tryAgainLater(step, status) }
        switch (step, status.code) {
        case (.startTLS, _): return .tlsRefused(.byServer(status))
        case (.authentication, _): return .authenticationRefused(.byServer(status))
        // Authentication is required, or a better one (RFC 4954 §6).
        case (_, 530), (_, 534), (_, 535), (_, 538):
            return .authenticationRefused(.byServer(status))
        // A command, its parameters or their order were not understood.
        case (.sender, 500...504), (.receiver, 500), (.receiver, 502...504), (.data, 500...504),
            (.content, 500...504):
            return .protocolViolation(step, .unexpectedCode(status))
        // "Relay access denied": it is our standing, not the mailbox.
        case (.receiver, 554): return .senderRefused(step, .byServer(status))
        case (.receiver, _): return .receiverRefused(.byServer(status))
        case (.sender, 552), (.data, _), (.content, _):
            return .messageRefused(step, .byServer(status))
        case (.sender, _), (.greeting, _), (.hello, _), (.resolving, _), (.connecting, _),
            (.handshake, _), (.quit, _):
            return .senderRefused(step, .byServer(status))
        }
    }

    /// True when the mail may lie in the receiver's mailbox: a code in it may not be given out a
    /// second time as a new one.
    package var mayHaveArrived: Bool {
        switch self {
        case .delivered: true
        case .protocolViolation(let step, _), .unreachable(let step, _), .timedOut(let step),
            .cancelled(let step):
            step == .content
        case .receiverRefused, .senderRefused, .messageRefused, .authenticationRefused,
            .tryAgainLater, .tlsRefused:
            false
        }
    }

    /// True when the same may go better in a while without anybody doing anything.
    package var isPassing: Bool {
        switch self {
        case .tryAgainLater, .unreachable, .timedOut, .cancelled: true
        case .delivered, .receiverRefused, .senderRefused, .messageRefused,
            .authenticationRefused, .tlsRefused, .protocolViolation:
            false
        }
    }
}

// MARK: - The two texts

extension SMTPOutcome {
    /// A sentence for whoever sets up mail: what happened and what to look at.
    package var administratorText: String {
        switch self {
        case .delivered(let status): "The mail server took the mail (\(status))."
        case .receiverRefused(let refusal):
            "The mail server refuses the receiver\(refusal.reason). Is the address right?"
        case .senderRefused(_, let refusal):
            "The mail server refuses us or the sender's address\(refusal.reason). May this name "
                + "send from that address through this server?"
        case .messageRefused(_, let refusal): "The mail server refuses the mail\(refusal.reason)."
        case .authenticationRefused(.byServer(let status)):
            "The mail server refuses the name and password, or wants some (\(status))."
        case .authenticationRefused(.noMechanism):
            "The mail server offers no way to sign in that we know (PLAIN or LOGIN)."
        case .tryAgainLater(_, let status):
            "The mail server asks to try again later (\(status))."
        case .tlsRefused(let refusal): refusal.administratorText
        case .protocolViolation(let step, _):
            "What answers there does not speak SMTP as it should (at \(step.rawValue)). Are host, "
                + "port and kind of protection right?"
        case .unreachable(.resolving, _):
            "The mail server's name is not found. Is it spelled right?"
        case .unreachable(.connecting, _):
            "Nothing answers at the mail server's address and port. Are they right?"
        case .unreachable(let step, _): "The connection was lost (at \(step.rawValue))."
        case .timedOut(let step): "The mail server did not answer in time (at \(step.rawValue))."
        case .cancelled(let step): "Sending was given up (at \(step.rawValue))."
        }
    }

    /// Words for the log: the class, the step and what is known of the reason.
    package var logText: String {
        switch self {
        case .delivered(let status): "delivered: \(status)"
        case .receiverRefused(let refusal): "receiver refused\(refusal.reason)"
        case .senderRefused(let step, let refusal):
            "sender refused at \(step.rawValue)\(refusal.reason)"
        case .messageRefused(let step, let refusal):
            "message refused at \(step.rawValue)\(refusal.reason)"
        case .authenticationRefused(.byServer(let status)): "authentication refused (\(status))"
        case .authenticationRefused(.noMechanism): "authentication refused: no mechanism"
        case .tryAgainLater(let step, let status): "later at \(step.rawValue) (\(status))"
        case .tlsRefused(let refusal): "TLS refused: \(refusal.logText)"
        case .protocolViolation(let step, let violation):
            "protocol violated at \(step.rawValue): \(violation.logText)"
        case .unreachable(let step, let why): "unreachable at \(step.rawValue): \(why)"
        case .timedOut(let step): "timed out at \(step.rawValue)"
        case .cancelled(let step): "cancelled at \(step.rawValue)"
        }
    }
}

extension SMTPRefusal {
    fileprivate var reason: String {
        switch self {
        case .byServer(let status): " (\(status))"
        case .needsUTF8: ": the address needs SMTPUTF8, which the server does not know"
        case .tooLarge: ": it is larger than the server takes"
        case .needsEightBit: ": it needs 8BITMIME, which the server does not know"
        }
    }
}

extension TLSRefusal {
    fileprivate var administratorText: String {
        switch self {
        case .notOffered:
            "The mail server offers no STARTTLS, so nothing was sent. Does it want TLS from the "
                + "first octet (port 465)?"
        case .byServer(let status): "The mail server refuses to begin TLS (\(status))."
        case .certificate:
            "The mail server's certificate is not to be believed: it has run out, or its "
                + "authority is not known here."
        case .name(let host): "The mail server's certificate is not for \(host)."
        case .handshake:
            "No TLS connection with the mail server came about. Does this port want STARTTLS, or "
                + "TLS from the first octet?"
        case .plainOutsideLoopback:
            "Mail without protection is sent only to a server on this very machine."
        }
    }

    fileprivate var logText: String {
        switch self {
        case .notOffered: "no STARTTLS is offered"
        case .byServer(let status): "the server says \(status)"
        case .certificate(let why): why
        case .name(let host): "the certificate is not for \(host)"
        case .handshake(let why): why
        case .plainOutsideLoopback: "unprotected, and not on the loopback"
        }
    }
}

extension SMTPViolation {
    fileprivate var logText: String {
        switch self {
        case .lineTooLong: "a line is longer than \(SMTPReplyParser.lineBytesMax) octets"
        case .tooManyLines: "an answer has more than \(SMTPReplyParser.linesMax) lines"
        case .malformedLine: "a line does not begin with a code"
        case .strayControl: "a line holds a control or has no proper end"
        case .codeChanged: "lines of one answer have different codes"
        case .unsolicited: "it spoke without being asked"
        case .unexpectedCode(let status): "\(status) is no answer to this"
        }
    }
}
