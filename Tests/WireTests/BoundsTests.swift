import Fixtures
import Testing
import Wire

/// Every bound at its value and one above, in both codings.
@Suite struct BoundsTests {
    private func accepts<M: Message>(_ message: M) -> Bool {
        let binary: Bool
        do {
            binary = try M(decoding: message.encoded()) == message
        } catch {
            binary = false
        }
        do {
            let json = try M(json: message.json()) == message
            #expect(json == binary)
            return json && binary
        } catch {
            #expect(!binary)
            return false
        }
    }

    @Test func `texts and bytes have a most`() {
        var zeros = Zeros()
        zeros.text = String(repeating: "x", count: 200)
        zeros.blob = Bytes([UInt8](repeating: 1, count: 200))
        #expect(accepts(zeros))
        zeros.text += "x"
        #expect(!accepts(zeros))
        zeros.text = String(repeating: "é", count: 100)
        #expect(accepts(zeros))
        zeros.text += "x"
        #expect(throws: WireFault.tooLong(field: "text")) { try Zeros(decoding: zeros.encoded()) }
        #expect(throws: WireFault.tooLong(field: "text")) { try Zeros(json: zeros.json()) }
        zeros.text = ""
        zeros.blob.array.append(1)
        #expect(throws: WireFault.tooLong(field: "blob")) { try Zeros(decoding: zeros.encoded()) }
        #expect(throws: WireFault.tooLong(field: "blob")) { try Zeros(json: zeros.json()) }
    }

    @Test func `optional texts have a most`() throws {
        var it: Presents = try RandomCoder.message(seed: 3)
        it.maybeText = String(repeating: "x", count: 64)
        it.maybeBlob = Bytes([UInt8](repeating: 1, count: 64))
        #expect(accepts(it))
        it.maybeText? += "x"
        #expect(!accepts(it))
        it.maybeText = nil
        it.maybeBlob?.array.append(2)
        #expect(!accepts(it))
    }

    @Test func `lists have a most of elements, and of each`() throws {
        var it = try Lists(decoding: [])
        it.texts = [String](repeating: "0123456789", count: 4)
        it.smalls = [1, 2, 3, 4]
        it.zeros = [Zeros](repeating: Zeros(), count: 4)
        #expect(accepts(it))
        it.texts[3] += "0"
        #expect(!accepts(it))
        it.texts = [String](repeating: "", count: 5)
        #expect(!accepts(it))
        it.texts = []
        it.smalls.append(5)
        #expect(!accepts(it))
        it.smalls = []
        it.zeros.append(Zeros())
        #expect(!accepts(it))
    }

    @Test func `one by one, too, a list has a most`() {
        let bytes = [[UInt8]](repeating: [0x20, 1], count: 5).flatMap { $0 }
        #expect(throws: WireFault.tooLong(field: "smalls")) { try Lists(decoding: bytes) }
    }

    @Test func `words have a most before they are looked up`() throws {
        let bytes: [UInt8] = [0x42, 65] + [UInt8](repeating: 0x61, count: 65)
        #expect(throws: WireFault.tooLong(field: "materials")) { try Lists(decoding: bytes) }
        #expect(throws: WireFault.value(field: "materials")) {
            try Lists(decoding: [0x42, 1, 0x61])
        }
    }

    @Test func `F-21 moments end with the year 9999`() {
        var zeros = Zeros()
        zeros.moment = Timestamp(seconds: Timestamp.secondsMax)
        #expect(accepts(zeros))
        zeros.moment = Timestamp(seconds: Timestamp.secondsMax + 1)
        #expect(!accepts(zeros))
        zeros.moment = Timestamp(seconds: Timestamp.secondsMin)
        #expect(accepts(zeros))
        zeros.moment = Timestamp(microseconds: Timestamp.secondsMin * 1_000_000 - 1)
        #expect(!accepts(zeros))
    }
}
