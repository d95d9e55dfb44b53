import Contracts
import RPC
import Wire

/// Messages of the contracts from strange octets, in binary and in JSON: what is accepted crosses
/// both codings and comes back as the same.
func fuzz(_ input: UnsafeRawBufferPointer) {
    var choices = Choices(input)
    let type = messageTypes[choices.number(below: messageTypes.count)]
    check(type, choices.rest)
}

/// Every message that stands at the top of a request or an answer.
private let messageTypes: [any Message.Type] =
    Documents.contracts.flatMap { contract in
        contract.methods.flatMap { [$0.request, $0.response] }
    } + [Hello.self, GoAway.self, FaultMessage.self]

private func check<M: Message>(_: M.Type, _ octets: UnsafeRawBufferPointer) {
    if let message = accepted({ () throws(WireFault) in try M(decoding: octets) }) {
        checkCrossing(message)
    }
    if let message = accepted({ () throws(WireFault) in try M(json: Array(octets)) }) {
        checkCrossing(message)
    }
}

/// nil for what is refused.
private func accepted<M: Message>(_ decode: () throws(WireFault) -> M) -> M? {
    do throws(WireFault) {
        return try decode()
    } catch {
        return nil
    }
}

private func checkCrossing<M: Message>(_ message: M) {
    do throws(WireFault) {
        let binary = message.encoded()
        let json = message.json()
        must(try M(decoding: binary) == message, "\(M.name) is another one after binary")
        must(try M(json: json) == message, "\(M.name) is another one after JSON")
    } catch {
        must(false, "\(M.name), encoded, is refused: \(error)")
    }
}
