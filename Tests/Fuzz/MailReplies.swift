import Crypto
import Wire

/// A mail server that says anything, in any pieces: it is told one outcome, nothing of worth is
/// said before the connection is protected, and what is kept of its words stays small.
func fuzz(_ input: UnsafeRawBufferPointer) {
    var choices = Choices(input)
    let form = choices.byte()
    let octets = Array(choices.rest)
    checkParser(octets)
    guard let address = MailAddress(parsing: "ann@example.com"),
        let envelope = SMTPEnvelope(
            sender: address, receiver: address, content: Bytes(utf8: "Subject: hush\r\n"))
    else { preconditionFailure("ordinary values are refused") }
    let security = SMTPSecurity.allCases[Int(form) % 3]
    let credentials = SMTPCredentials(user: "mailer", password: Bytes(utf8: "hush"))
    guard
        let server = SMTPServer(
            host: "mail.example", port: 25, security: security,
            credentials: form & 4 == 0 ? nil : credentials)
    else { preconditionFailure("an ordinary server is refused") }
    var visit = Visit(SMTPConversation(envelope, to: server), isSealed: security != .startTLS)
    visit.take(.connected)
    // A zero octet, which no server may say, ends a piece here; one does it for each line too.
    for piece in octets.split(separator: 0, omittingEmptySubsequences: true) {
        visit.take(.received(Array(piece)))
    }
    visit.take(form & 8 == 0 ? .timedOut : .ended("cut"))
    must(visit.outcome != nil && visit.isClosed, "no outcome")
}

/// A conversation and what is known about it from outside.
private struct Visit {
    private var conversation: SMTPConversation
    private var isSealed: Bool
    private(set) var outcome: SMTPOutcome?
    private(set) var isClosed = false

    init(_ conversation: SMTPConversation, isSealed: Bool) {
        self.conversation = conversation
        self.isSealed = isSealed
    }

    mutating func take(_ event: SMTPConversation.Event) {
        for effect in conversation.on(event) {
            must(!isClosed, "an effect after the end")
            switch effect {
            case .send(let bytes): check(bytes.array)
            case .startTLS:
                must(!isSealed, "sealed twice")
                isSealed = true
                take(.sealed)
            case .wait: break
            case .tell(let told):
                must(outcome == nil, "told twice")
                outcome = told
                let texts = told.administratorText + told.logText
                must(texts.utf8.count < 400, "texts that grow")
            case .close: isClosed = true
            }
        }
    }

    private func check(_ sent: [UInt8]) {
        must(sent.suffix(2) == [0x0d, 0x0a], "a command without its end")
        guard !isSealed else { return }
        let line = String(decoding: sent.dropLast(2), as: UTF8.self)
        must(
            ["EHLO [127.0.0.1]", "STARTTLS", "QUIT"].contains(line), "\(line) in the clear")
    }
}

/// Answers are the same whole and octet by octet.
private func checkParser(_ octets: [UInt8]) {
    var whole = SMTPReplyParser()
    var single = SMTPReplyParser()
    let (consumed, event) = whole.take(octets[...])
    must(consumed <= octets.count, "took more than there was")
    for (index, octet) in octets.enumerated() {
        let (_, one) = single.take([octet])
        guard one == .needsMore else {
            must(one == event, "octet by octet: \(one) instead of \(event)")
            must(index >= consumed - 1, "earlier")
            return
        }
    }
    must(event == .needsMore, "octet by octet nothing instead of \(event)")
}
