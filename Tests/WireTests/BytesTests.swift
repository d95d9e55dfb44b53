import Fixtures
import Testing
import Wire

@Suite struct BytesTests {
    @Test func `bytes never show what they hold`() {
        let secret = Bytes(utf8: "hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), "\([secret])", dumped] {
            #expect(!text.contains("hunter") && !text.contains("104"), "\(text)")
        }
        #expect("\(secret)" == "7 bytes")
    }

    @Test func `a reader stops at the end and moves nothing then`() {
        let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
        bytes.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            #expect(reader.readUInt8() == 1)
            #expect(reader.readUInt16() == 0x0203)
            #expect(reader.readUInt64() == nil)
            #expect(reader.position == 3)
            #expect(reader.readUInt32() == 0x0405_0607)
            #expect(reader.readBytes(4) == nil)
            #expect(reader.readBytes(-1) == nil)
            #expect(reader.readBytes(Int.max) == nil)
            #expect(reader.readBytes(2).map { Array($0) } == [8, 9])
            #expect(reader.remaining == 1)
            #expect(Array(reader.readRest()) == [10])
            #expect(reader.isAtEnd && reader.readUInt8() == nil && reader.readRest().isEmpty)
        }
        var nothing = ByteReader(UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(nothing.readUInt8() == nil && nothing.readBytes(0)?.isEmpty == true)
    }

    @Test func `F-15 texts are read only from well-formed UTF-8`() {
        func text(_ bytes: [UInt8]) -> String? { bytes.withUnsafeBytes { String(utf8: $0) } }
        #expect(text([]) == "")
        #expect(text(Array("Zürich 🔐".utf8)) == "Zürich 🔐")
        for bytes: [UInt8] in [
            [0x80], [0xc3], [0xc0, 0x80], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80],
            [0xf4, 0x90, 0x80, 0x80], [0xff], [0x61, 0xe2, 0x82],
        ] {
            #expect(text(bytes) == nil, "\(bytes)")
        }
    }
}

/// The outgoing buffer against an array that does the same.
@Suite struct OutputBufferTests {
    @Test func `numbers stand in network order`() {
        var output = OutputBuffer()
        output.append(bigEndian: UInt16(0x0102))
        output.append(bigEndian: UInt32(0x0304_0506))
        output.append(bigEndian: UInt64(0x0708_090a_0b0c_0d0e))
        output.append(0x0f)
        #expect(output.bytes == Array(1...15))
        output.removeFirst(1)
        output.overwrite(bigEndian: 0xffff_fffe, at: 1)
        output.overwrite(0, at: 13)
        #expect(output.bytes == [2, 255, 255, 255, 254, 7, 8, 9, 10, 11, 12, 13, 14, 0])
    }

    @Test func `any sequence of writes and removals keeps the right bytes`() {
        var generator = SeededGenerator(seed: 11)
        for round in 0..<60 {
            var output = OutputBuffer(capacity: round % 3 == 0 ? 0 : round)
            var model: [UInt8] = []
            for step in 0..<300 {
                let amount = Int.random(in: 0...70, using: &generator)
                switch UInt8.random(in: 0..<7, using: &generator) {
                case 0:
                    output.append(UInt8(step & 255))
                    model.append(UInt8(step & 255))
                case 1, 2:
                    let bytes = (0..<amount).map { UInt8(($0 + step) & 255) }
                    output.append(bytes)
                    model += bytes
                case 3, 4:
                    let count = min(amount * 2, model.count)
                    output.removeFirst(count)
                    model.removeFirst(count)
                case 5:
                    output.append(atMost: amount) { memory in
                        for place in 0..<(amount / 2) { memory[place] = 7 }
                        return amount / 2
                    }
                    model += [UInt8](repeating: 7, count: amount / 2)
                default:
                    let count = min(amount, model.count)
                    output.removeLast(count)
                    model.removeLast(count)
                    output.releaseMemoryIfEmpty()
                }
                guard output.bytes == model, output.count == model.count else {
                    Issue.record("round \(round), step \(step)")
                    return
                }
            }
            output.removeAll()
            #expect(output.isEmpty && output.bytes == [])
        }
    }

    @Test func `lent memory is left when it is full`() {
        withUnsafeTemporaryAllocation(byteCount: 4, alignment: 1) { memory in
            var output = OutputBuffer(lent: memory)
            for byte in UInt8(0)..<100 { output.append(byte) }
            #expect(output.bytes == Array(0..<100))
            #expect(Array(memory) == [0, 1, 2, 3])
        }
    }

    @Test func `texts are appended as UTF-8`() {
        var output = OutputBuffer()
        output.append(utf8: "é" as String)
        output.append(utf8: "!" as StaticString)
        #expect(output.bytes == [0xc3, 0xa9, 0x21])
    }
}
