import Fixtures
import Testing
import Wire

/// The binary form, byte by byte, and where it is stricter than proto3.
@Suite struct BinaryTests {
    @Test func `zeros are left out, the rest is as proto3 says`() {
        var zeros = Zeros()
        #expect(zeros.encoded() == [])
        zeros.text = "hi"
        zeros.isOn = true
        zeros.small = 300
        zeros.signed = -1
        zeros.shade = .dark
        zeros.moment = Timestamp(microseconds: 1_000_001)
        #expect(
            zeros.encoded()
                == [
                    0x0a, 2, 0x68, 0x69, 0x18, 1, 0x20, 0xac, 0x02,
                    0x30, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0x38, 7,
                    0xa2, 0x38, 5, 0x08, 1, 0x10, 0xe8, 0x07,
                ].map { UInt8($0) })
    }

    @Test func `what has presence is written even when zero`() throws {
        var it: Presents = try RandomCoder.message(seed: 1)
        it.isOn = false
        it.maybeSmall = 0
        it.maybeText = ""
        it.maybeZeros = Zeros()
        let read = try Presents(decoding: it.encoded())
        #expect(read.maybeSmall == 0 && read.maybeText == "" && read.maybeZeros == Zeros())
        it.maybeSmall = nil
        it.maybeText = nil
        it.maybeZeros = nil
        #expect(try Presents(decoding: it.encoded()) == it)
    }

    @Test(
        arguments: [
            ([0x0a, 1], .truncated),
            ([0x0a], .truncated),
            ([0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], .truncated),
            (
                [0x0a, 255, 255, 255, 255, 255, 255, 255, 255, 0x7f]
                    + [0x12, 255, 255, 255, 255, 255, 255, 255, 255, 0x7f], .truncated
            ),
            ([0x80], .truncated),
            ([0x20, 0x80], .truncated),
            ([0x25, 1, 2, 3], .truncated),
            ([0x31, 1, 2, 3, 4, 5, 6, 7], .truncated),
            ([0x00, 0], .malformedNumber),
            ([0x02, 0], .malformedNumber),
            ([0x0b], .malformedNumber),
            ([0x0c], .malformedNumber),
            ([0x0e], .malformedNumber),
            ([0x0f], .malformedNumber),
            ([0xf8, 0xff, 0xff, 0xff, 0x1f, 0], .malformedNumber),
            ([0x28, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2], .malformedNumber),
            ([0x28, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 0], .malformedNumber),
            ([0x08, 1], .wireType(field: "text")),
            ([0x22, 1, 1], .wireType(field: "small")),
            ([0x25, 1, 2, 3, 4], .wireType(field: "small")),
            ([0x18, 1, 0x18, 1], .duplicate(field: "isOn")),
            ([0x18, 0, 0x20, 1, 0x18, 0], .duplicate(field: "isOn")),
            ([0x18, 2], .value(field: "isOn")),
            ([0x20, 0x80, 0x80, 0x80, 0x80, 0x10], .value(field: "small")),
            ([0x38, 2], .value(field: "shade")),
            ([0x38, 0x80, 0x80, 0x80, 0x80, 0x10], .value(field: "shade")),
            ([0x0a, 1, 0xff], .notUTF8(field: "text")),
            ([0xa2, 0x38, 2, 0x10, 0xff], .truncated),
            ([0xa2, 0x38, 4, 0x08, 1, 0x08, 1], .duplicate(field: "moment")),
            ([0xa2, 0x38, 2, 0x0a, 0], .wireType(field: "moment")),
            ([0xa2, 0x38, 6, 0x10, 0x80, 0x94, 0xeb, 0xdc, 0x03], .value(field: "moment")),
            (
                [0xa2, 0x38, 11, 0x10, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
                .value(field: "moment")
            ),
        ] as [([UInt8], WireFault)])
    func `F-15, F-16, F-20, F-21 malformed bytes are refused with the reason`(
        bytes: [UInt8], fault: WireFault
    ) {
        #expect(throws: fault) { try Zeros(decoding: bytes) }
    }

    @Test func `longer forms of numbers and written zeros are accepted, as proto3 says`() throws {
        #expect(try Zeros(decoding: [0x18, 0x81, 0x80, 0x00, 0xa0, 0x00, 0x00]).isOn)
        #expect(try Zeros(decoding: [0x0a, 0, 0x12, 0, 0x18, 0, 0xa2, 0x38, 0]) == Zeros())
    }

    @Test func `lists of numbers come packed, one by one or mixed`() throws {
        let expected = [1, 2, 300, 4] as [UInt32]
        for bytes: [UInt8] in [
            [0x22, 5, 1, 2, 0xac, 2, 4], [0x20, 1, 0x20, 2, 0x20, 0xac, 2, 0x20, 4],
            [0x20, 1, 0x22, 3, 2, 0xac, 2, 0x20, 4],
            [0x20, 1, 0x22, 0, 0xf8, 0x07, 9, 0x22, 4, 2, 0xac, 2, 4],
        ] {
            #expect(try Lists(decoding: bytes).smalls == expected)
        }
        #expect(throws: WireFault.truncated) { try Lists(decoding: [0x22, 2, 1, 0x80]) }
        #expect(throws: WireFault.wireType(field: "smalls")) {
            try Lists(decoding: [0x25, 1, 2, 3, 4])
        }
        #expect(throws: WireFault.wireType(field: "texts")) { try Lists(decoding: [0x08, 1]) }
        #expect(throws: WireFault.wireType(field: "zeros")) {
            try Lists(decoding: [0xa0, 0x01, 1])
        }
    }

    @Test func `F-17 a count of 2^31 - 1 in a few bytes is refused, whatever it counts`() {
        // Texts, packed numbers, messages.
        for tag: [UInt8] in [[0x0a], [0x22], [0xa2, 0x01]] {
            let bytes = tag + [255, 255, 255, 255, 7]
            #expect(throws: WireFault.truncated) { try Lists(decoding: bytes) }
            #expect(throws: WireFault.truncated) { try Lists(decoding: bytes + [0, 0]) }
        }
    }

    @Test func `F-15 text that is not UTF-8 or holds NUL is refused in both codings`() {
        let wrong: [[UInt8]] = [
            [0xff], [0x80], [0xc3], [0xc0, 0x80], [0xe0, 0x80, 0xaf], [0xed, 0xa0, 0x80],
            [0xf4, 0x90, 0x80, 0x80], [0x61, 0xe2, 0x82], [0], [0x61, 0, 0x62],
        ]
        for text in wrong {
            #expect(throws: WireFault.self) {
                try Zeros(decoding: [0x0a, UInt8(text.count)] + text)
            }
            #expect(throws: WireFault.self) {
                try Zeros(json: Array("{\"text\":\"".utf8) + text + Array("\"}".utf8))
            }
        }
        for escape in ["\\u0000", "a\\u0000b", "\\ud800", "\\udc00", "\\udc00\\ud800"] {
            #expect(throws: WireFault.self) {
                try Zeros(json: Array("{\"text\":\"\(escape)\"}".utf8))
            }
        }
    }

    @Test func `F-19 a byte behind a whole message refuses it, in both codings`() {
        var zeros = Zeros()
        zeros.text = "hi"
        zeros.small = 7
        let blanks = Array(" \t\r\n".utf8)
        for byte in UInt8.min ... .max {
            #expect(throws: WireFault.self) { try Zeros(decoding: zeros.encoded() + [byte]) }
            guard !blanks.contains(byte) else { continue }
            #expect(throws: WireFault.self) { try Zeros(json: zeros.json() + [byte]) }
        }
    }

    @Test func `exactly one alternative is accepted`() throws {
        let one = Choices(first: .zeros(Zeros()), second: .zeros(Zeros())).encoded()
        #expect(try Choices(decoding: one).second == .zeros(Zeros()))
        #expect(throws: WireFault.missing(field: "secondChoice")) {
            try Choices(decoding: Array(one.prefix(2)))
        }
        #expect(throws: WireFault.missing(field: "firstChoice")) { try Choices(decoding: []) }
        let lists: [UInt8] = [0x12, 0]
        #expect(throws: WireFault.duplicate(field: "secondChoice")) {
            try Choices(decoding: one + lists)
        }
    }

    @Test func `F-20 a missing field is named`() {
        #expect(throws: WireFault.missing(field: "id")) { try Presents(decoding: []) }
    }

    @Test func `F-18 messages nest 32 levels deep and not 33`() throws {
        let deepest = Tree.chain(32)
        #expect(try Tree(decoding: deepest.encoded()) == deepest)
        #expect(throws: WireFault.nestedTooDeep) { try Tree(decoding: Tree.chain(33).encoded()) }
        #expect(throws: WireFault.nestedTooDeep) { try Tree(decoding: Tree.chain(400).encoded()) }
    }

    @Test func `lengths of one, two and three bytes are written right`() throws {
        for size in [0, 1, 126, 127, 128, 129, 16_381, 16_384, 40_000] {
            let blob = Bytes((0..<size).map { UInt8($0 & 255) })
            let it = Wrapped(inner: Blob(blob: blob), after: 5)
            #expect(try Wrapped(decoding: it.encoded()) == it)
        }
    }

    @Test func `many unknown fields cost no more than their bytes`() throws {
        let unknown = [[UInt8]](repeating: [0xf8, 0x07, 1], count: 100_000).flatMap { $0 }
        let clock = ContinuousClock()
        let duration = try clock.measure {
            let zeros = try Zeros(decoding: unknown + [0x18, 1])
            #expect(zeros.isOn)
        }
        #expect(duration < .seconds(5))
    }
}

/// Bytes of any length.
struct Blob: Message {
    static let name = "Blob"
    static let about = "Bytes."
    var blob: Bytes

    init(blob: Bytes) { self.blob = blob }
    init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        blob = try coder.field(1, "blob", it?.blob, max: 100_000, "The bytes.")
    }
}

struct Wrapped: Message {
    static let name = "Wrapped"
    static let about = "A message around one of any length."
    var inner: Blob
    var after: UInt32

    init(inner: Blob, after: UInt32) {
        self.inner = inner
        self.after = after
    }
    init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        inner = try coder.required(1, "inner", it?.inner, "What is in it.")
        after = try coder.field(2, "after", it?.after, "What follows.")
    }
}
