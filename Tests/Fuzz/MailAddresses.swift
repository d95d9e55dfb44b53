import Crypto
import Wire

/// Addresses of mailboxes and values for headers: what is accepted reads back as the same mailbox,
/// is within its bounds, and can be neither a command nor a header.
func fuzz(_ input: UnsafeRawBufferPointer) {
    guard let typed = String(validating: input, as: UTF8.self) else { return }
    if let address = MailAddress(parsing: typed) { check(address) }
    if let text = MailText(typed) {
        must(isOneLine(text.text), "a line's end in a text")
        must(text.text.utf8.count <= MailText.bytesMax, "a text over its limit")
    }
    if let shown = MailText(showing: typed) {
        must(MailText(shown.text) == shown, "what is shown is no text for mails")
    }
    if let link = MailLink(typed) {
        must(link.text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x22 }, "a link ends")
    }
}

private func check(_ address: MailAddress) {
    let text = address.text
    guard let again = MailAddress(parsing: text) else {
        preconditionFailure("\(text) is no address any more")
    }
    must(again == address, "\(text) is another address")
    must(again.key == address.key, "\(text) has another key")
    must(isOneLine(text) && isOneLine(address.masked), "a line's end in an address")
    must(text.utf8.count <= MailAddress.bytesMax, "an address over its limit")
    must(!text.utf8.contains(0x3c) || address.local.utf8.contains(0x3c), "a bracket")
    must(address.domain.ascii.utf8.allSatisfy { $0 > 0x2c && $0 < 0x7b }, "a domain of others")
    guard let ascii = address.ascii else { return }
    must(ascii.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f }, "not ASCII")
    must(MailAddress(parsing: ascii)?.key == address.key, "\(ascii) is another mailbox")
}

private func isOneLine(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
}
