import Crypto
import Wire

/// What people are called and sign in with: a name that was registered is found by whatever was
/// typed for it, reads back as itself, and shows all it holds.
func fuzz(_ input: UnsafeRawBufferPointer) {
    guard let typed = String(validating: input, as: UTF8.self) else { return }
    if let name = UserName(parsing: typed) {
        must(SignInKey(typed).text == name.key, "as typed it is not found")
        must(SignInKey(name.text).text == name.key, "as stored it is not found")
        must(UserName(parsing: name.text) == name, "stored and read it is another name")
        must((1...UserName.charactersMax).contains(name.text.unicodeScalars.count), "too long")
        must(PhoneNumber(parsing: name.text) == nil, "a name that is a number")
        must(EmailAddress(parsing: name.text) == nil, "a name that is an address")
    }
    if let address = EmailAddress(parsing: typed) {
        must(SignInKey(typed).text == address.key, "as typed the address is not found")
        must(SignInKey(address.text).text == address.key, "as stored it is not found")
        must(EmailAddress(parsing: address.text) == address, "it is another address")
        must(!address.text.utf8.contains { $0 <= 0x20 || $0 == 0x7f }, "it breaks a header")
    }
    if let name = DisplayName(parsing: typed) {
        must(DisplayName(parsing: name.text) == name, "shown and read it is another name")
        must(!name.text.utf8.contains { $0 < 0x20 || $0 == 0x7f }, "a control is shown")
    }
    if let number = PhoneNumber(parsing: typed) {
        must(SignInKey(typed).text == number.text, "the number is not found")
    }
    if let tag = LanguageTag(parsing: typed) {
        must(tag.text.utf8.allSatisfy { $0 < 0x80 }, "a language of other letters")
    }
}
