import SMS
import Wire

/// Telephone numbers: what is taken is read octet by octet as it was written, its parts make the
/// whole, and shown it is its country and two digits; what a message raises is five counters.
func fuzz(_ input: UnsafeRawBufferPointer) {
    guard let number = PhoneNumber(input) else { return }
    must(number.text.utf8.elementsEqual(input), "a second text for a number")
    must((8...15).contains(number.digits.utf8.count), "digits over their limit")
    must((1...3).contains(number.countryCode.utf8.count), "a country of other length")
    must("+\(number.countryCode)\(number.national)" == number.text, "parts of another number")
    must(number.masked == "+\(number.countryCode)•••••\(number.text.suffix(2))", "badly masked")
    must("\(number)" == number.masked, "shown in full")
    must(PhoneNumber(number.text) == number, "it reads back as another")
    let counters = MessageBudget().counters(user: "a", to: number, for: .proving)
    must(Set(counters).count == MessageBudget.Scope.allCases.count, "a counter is missing")
    let empty = counters.map { ($0, [Timestamp]()) }
    must(MessageBudget.decide(empty, now: .zero) == .admitted, "nothing was sent, and too much")
}
