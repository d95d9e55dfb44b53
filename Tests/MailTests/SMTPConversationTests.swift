import Testing
import Wire

@testable import Mail

/// A conversation in which each step reads as it would on the wire: what the server says, what is
/// done then.
private struct Transcript {
    private var conversation: SMTPConversation
    private(set) var outcome: SMTPOutcome?
    private(set) var isClosed = false
    private(set) var everythingSent = ""

    init(
        _ security: SMTPSecurity = .plainOnLoopback, credentials: SMTPCredentials? = nil,
        to: String = "ann@example.org", from: String = "login@example.com",
        content: String = "Subject: x\r\n\r\nhello\r\n", localName: String = "us.example"
    ) throws {
        let server = try #require(
            SMTPServer(
                host: "mail.example", port: 25, security: security, credentials: credentials,
                localName: localName))
        let (sender, receiver) = (try address(from), try address(to))
        let envelope = try #require(
            SMTPEnvelope(sender: sender, receiver: receiver, content: Bytes(utf8: content)))
        conversation = SMTPConversation(envelope, to: server)
        _ = on(.connected)
    }

    /// What is sent, "TLS" where a handshake is begun.
    mutating func on(_ event: SMTPConversation.Event) -> String {
        var answer = ""
        for effect in conversation.on(event) {
            #expect(!isClosed, "something after the end")
            switch effect {
            case .send(let bytes): answer += String(decoding: bytes.array, as: UTF8.self)
            case .startTLS: answer += "TLS"
            case .wait: break
            case .tell(let told):
                #expect(outcome == nil, "told twice")
                outcome = told
            case .close: isClosed = true
            }
        }
        everythingSent += answer
        return answer
    }

    mutating func says(_ line: String) -> String { on(.received(Array((line + "\r\n").utf8))) }

    /// Up to the answer of MAIL FROM.
    mutating func begin(_ extensions: [String] = []) -> String {
        _ = says("220 mail.example")
        let lines = ["mail.example"] + extensions
        let marked = lines.enumerated().map { index, line in
            "250" + (index == lines.count - 1 ? " " : "-") + line
        }
        return says(marked.joined(separator: "\r\n"))
    }

    mutating func through(_ step: SMTPStep) {
        _ = begin()
        if step == .sender { return }
        _ = says("250 OK")
        if step == .receiver { return }
        _ = says("250 OK")
        if step == .data { return }
        _ = says("354 go on")
    }
}

private func credentials(_ user: String = "mailer", _ password: String = "secret") throws
    -> SMTPCredentials
{
    try #require(SMTPCredentials(user: user, password: Bytes(utf8: password)))
}

