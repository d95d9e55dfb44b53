import Wire

/// A client's side of SMTP (RFC 5321) for one mail, as a machine without clock or socket: it is
/// told what happened and says what has to be done.
///
/// Nothing that could be worth anything is said before the connection is protected as wished, and
/// what a server has said before it is forgotten then (RFC 3207 §4.2). One command is under way at
/// a time, so whatever comes without a question, or behind an answer, ends it.
///
/// Exactly one `.tell` comes out of it, whatever happens, and then at last one `.close`.
package struct SMTPConversation: Sendable {
    package enum Event: Sendable, Equatable {
        /// The connection stands; with implicit TLS it is sealed already.
        case connected
        case received([UInt8])
        /// The handshake that was asked for by `.startTLS` is done.
        case sealed
        case sealRefused(TLSRefusal)
        /// The connection is no more; the sentence is for the log.
        case ended(String)
        /// What is waited for has not come in time.
        case timedOut
        /// Nobody wants the mail to be sent any more.
        case cancelled
    }

    package enum Effect: Sendable, Equatable {
        case send(Bytes)
        /// Shake hands now, on this connection.
        case startTLS
        /// From now on, wait so long as this step may take.
        case wait(SMTPStep)
        case tell(SMTPOutcome)
        /// Let what was sent go out, then end the connection.
        case close
    }

    private enum State: Equatable {
        case fresh
        case greeting
        case hello
        /// HELO, to a server that knows no EHLO and has to know nothing more.
        case plainHello
        case startTLS
        case sealing
        /// What is still to be said in answer to each challenge.
        case authenticating([Bytes])
        case sender
        case receiver
        case data
        case content
        case quitting
        case ended
    }

    private let envelope: SMTPEnvelope
    private let server: SMTPServer
    private var state = State.fresh
    private var isSealed: Bool
    private var capabilities = SMTPCapabilities()
    private var parser = SMTPReplyParser()
    private var effects: [Effect] = []

    package init(_ envelope: SMTPEnvelope, to server: SMTPServer) {
        self.envelope = envelope
        self.server = server
        isSealed = server.security == .implicitTLS
    }

    /// Where it stands, for whoever says why it ended.
    package var step: SMTPStep {
        switch state {
        case .fresh, .greeting: .greeting
        case .hello, .plainHello: .hello
        case .startTLS: .startTLS
        case .sealing: .handshake
        case .authenticating: .authentication
        case .sender: .sender
        case .receiver: .receiver
        case .data: .data
        case .content: .content
        case .quitting, .ended: .quit
        }
    }

    /// What happened, and what has to be done about it, in this order. Events after `.close` have
    /// no effect.
    package mutating func on(_ event: Event) -> [Effect] {
        effects = []
        switch (event, state) {
        case (_, .ended): break
        case (.connected, .fresh): wait(.greeting)
        case (.received(let bytes), _): received(bytes)
        case (.sealed, .sealing):
            isSealed = true
            capabilities = SMTPCapabilities()
            say("EHLO \(server.localName)", .hello)
        case (.sealRefused(let refusal), _): leave(.tlsRefused(refusal))
        case (.ended(let why), _): leave(.unreachable(step, why: why))
        case (.timedOut, _): leave(.timedOut(step))
        case (.cancelled, _): leave(.cancelled(step))
        case (.connected, _), (.sealed, _):
            preconditionFailure("a connection that nobody asked for")
        }
        return effects
    }
}

// MARK: - What a server says

extension SMTPConversation {
    private mutating func received(_ bytes: [UInt8]) {
        // The outcome is told; whatever is said now changes nothing.
        if state == .quitting { return receivedWhileQuitting(bytes) }
        var rest = bytes[...]
        while !rest.isEmpty {
            guard isWaitingForReply else { return violated(.unsolicited) }
            let (consumed, event) = parser.take(rest)
            rest = rest.dropFirst(consumed)
            switch event {
            case .needsMore: return
            case .violation(let violation): return violated(violation)
            case .reply(let reply):
                // What stands behind an answer was sent before the next question.
                let isLast = state == .content
                guard rest.isEmpty || isLast else { return violated(.unsolicited) }
                answered(reply)
                if isLast { return }
            }
        }
    }

    private mutating func receivedWhileQuitting(_ bytes: [UInt8]) {
        switch parser.take(bytes[...]).event {
        case .needsMore: break
        case .reply, .violation:
            state = .ended
            effects.append(.close)
        }
    }

    private var isWaitingForReply: Bool {
        switch state {
        case .fresh, .sealing, .quitting, .ended: false
        case .greeting, .hello, .plainHello, .startTLS, .authenticating, .sender, .receiver, .data,
            .content:
            true
        }
    }

    private mutating func answered(_ reply: SMTPReply) {
        // It says this in place of any answer, and goes (RFC 5321 §3.8).
        guard reply.code != 421 else { return leave(.tryAgainLater(step, reply.status)) }
        switch (state, reply.code) {
        case (.greeting, 220): say("EHLO \(server.localName)", .hello)
        case (.hello, 250):
            capabilities = SMTPCapabilities(reply)
            greeted()
        // It knows no EHLO (RFC 5321 §4.1.4).
        case (.hello, 500), (.hello, 502): withoutExtensions(reply)
        case (.plainHello, 250): sayFrom()
        case (.startTLS, 220):
            state = .sealing
            effects += [.startTLS, .wait(.handshake)]
        case (.authenticating(let rest), 334): challenged(rest)
        case (.authenticating([]), 235): sayFrom()
        case (.sender, 250): say("RCPT TO:<\(written(envelope.receiver))>", .receiver)
        // 251: it passes the mail on by itself (RFC 5321 §3.4).
        case (.receiver, 250), (.receiver, 251): say("DATA", .data)
        case (.data, 354):
            state = .content
            effects += [.send(Bytes(envelope.stuffed())), .wait(.content)]
        case (.content, 250): quit(.delivered(reply.status))
        case _: quit(.refusal(reply.status, at: step))
        }
    }

