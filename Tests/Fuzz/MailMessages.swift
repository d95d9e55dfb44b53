import Crypto
import Wire

/// Messages of any values: the header has its fields and no other, all lines are within their
/// bounds and end as they should, the texts come out again, and what is sent ends where it ends.
func fuzz(_ input: UnsafeRawBufferPointer) {
    var choices = Choices(input)
    let names = choices.byte()
    let (octets, cut) = choices.cutRest()
    let first = String(decoding: octets[..<cut], as: UTF8.self)
    let second = String(decoding: octets[cut...], as: UTF8.self)
    guard let address = MailAddress(parsing: "ann@example.com"), let token = MailToken("token"),
        let subject = MailText(showing: first) ?? MailText("x")
    else { preconditionFailure("ordinary values are refused") }
    let name = names & 1 == 0 ? nil : MailText(showing: second)
    let other = MailAddress(parsing: first) ?? address
    guard
        let message = MailMessage(
            from: .init(name: name, address: address), to: .init(name: name, address: other),
            subject: subject, text: first, html: second, date: Timestamp(seconds: 0),
            token: token)
    else { return }
    check(message)
}

private func check(_ message: MailMessage) {
    let octets = message.encoded()
    // What SMTP carries is checked by octets there.
    let stuffed = SMTPEnvelope(message).stuffed()
    must(unstuffed(stuffed) == octets, "it does not come out again")
    let lines = split(octets)
    let head = lines.prefix { !$0.isEmpty }
    let names = head.filter { $0.first != 0x20 }.map { line in
        String(decoding: line.prefix { $0 != 0x3a }, as: UTF8.self)
    }
    must(
        names == [
            "Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "Auto-Submitted",
            "Content-Type",
        ], "fields: \(names)")
    for line in lines {
        let isBound = line.count <= 76 || line.contains(0x40)
        must(isBound, "a line of \(line.count) octets")
    }
    let border = Array("--=_token".utf8)
    must(lines.filter { $0.starts(with: border) }.count == 3, "another border")
}

private func split(_ octets: [UInt8]) -> [[UInt8]] {
    var lines: [[UInt8]] = [[]]
    for octet in octets {
        if octet == 0x0a { lines.append([]) } else { lines[lines.count - 1].append(octet) }
    }
    return lines.map { $0.last == 0x0d ? $0.dropLast() : $0 }
}

/// As a server takes it: up to a line of one dot, and without the first of a line's dots.
private func unstuffed(_ octets: [UInt8]) -> [UInt8] {
    let lines = split(octets)
    let end = lines.firstIndex([0x2e]) ?? 0
    must(end == lines.count - 2, "it ends in its middle")
    return lines[..<end].flatMap { line in
        (line.first == 0x2e ? Array(line.dropFirst()) : line) + [0x0d, 0x0a]
    }
}

extension Array where Element == [UInt8] {
    fileprivate func firstIndex(_ line: [UInt8]) -> Int? { firstIndex { $0 == line } }
}