@Suite struct SMTPConversationTests {
    @Test func `a mail is delivered`() throws {
        var it = try Transcript(content: "Subject: x\r\n\r\n.hello\r\n..\r\n.\r\nend\r\n")
        #expect(it.says("220 mail.example ESMTP") == "EHLO us.example\r\n")
        #expect(it.says("250 mail.example") == "MAIL FROM:<login@example.com>\r\n")
        #expect(it.says("250 2.1.0 OK") == "RCPT TO:<ann@example.org>\r\n")
        #expect(it.says("250 2.1.5 OK") == "DATA\r\n")
        #expect(
            it.says("354 go on")
                == "Subject: x\r\n\r\n..hello\r\n...\r\n..\r\nend\r\n.\r\n")
        #expect(it.outcome == nil)
        #expect(it.says("250 2.0.0 queued as 1") == "QUIT\r\n")
        #expect(it.outcome == .delivered(SMTPStatus(250, .init(subject: 0, detail: 0))))
        #expect(!it.isClosed)
        #expect(it.says("221 bye") == "")
        #expect(it.isClosed)
    }

    @Test func `an answer may come in pieces and in lines`() throws {
        var it = try Transcript()
        #expect(it.on(.received(Array("220-mail".utf8))) == "")
        #expect(it.on(.received(Array(".example\r\n220".utf8))) == "")
        #expect(it.on(.received(Array(" hello\r\n".utf8))) == "EHLO us.example\r\n")
    }

    @Test func `what a server offers is used`() throws {
        var it = try Transcript()
        #expect(
            it.begin(["SIZE 1000", "8BITMIME", "SMTPUTF8", "PIPELINING"])
                == "MAIL FROM:<login@example.com> SIZE=21\r\n")
        var eight = try Transcript(content: "Subject: \u{fc}\r\n")
        #expect(
            eight.begin(["size", "8bitmime"])
                == "MAIL FROM:<login@example.com> SIZE=13 BODY=8BITMIME\r\n")
        var foreign = try Transcript(to: "jürgen@bücher.example", content: "To: <jürgen@a>\r\n")
        #expect(
            foreign.begin(["8BITMIME", "SMTPUTF8"])
                == "MAIL FROM:<login@example.com> BODY=8BITMIME SMTPUTF8\r\n")
        #expect(foreign.says("250 OK") == "RCPT TO:<jürgen@bücher.example>\r\n")
        var domain = try Transcript(to: "ann@bücher.example")
        _ = domain.begin()
        #expect(domain.says("250 OK") == "RCPT TO:<ann@xn--bcher-kva.example>\r\n")
    }

    @Test func `what a server does not take is not sent`() throws {
        var large = try Transcript()
        #expect(large.begin(["SIZE 20"]) == "QUIT\r\n")
        #expect(large.outcome == .messageRefused(.sender, .tooLarge))
        var unlimited = try Transcript()
        #expect(unlimited.begin(["SIZE 0"]).hasPrefix("MAIL FROM"))
        var eight = try Transcript(content: "\u{fc}\r\n")
        #expect(eight.begin() == "QUIT\r\n")
        #expect(eight.outcome == .messageRefused(.sender, .needsEightBit))
        var receiver = try Transcript(to: "jürgen@example.com")
        #expect(receiver.begin(["8BITMIME"]) == "QUIT\r\n")
        #expect(receiver.outcome == .receiverRefused(.needsUTF8))
        var sender = try Transcript(from: "jürgen@example.com")
        _ = sender.begin(["8BITMIME"])
        #expect(sender.outcome == .senderRefused(.sender, .needsUTF8))
    }

    @Test func `HELO is for a server that knows no EHLO, where nothing needs it`() throws {
        var it = try Transcript()
        _ = it.says("220 mail.example")
        #expect(it.says("502 what?") == "HELO us.example\r\n")
        #expect(it.says("250 mail.example") == "MAIL FROM:<login@example.com>\r\n")
        var unprotected = try Transcript(.startTLS)
        _ = unprotected.says("220 mail.example")
        #expect(unprotected.says("500 what?") == "QUIT\r\n")
        #expect(unprotected.outcome == .tlsRefused(.notOffered))
        var named = try Transcript(.implicitTLS, credentials: try credentials())
        _ = named.says("220 mail.example")
        #expect(named.says("502 what?") == "QUIT\r\n")
        #expect(named.outcome == .authenticationRefused(.noMechanism))
        var refused = try Transcript()
        _ = refused.says("220 mail.example")
        #expect(refused.says("550 not you") == "QUIT\r\n")
    }
}

