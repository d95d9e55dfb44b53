import Contracts
import RPC
import Wire

/// Right messages with a few octets changed: the decoders' deep places, which octets from nowhere
/// seldom reach.
func fuzz(_ input: UnsafeRawBufferPointer) {
    var choices = Choices(input)
    let type = choices.number(below: originals.count)
    let inJSON = choices.byte() & 1 == 1
    let original = originals[type].message(choices.byte() % Originals.countMax)
    let octets = mutated(inJSON ? original.json : original.binary, &choices)
    check(originals[type].type, octets, inJSON: inJSON)
}

/// Right messages of one type, each made when it is first asked for: that takes a millisecond.
private final class Originals {
    static let countMax: UInt8 = 32

    let type: any Message.Type
    private var made: [UInt8: (binary: [UInt8], json: [UInt8])] = [:]

    init(_ type: any Message.Type) { self.type = type }

    func message(_ number: UInt8) -> (binary: [UInt8], json: [UInt8]) {
        if let known = made[number] { return known }
        let new = make(self.type, seed: UInt64(number))
        made[number] = new
        return new
    }

    private func make<M: Message>(
        _: M.Type, seed: UInt64
    ) -> (binary: [UInt8], json: [UInt8]) {
        do throws(WireFault) {
            let message: M = try RandomCoder.message(seed: seed)
            return (message.encoded(), message.json())
        } catch {
            preconditionFailure("no message of \(M.name): \(error)")
        }
    }
}

// libFuzzer calls from one thread only.
private nonisolated(unsafe) let originals = Documents.contracts.flatMap { contract in
    contract.methods.flatMap { [Originals($0.request), Originals($0.response)] }
}

private func mutated(_ octets: [UInt8], _ choices: inout Choices) -> [UInt8] {
    var octets = octets
    while !choices.isUsedUp, !octets.isEmpty {
        let place = choices.number(below: octets.count)
        switch choices.byte() & 3 {
        case 0: octets[place] = choices.byte()
        case 1: octets[place] ^= 1 << (choices.byte() & 7)
        case 2: octets.remove(at: place)
        default: octets.insert(choices.byte(), at: place)
        }
    }
    return octets
}

/// What is still accepted crosses both codings and comes back as the same.
private func check<M: Message>(_: M.Type, _ octets: [UInt8], inJSON: Bool) {
    let message: M
    do throws(WireFault) {
        message = inJSON ? try M(json: octets) : try M(decoding: octets)
    } catch {
        return
    }
    do throws(WireFault) {
        must(try M(decoding: message.encoded()) == message, "\(M.name) after binary")
        must(try M(json: message.json()) == message, "\(M.name) after JSON")
    } catch {
        must(false, "\(M.name), accepted and encoded, is refused: \(error)")
    }
}
