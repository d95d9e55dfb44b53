import Fixtures
import Foundation
import Testing
import Wire

@Suite struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"),
            (1, "1970-01-01T00:00:00.000001Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
            (1_500, "1970-01-01T00:00:00.001500Z"),
            (120_000, "1970-01-01T00:00:00.120Z"),
            (1_700_000_000_000_000, "2023-11-14T22:13:20Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00Z"),
            (-62_135_596_800_000_000, "0001-01-01T00:00:00Z"),
            (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
        ] as [(Int64, String)])
    func `moments are written and read as RFC 3339`(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).text == text)
        #expect(Timestamp(text)?.microseconds == microseconds)
    }

    @Test(
        arguments: [
            ("2023-11-14T23:13:20+01:00", 1_700_000_000_000_000),
            ("2023-11-14T16:43:20-05:30", 1_700_000_000_000_000),
            ("2023-11-14T22:13:20-00:00", 1_700_000_000_000_000),
            ("1970-01-01T00:00:00.5Z", 500_000),
            ("1970-01-01T00:00:00.123456789Z", 123_456),
            ("1969-12-31T23:59:59.999999999Z", -1),
        ] as [(String, Int64)])
    func `offsets and any number of digits are read`(text: String, microseconds: Int64) {
        #expect(Timestamp(text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", "2023", "2023-11-14", "2023-11-14T22:13:20", "2023-11-14t22:13:20Z",
        "2023-11-14T22:13:20z", "2023-11-14 22:13:20Z", "2023-11-14T22:13:20.Z",
        "2023-11-14T22:13:20.1234567890Z", "2023-11-14T22:13:60Z", "2023-11-14T24:00:00Z",
        "2023-11-14T22:60:00Z", "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
        "2023-04-31T00:00:00Z", "2023-13-01T00:00:00Z", "2023-00-01T00:00:00Z",
        "2023-01-00T00:00:00Z", "0000-12-31T23:59:59Z", "10000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "2023-11-14T22:13:20+24:00",
        "2023-11-14T22:13:20+0100", "2023-11-14T22:13:20Z ", " 2023-11-14T22:13:20Z",
        "-023-11-14T22:13:20Z", "2023-11-14T22:13:20.5.5Z", "２023-11-14T22:13:20Z",
        "2023-1a-14T22:13:20Z", "2023-11-14T22:13:20ZZ",
    ])
    func `what is no moment is refused`(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func `the calendar agrees with another one`() throws {
        let formatter = ISO8601DateFormatter()
        formatter.timeZone = TimeZone(identifier: "UTC")
        var generator = SeededGenerator(seed: 8)
        for _ in 0..<500 {
            // From 1600 on, where no calendar of old days is meant.
            let seconds = Int64.random(
                in: -11_676_096_000...Timestamp.secondsMax, using: &generator)
            let moment = Timestamp(seconds: seconds)
            let other = formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
            #expect(moment.text == other)
            #expect(Timestamp(other) == moment)
        }
    }

    @Test func `every day of 800 years is read as written, in order`() {
        var last = Int64.min
        for day in Int64(-400 * 366)...(400 * 366) {
            let moment = Timestamp(seconds: day * 86_400)
            guard Timestamp(moment.text) == moment, moment.microseconds > last else {
                Issue.record("day \(day)")
                return
            }
            last = moment.microseconds
        }
    }

    @Test func `the ends of the type are written without a trap`() {
        #expect(Timestamp(microseconds: .max).text.hasSuffix("Z"))
        #expect(Timestamp(microseconds: .min).text.hasPrefix("-"))
        #expect(Timestamp(microseconds: .min).seconds < 0)
    }

    @Test func `foreign seconds are checked`() {
        #expect(Timestamp(checkedSeconds: .max, nanoseconds: 0) == nil)
        #expect(Timestamp(checkedSeconds: .min, nanoseconds: 0) == nil)
        #expect(Timestamp(checkedSeconds: Timestamp.secondsMax + 1, nanoseconds: 0) == nil)
        #expect(Timestamp(checkedSeconds: Timestamp.secondsMin - 1, nanoseconds: 0) == nil)
        #expect(Timestamp(checkedSeconds: 0, nanoseconds: -1) == nil)
        #expect(Timestamp(checkedSeconds: 0, nanoseconds: 1_000_000_000) == nil)
        #expect(Timestamp(checkedSeconds: -1, nanoseconds: 999_999_999)?.microseconds == -1)
    }
}

@Suite struct IdentifierTests {
    typealias PaletteID = Identifier<PaletteKind>

    @Test func `an identifier is 36 lower-case characters`() throws {
        let text = "01234567-89ab-4def-8123-456789abcdef"
        let id = try #require(PaletteID(text))
        #expect(id.description == text && id == PaletteID.sample)
        #expect(PaletteID(bytes: id.bytes) == id)
    }

    @Test func `random bytes become version 4`() throws {
        let all = try #require(PaletteID(random: [UInt8](repeating: 0xff, count: 16)))
        #expect(all.description == "ffffffff-ffff-4fff-bfff-ffffffffffff")
        let none = try #require(PaletteID(random: [UInt8](repeating: 0, count: 16)))
        #expect(none.description == "00000000-0000-4000-8000-000000000000")
        #expect(PaletteID(random: [1, 2, 3]) == nil && PaletteID(bytes: [UInt8](1...17)) == nil)
    }

    @Test(arguments: [
        "", "01234567-89AB-4def-8123-456789abcdef", "0123456789ab4def8123456789abcdef",
        "01234567-89ab-4def-8123-456789abcde", "01234567-89ab-4def-8123-456789abcdef0",
        "01234567-89ab-4def-8123-456789abcdeg", "{1234567-89ab-4def-8123-456789abcdef}",
        "01234567_89ab-4def-8123-456789abcdef", "01234567-89ab-4def-8123-456789abcd-f",
    ])
    func `any other text is none`(text: String) {
        #expect(PaletteID(text) == nil)
    }
}