@Suite struct SMTPProtectionTests {
    @Test func `after STARTTLS the server is asked again, and then told who we are`() throws {
        var it = try Transcript(.startTLS, credentials: try credentials())
        #expect(it.begin(["STARTTLS", "AUTH PLAIN", "SIZE 5"]) == "STARTTLS\r\n")
        #expect(it.says("220 go on") == "TLS")
        #expect(it.on(.sealed) == "EHLO us.example\r\n")
        // The size that was said in the clear is forgotten.
        #expect(
            it.says("250-mail.example\r\n250 AUTH LOGIN PLAIN")
                == "AUTH PLAIN AG1haWxlcgBzZWNyZXQ=\r\n")
        #expect(it.says("235 2.7.0 OK") == "MAIL FROM:<login@example.com>\r\n")
    }

    @Test func `mechanisms that were offered in the clear count for nothing`() throws {
        var it = try Transcript(.startTLS, credentials: try credentials())
        _ = it.begin(["STARTTLS", "AUTH PLAIN"])
        _ = it.says("220 go on")
        _ = it.on(.sealed)
        #expect(it.says("250 mail.example") == "QUIT\r\n")
        #expect(it.outcome == .authenticationRefused(.noMechanism))
    }

    @Test(arguments: [
        "220 go on\r\n250 I am somebody else", "220 go on\r\n250-a", "220 go on\r\n2",
        "220-go\r\n220 on\r\n\r\n",
    ])
    func `bytes behind the answer to STARTTLS end it`(_ answer: String) throws {
        var it = try Transcript(.startTLS, credentials: try credentials())
        _ = it.begin(["STARTTLS"])
        #expect(it.says(answer) == "")
        #expect(it.outcome == .protocolViolation(.startTLS, .unsolicited))
        #expect(it.isClosed)
    }

    @Test func `bytes that come while hands are shaken end it`() throws {
        var it = try Transcript(.startTLS)
        _ = it.begin(["STARTTLS"])
        _ = it.says("220 go on")
        #expect(it.says("250 hello") == "")
        #expect(it.outcome == .protocolViolation(.handshake, .unsolicited))
    }

    @Test func `without protection nothing but EHLO is said`() throws {
        for answer in [
            "250 mail.example", "250-mail.example\r\n250 AUTH PLAIN", "550 go away", "421 later",
            "250-mail.example\r\n250 XSTARTTLS",
        ] {
            var it = try Transcript(.startTLS, credentials: try credentials())
            _ = it.says("220 mail.example")
            _ = it.says(answer)
            #expect(it.outcome != nil)
            #expect(
                ["EHLO us.example\r\n", "EHLO us.example\r\nQUIT\r\n"].contains(
                    it.everythingSent))
        }
        var refused = try Transcript(.startTLS, credentials: try credentials())
        _ = refused.begin(["STARTTLS"])
        #expect(refused.says("502 not now") == "QUIT\r\n")
        #expect(refused.outcome == .tlsRefused(.byServer(SMTPStatus(502))))
        var broken = try Transcript(.startTLS, credentials: try credentials())
        _ = broken.begin(["STARTTLS"])
        _ = broken.says("220 go on")
        #expect(broken.on(.sealRefused(.certificate("it has run out"))) == "")
        #expect(broken.outcome == .tlsRefused(.certificate("it has run out")))
        #expect(broken.isClosed)
    }

    @Test func `with implicit TLS no STARTTLS is asked for`() throws {
        var it = try Transcript(.implicitTLS)
        #expect(it.begin(["STARTTLS"]) == "MAIL FROM:<login@example.com>\r\n")
    }

    @Test func `LOGIN is for servers that know nothing else`() throws {
        var it = try Transcript(.implicitTLS, credentials: try credentials())
        #expect(it.begin(["AUTH CRAM-MD5 LOGIN"]) == "AUTH LOGIN\r\n")
        #expect(it.says("334 VXNlcm5hbWU6") == "bWFpbGVy\r\n")
        #expect(it.says("334 UGFzc3dvcmQ6") == "c2VjcmV0\r\n")
        #expect(it.says("235 OK") == "MAIL FROM:<login@example.com>\r\n")
        var none = try Transcript(.implicitTLS, credentials: try credentials())
        #expect(none.begin(["AUTH CRAM-MD5 XOAUTH2", "PLAIN"]) == "QUIT\r\n")
        #expect(none.outcome == .authenticationRefused(.noMechanism))
    }

    @Test func `a long password waits for the server's word`() throws {
        let long = String(repeating: "x", count: 255)
        var it = try Transcript(.implicitTLS, credentials: try credentials(long, long))
        #expect(it.begin(["AUTH PLAIN"]) == "AUTH PLAIN\r\n")
        let answer = it.says("334 ")
        #expect(answer == Base64.encode(Array("\0\(long)\0\(long)".utf8)) + "\r\n")
        #expect(it.says("235 OK").hasPrefix("MAIL"))
    }

    @Test(arguments: ["535 5.7.8 no", "534 5.7.9 too weak", "504 what", "501 what", "500 what"])
    func `a refused password is told as such`(_ answer: String) throws {
        var it = try Transcript(.implicitTLS, credentials: try credentials())
        _ = it.begin(["AUTH PLAIN"])
        #expect(it.says(answer) == "QUIT\r\n")
        guard case .authenticationRefused(.byServer) = it.outcome else {
            Issue.record("\(answer): \(String(describing: it.outcome))")
            return
        }
    }

    @Test func `a server that asks for more than there is gets no more`() throws {
        var it = try Transcript(.implicitTLS, credentials: try credentials())
        _ = it.begin(["AUTH PLAIN"])
        #expect(it.says("334 more") == "")
        #expect(it.isClosed)
        // A word of success before everything is said is none.
        var early = try Transcript(.implicitTLS, credentials: try credentials())
        _ = early.begin(["AUTH LOGIN"])
        #expect(early.says("235 OK") == "QUIT\r\n")
        #expect(
            early.outcome
                == .protocolViolation(.authentication, .unexpectedCode(SMTPStatus(235))))
    }
}

