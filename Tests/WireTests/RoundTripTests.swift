import Fixtures
import Testing
import Wire

/// Property: what is written in one coding and read again is the same message, and writing it
/// again gives the same bytes.
@Suite struct RoundTripTests {
    private static let rounds: UInt64 = 300

    private func check<M: Message>(_: M.Type) throws {
        for seed in 0..<Self.rounds {
            let message: M = try RandomCoder.message(seed: seed)
            let bytes = message.encoded()
            let read = try M(decoding: bytes)
            #expect(read == message, "\(M.name), seed \(seed), binary")
            #expect(read.encoded() == bytes, "\(M.name), seed \(seed), binary again")

            let text = message.json()
            let readText = try M(json: text)
            #expect(readText == message, "\(M.name), seed \(seed), JSON")
            #expect(readText.json() == text, "\(M.name), seed \(seed), JSON again")
        }
    }

    @Test func `every message makes the round trip in both codings`() throws {
        try forEachSample { try check($0) }
    }

    @Test func `fields may come in any order`() throws {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<200 {
            let message: Presents = try RandomCoder.message(using: &generator)
            let fields = try BinaryField.split(message.encoded()).shuffled(using: &generator)
            #expect(try Presents(decoding: fields.flatMap(\.bytes)) == message)
        }
    }

    @Test func `F-20 unknown fields are skipped wherever they stand`() throws {
        var generator = SeededGenerator(seed: 2)
        let unknown: [[UInt8]] = [
            [0xa0, 0x06, 0x05], [0xa2, 0x06, 0x02, 1, 2], [0xa5, 0x06, 1, 2, 3, 4],
            [0xa1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8],
        ]
        for round in 0..<200 {
            let message: Choices = try RandomCoder.message(using: &generator)
            var fields = try BinaryField.split(message.encoded()).map(\.bytes)
            fields.insert(
                unknown[round % 4], at: Int.random(in: 0...fields.count, using: &generator))
            #expect(try Choices(decoding: fields.flatMap { $0 }) == message)
        }
    }

    @Test func `the outgoing buffer takes messages behind one another`() throws {
        var output = OutputBuffer()
        let zeros: Zeros = try RandomCoder.message(seed: 5)
        let lists: Lists = try RandomCoder.message(seed: 6)
        zeros.encode(into: &output)
        let border = output.count
        lists.encode(into: &output)
        #expect(output.bytes == zeros.encoded() + lists.encoded())
        output.removeFirst(border)
        #expect(try output.withBytes { try Lists(decoding: $0) } == lists)
    }
}

/// One field with its tag, as it stands in a message.
struct BinaryField {
    let bytes: [UInt8]

    /// The fields of a well-formed message.
    static func split(_ message: [UInt8]) throws -> [BinaryField] {
        var fields: [BinaryField] = []
        var rest = message[...]
        func varint() -> Int {
            var number = 0
            var shift = 0
            while let byte = rest.popFirst() {
                number |= Int(byte & 0x7f) << shift
                shift += 7
                if byte < 0x80 { break }
            }
            return number
        }
        while !rest.isEmpty {
            let start = rest.startIndex
            switch varint() & 7 {
            case 0: _ = varint()
            case 1: rest = rest.dropFirst(8)
            case 2:
                let length = varint()
                rest = rest.dropFirst(length)
            case 5: rest = rest.dropFirst(4)
            default: throw WireFault.malformedNumber
            }
            fields.append(BinaryField(bytes: Array(message[start..<rest.startIndex])))
        }
        return fields
    }
}
