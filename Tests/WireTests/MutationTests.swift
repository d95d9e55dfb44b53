import Fixtures
import Testing
import Wire

/// Goal: no bytes bring a decoder down, and what it accepts it can write and read again.
/// Method: right messages, changed at random places, by seed; the seed is in the failure's text.
@Suite struct MutationTests {
    /// One change: a bit, a byte, something cut out, doubled or put in.
    private func mutate(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        let place = bytes.isEmpty ? 0 : Int.random(in: 0..<bytes.count, using: &generator)
        let end = min(bytes.count, place + Int.random(in: 0...8, using: &generator))
        let special: [UInt8] = [0, 1, 0x7f, 0x80, 0xff, 0x22, 0x5c, 0x7b, 0x5d, 0x2c]
        switch UInt8.random(in: 0..<6, using: &generator) {
        case 0 where !bytes.isEmpty:
            bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1 where !bytes.isEmpty:
            bytes[place] = special.randomElement(using: &generator) ?? 0
        case 2: bytes.removeSubrange(place..<end)
        case 3: bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
        case 4: bytes.insert(special.randomElement(using: &generator) ?? 0, at: place)
        default: bytes.removeLast(bytes.count - place)
        }
    }

    private func checkBinary<M: Message>(_ bytes: [UInt8], _: M.Type, _ seed: UInt64) throws {
        let message: M
        do throws(WireFault) {
            message = try M(decoding: bytes)
        } catch {
            return
        }
        #expect(try M(decoding: message.encoded()) == message, "\(M.name), seed \(seed)")
        #expect(try M(json: message.json()) == message, "\(M.name), seed \(seed)")
    }

    private func checkJSON<M: Message>(_ bytes: [UInt8], _: M.Type, _ seed: UInt64) throws {
        let message: M
        do throws(WireFault) {
            message = try M(json: bytes)
        } catch {
            return
        }
        #expect(try M(decoding: message.encoded()) == message, "\(M.name), seed \(seed)")
    }

    @Test func `changed bytes are refused or are another message`() throws {
        try forEachSample { type in
            func run<M: Message>(_: M.Type) throws {
                for seed in UInt64(0)..<1000 {
                    var generator = SeededGenerator(seed: seed)
                    let message: M = try RandomCoder.message(using: &generator)
                    var binary = message.encoded()
                    var text = message.json()
                    for _ in 0..<Int.random(in: 1...4, using: &generator) {
                        mutate(&binary, &generator)
                        mutate(&text, &generator)
                    }
                    try checkBinary(binary, M.self, seed)
                    try checkJSON(text, M.self, seed)
                }
            }
            try run(type)
        }
    }

    @Test func `noise is refused or is a message`() throws {
        var generator = SeededGenerator(seed: 99)
        for round in UInt64(0)..<2000 {
            let length = Int.random(in: 0...40, using: &generator)
            let bytes = (0..<length).map { _ in
                UInt8.random(in: 0...(round % 2 == 0 ? 255 : 31), using: &generator)
            }
            try forEachSample { type in
                func run<M: Message>(_: M.Type) throws { try checkBinary(bytes, M.self, round) }
                try run(type)
            }
        }
    }

    /// Property: the two ways of the decoder agree. Bytes of an unknown field in front lead to the
    /// patient way without changing what is said.
    @Test func `reading in order and reading patiently come to the same`() throws {
        let unknown: [UInt8] = [0xf8, 0x3f, 0]
        for seed in UInt64(0)..<3000 {
            var generator = SeededGenerator(seed: seed)
            let message: Lists = try RandomCoder.message(using: &generator)
            var bytes = message.encoded()
            if seed % 2 == 0 { mutate(&bytes, &generator) }
            guard outcome(bytes) == outcome(unknown + bytes) else {
                Issue.record("seed \(seed)")
                return
            }
        }
    }

    private func outcome(_ bytes: [UInt8]) -> Result<Lists, WireFault> {
        do throws(WireFault) {
            return .success(try Lists(decoding: bytes))
        } catch {
            return .failure(error)
        }
    }

    @Test func `every prefix of a message is refused or is a message`() throws {
        let message: Choices = try RandomCoder.message(seed: 77)
        let bytes = message.encoded()
        for end in bytes.indices {
            try checkBinary(Array(bytes[..<end]), Choices.self, UInt64(end))
        }
        let text = message.json()
        for end in text.indices {
            #expect(throws: WireFault.self) { try Choices(json: Array(text[..<end])) }
        }
    }
}