@Suite struct SMTPOutcomeTests {
    @Test(arguments: [
        (SMTPStep.receiver, "550 5.1.1 no", "receiver"), (.receiver, "551 no", "receiver"),
        (.receiver, "553 no", "receiver"), (.receiver, "552 full", "receiver"),
        (.receiver, "501 what", "receiver"), (.receiver, "451 4.7.1 grey", "later"),
        (.receiver, "450 busy", "later"), (.receiver, "452 full", "later"),
        (.receiver, "554 5.7.1 relay", "sender"), (.receiver, "530 who", "authentication"),
        (.receiver, "503 order", "protocol"), (.receiver, "354 go on", "protocol"),
        (.sender, "550 not you", "sender"), (.sender, "553 not you", "sender"),
        (.sender, "552 large", "message"), (.sender, "530 who", "authentication"),
        (.sender, "451 later", "later"), (.sender, "502 what", "protocol"),
        (.sender, "220 what", "protocol"), (.sender, "354 go on", "protocol"),
        (.data, "554 none", "message"), (.data, "250 what", "protocol"),
        (.data, "451 later", "later"), (.content, "554 spam", "message"),
        (.content, "550 policy", "message"), (.content, "552 large", "message"),
        (.content, "451 later", "later"), (.content, "354 what", "protocol"),
        (.content, "421 later", "later"),
    ])
    func `every refusal has its class`(step: SMTPStep, answer: String, expected: String) throws {
        var it = try Transcript()
        it.through(step)
        let answered = it.says(answer)
        let outcome = try #require(it.outcome)
        let found =
            switch outcome {
            case .delivered: "delivered"
            case .receiverRefused: "receiver"
            case .senderRefused: "sender"
            case .messageRefused: "message"
            case .authenticationRefused: "authentication"
            case .tryAgainLater: "later"
            case .tlsRefused: "TLS"
            case .protocolViolation: "protocol"
            case .unreachable, .timedOut, .cancelled: "gone"
            }
        #expect(found == expected)
        // Who says 421 has gone already.
        #expect(answered == (answer.hasPrefix("421") ? "" : "QUIT\r\n"))
    }

    @Test func `a server that greets with a refusal is told as such`() throws {
        var busy = try Transcript()
        #expect(busy.says("421 busy") == "")
        #expect(busy.outcome == .tryAgainLater(.greeting, SMTPStatus(421)))
        var refusing = try Transcript()
        #expect(refusing.says("554 no service") == "QUIT\r\n")
        #expect(refusing.outcome == .senderRefused(.greeting, .byServer(SMTPStatus(554))))
        var strange = try Transcript()
        _ = strange.says("SSH-2.0-OpenSSH_9.2")
        #expect(strange.outcome == .protocolViolation(.greeting, .malformedLine))
    }

