import HTTP
import Wire

/// Answers of a server, of any framing: whole, cut at a point that the input chooses and octet by
/// octet they are the same answer or the same refusal, within all limits, and the end of the
/// connection decides only what nothing else has.
func fuzz(_ input: UnsafeRawBufferPointer) {
    var choices = Choices(input)
    let form = choices.byte()
    let limits = form & 1 == 0 ? ResponseParser.Limits() : narrow
    let method = form & 4 == 0 ? HTTPMethod.post : .head
    let (octets, cut) = choices.cutRest()
    let whole = read(octets, method, limits, pieces: [0..<octets.count])
    let split = read(octets, method, limits, pieces: [0..<cut, cut..<octets.count])
    must(whole == split, "cut at \(cut): \(split) instead of \(whole)")
    if form & 2 != 0 {
        let pieces = octets.indices.map { $0..<($0 + 1) }
        let single = read(octets, method, limits, pieces: pieces)
        must(whole == single, "octet by octet: \(single) instead of \(whole)")
    }
    guard case .response(let response) = whole else { return }
    must((200...599).contains(response.status.code), "an announcement as an answer")
    must(response.headers.count <= limits.fieldsMax, "fields over their limit")
    must(response.body.count <= limits.bodyMax, "a body over its limit")
    if method == .head { must(response.body.isEmpty, "a body in answer to HEAD") }
}

/// Limits that short inputs reach.
private let narrow = {
    var limits = ResponseParser.Limits()
    limits.headMax = 120
    limits.fieldsMax = 3
    limits.bodyMax = 20
    limits.interimMax = 1
    return limits
}()

private func read(
    _ octets: UnsafeRawBufferPointer, _ method: HTTPMethod, _ limits: ResponseParser.Limits,
    pieces: [Range<Int>]
) -> ResponseParser.Event {
    var parser = ResponseParser(to: method, limits)
    for piece in pieces {
        let part = UnsafeRawBufferPointer(rebasing: octets[piece])
        let (consumed, event) = parser.take(part)
        must(consumed <= part.count, "took more than there was")
        if event == .needsMore {
            must(consumed == part.count, "left octets unread")
        } else {
            must(parser.take(octets) == (0, event), "what is decided is decided")
            must(parser.inputEnded() == event, "the end changed what was decided")
            return event
        }
    }
    let end = parser.inputEnded()
    must(end != .needsMore, "the end decided nothing")
    return end
}
