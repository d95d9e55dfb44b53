import HTTP
import Reactor
import Wire

/// HTTP heads and bodies, plain and in chunks: whole, cut at a point that the input chooses and
/// octet by octet they are the same requests and the same refusal, within all limits.
func fuzz(_ input: UnsafeRawBufferPointer) {
    var choices = Choices(input)
    let form = choices.byte()
    let limits = form & 1 == 0 ? RequestParser.Limits() : narrow
    let (octets, cut) = choices.cutRest()
    let whole = read(octets, limits, pieces: [0..<octets.count])
    let split = read(octets, limits, pieces: [0..<cut, cut..<octets.count])
    must(whole == split, "cut at \(cut): \(split) instead of \(whole)")
    if form & 2 != 0 {
        let single = read(octets, limits, pieces: octets.indices.map { $0..<($0 + 1) })
        must(whole == single, "octet by octet: \(single) instead of \(whole)")
    }
    for case .request(let head, let body) in whole { check(head, body, limits) }
}

/// Limits that short inputs reach.
private let narrow = {
    var limits = RequestParser.Limits()
    limits.headMax = 160
    limits.fieldsMax = 3
    limits.targetMax = 24
    limits.bodyMax = 20
    return limits
}()

private func read(
    _ octets: UnsafeRawBufferPointer, _ limits: RequestParser.Limits, pieces: [Range<Int>]
) -> [RequestParser.Event] {
    var parser = RequestParser(limits)
    var events: [RequestParser.Event] = []
    for piece in pieces {
        var start = piece.lowerBound
        while start < piece.upperBound {
            let part = UnsafeRawBufferPointer(rebasing: octets[start..<piece.upperBound])
            let (consumed, event) = parser.take(part)
            must(consumed <= part.count, "took more than there was")
            start += consumed
            switch event {
            case .needsMore: must(start == piece.upperBound, "left octets unread")
            case .expectsContinue, .request: events.append(event)
            case .refused:
                must(parser.take(octets).event == event, "a refusal is for good")
                return events + [event]
            }
        }
    }
    return events
}

private func check(_ head: RequestHead, _ body: [UInt8], _ limits: RequestParser.Limits) {
    must(head.target.utf8.count <= limits.targetMax, "a target over its limit")
    must(head.headers.count <= limits.fieldsMax, "fields over their limit")
    must(body.count <= limits.bodyMax, "a body over its limit")
    must(head.path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }, "a path of other octets")
    must(!head.host.isEmpty || head.isOldVersion, "no host")
    switch head.framing {
    case .none: must(body.isEmpty, "a body that was not announced")
    case .length(let length): must(body.count == length, "a body of another length")
    case .chunked: break
    }
}