    @Test(arguments: [
        SMTPConversation.Event.timedOut, .ended("cut off"), .cancelled,
    ])
    func `whatever ends it is told once, with where it was`(event: SMTPConversation.Event) throws {
        for step in [SMTPStep.sender, .receiver, .data, .content] {
            var it = try Transcript()
            it.through(step)
            #expect(it.on(event) == "")
            let outcome = try #require(it.outcome)
            #expect(outcome.mayHaveArrived == (step == .content))
            #expect(outcome.isPassing)
            #expect(outcome.logText.contains(step.rawValue))
            #expect(it.isClosed)
            for later in [
                SMTPConversation.Event.timedOut, .ended("x"), .cancelled, .received([50]),
            ] {
                #expect(it.on(later) == "")
            }
        }
    }

    @Test func `what a server says after the mail was taken changes nothing`() throws {
        for answer in ["221 bye", "500 what", "nonsense", "221 a\r\n221 b\r\n"] {
            var it = try Transcript()
            it.through(.content)
            _ = it.says("250 OK")
            #expect(it.says(answer) == "")
            #expect(it.outcome == .delivered(SMTPStatus(250)))
            #expect(it.isClosed)
        }
        var both = try Transcript()
        both.through(.content)
        _ = both.says("250 OK\r\n221 bye")
        #expect(both.outcome == .delivered(SMTPStatus(250)))
    }

    @Test func `an answer before the question ends it`() throws {
        for step in [SMTPStep.sender, .receiver, .data] {
            var it = try Transcript()
            it.through(step)
            #expect(it.says("250 OK\r\n250 OK") == "")
            guard case .protocolViolation(_, .unsolicited) = it.outcome else {
                Issue.record("\(String(describing: it.outcome))")
                return
            }
        }
    }

    @Test func `no text holds words of a server, credentials or anything of the mail`() throws {
        let secret = "hunter2-83920174"
        for answer in ["535 5.7.8 \(secret)", "550 \(secret)", "250 \(secret)", "\(secret)"] {
            for step in [SMTPStep.sender, .receiver, .data, .content, .authentication] {
                var it = try Transcript(
                    .implicitTLS,
                    credentials: step == .authentication ? try credentials("mailer", secret) : nil,
                    content: "Subject: x\r\n\r\n\(secret)\r\n")
                if step == .authentication {
                    _ = it.begin(["AUTH PLAIN"])
                } else {
                    it.through(step)
                }
                _ = it.says(answer)
                guard let outcome = it.outcome else { continue }
                var dumped = ""
                dump(outcome, to: &dumped)
                let texts = outcome.administratorText + outcome.logText + dumped + "\(outcome)"
                for word in ["hunter", "8392", "aHVud"] { #expect(!texts.contains(word)) }
            }
        }
        var dumped = ""
        let kept = try credentials("mailer", secret)
        dump(kept, to: &dumped)
        #expect(!(dumped + "\(kept)" + String(reflecting: kept)).contains("hunter"))
    }

    @Test(arguments: [
        "a\nb\r\n", "a\r\n.\nb\r\n", "a\rb\r\n", "a\r\n.\r", "a", "", "a\r\n\n", "a\0\r\n",
        "a\r\r\n", String(repeating: "x", count: 999) + "\r\n",
    ])
    func `O-25 content that a server might read otherwise is not taken`(_ content: String) throws {
        let ann = try address("ann@example.com")
        #expect(SMTPEnvelope(sender: ann, receiver: ann, content: Bytes(utf8: content)) == nil)
    }

    @Test(arguments: [
        "", "a b", "a\r\nb", "[127.0.0.1", "a\0", "é.example", "[]", "a/b",
        String(repeating: "a", count: 254),
    ])
    func `O-25 a name that is no host's is none to say EHLO with`(_ name: String) {
        #expect(
            SMTPServer(host: "mail.example", port: 25, security: .startTLS, localName: name) == nil)
        if name != "[127.0.0.1" {
            #expect(SMTPServer(host: name, port: 25, security: .startTLS) == nil)
        }
        #expect(SMTPServer(host: "mail.example", port: 0, security: .startTLS) == nil)
    }
}