    private mutating func violated(_ violation: SMTPViolation) {
        leave(.protocolViolation(step, violation))
    }
}

// MARK: - What we say

extension SMTPConversation {
    private mutating func greeted() {
        guard isSealed || server.security == .plainOnLoopback else {
            guard capabilities.hasStartTLS else { return quit(.tlsRefused(.notOffered)) }
            return say("STARTTLS", .startTLS)
        }
        guard let credentials = server.credentials else { return sayFrom() }
        authenticate(credentials)
    }

    /// HELO is enough where neither protection nor a name has to be agreed on.
    private mutating func withoutExtensions(_ reply: SMTPReply) {
        guard isSealed || server.security == .plainOnLoopback else {
            return quit(.tlsRefused(.notOffered))
        }
        guard server.credentials == nil else {
            return quit(.authenticationRefused(.noMechanism))
        }
        say("HELO \(server.localName)", .plainHello)
    }

    /// RFC 4954 §4. LOGIN is for servers that know nothing else; what they ask is known, so their
    /// words are not looked at.
    private mutating func authenticate(_ credentials: SMTPCredentials) {
        let (user, password) = (credentials.user.array, credentials.password.array)
        if capabilities.mechanisms.contains("PLAIN") {
            // RFC 4616 §2: nobody's identity but the name's own.
            let message = Base64.encode([0] + user + [0] + password)
            let line = "AUTH PLAIN " + message
            // A command has 512 octets; what is longer waits for the server's word.
            if line.utf8.count + 2 <= 512 { return say(line, .authenticating([])) }
            return say("AUTH PLAIN", .authenticating([Bytes(utf8: message)]))
        }
        guard capabilities.mechanisms.contains("LOGIN") else {
            return quit(.authenticationRefused(.noMechanism))
        }
        let answers = [user, password].map { Bytes(utf8: Base64.encode($0)) }
        say("AUTH LOGIN", .authenticating(answers))
    }

    private mutating func challenged(_ answers: [Bytes]) {
        guard let next = answers.first else {
            // It wants more than there is, and would take a QUIT for it.
            return leave(.authenticationRefused(.byServer(SMTPStatus(334))))
        }
        state = .authenticating(Array(answers.dropFirst()))
        effects += [.send(Bytes(next.array + [0x0d, 0x0a])), .wait(.authentication)]
    }

    private mutating func sayFrom() {
        let needsUTF8 = self.needsUTF8
        guard !needsUTF8 || capabilities.hasUTF8 else {
            let isReceiver = envelope.receiver.ascii == nil
            return quit(
                isReceiver ? .receiverRefused(.needsUTF8) : .senderRefused(.sender, .needsUTF8))
        }
        guard !envelope.isEightBit || capabilities.hasEightBit else {
            return quit(.messageRefused(.sender, .needsEightBit))
        }
        if let most = capabilities.bytesMax, envelope.content.count > most {
            return quit(.messageRefused(.sender, .tooLarge))
        }
        var line = "MAIL FROM:<\(written(envelope.sender))>"
        if capabilities.hasSize { line += " SIZE=\(envelope.content.count)" }
        if envelope.isEightBit { line += " BODY=8BITMIME" }
        if needsUTF8 { line += " SMTPUTF8" }
        say(line, .sender)
    }

    private var needsUTF8: Bool {
        envelope.sender.ascii == nil || envelope.receiver.ascii == nil
    }

    private func written(_ address: MailAddress) -> String { address.ascii ?? address.text }

    private mutating func say(_ line: String, _ next: State) {
        state = next
        effects += [.send(Bytes(utf8: line + "\r\n")), .wait(step)]
    }

    private mutating func wait(_ step: SMTPStep) {
        state = .greeting
        effects.append(.wait(step))
    }

    /// Says what came of it and takes leave as one should.
    private mutating func quit(_ outcome: SMTPOutcome) {
        effects.append(.tell(outcome))
        say("QUIT", .quitting)
    }

    /// Says what came of it and goes, as the connection is of no use any more.
    private mutating func leave(_ outcome: SMTPOutcome) {
        if state != .quitting { effects.append(.tell(outcome)) }
        state = .ended
        effects.append(.close)
    }
}

/// What a server says it can do, in its answer to EHLO (RFC 5321 §4.1.1.1). Words that are not
/// known are passed over.
struct SMTPCapabilities: Sendable, Equatable {
    private(set) var hasStartTLS = false
    private(set) var hasEightBit = false
    private(set) var hasUTF8 = false
    private(set) var hasSize = false
    /// RFC 1870 §3: nil where it says none, or that there is none (0).
    private(set) var bytesMax: Int?
    private(set) var mechanisms: Set<String> = []

    init() {}

    init(_ reply: SMTPReply) {
        // The first line is the server's name.
        for line in reply.lines.dropFirst() {
            let words = line.split(separator: UInt8(ascii: " ")).map {
                String(decoding: $0, as: UTF8.self).uppercased()
            }
            switch words.first {
            case "STARTTLS": hasStartTLS = true
            case "8BITMIME": hasEightBit = true
            case "SMTPUTF8": hasUTF8 = true
            case "SIZE":
                hasSize = true
                let most = words.dropFirst().first.flatMap { Int($0) }
                bytesMax = most.flatMap { $0 > 0 ? $0 : nil }
            case "AUTH": mechanisms.formUnion(words.dropFirst())
            case _: break
            }
        }
    }
}
