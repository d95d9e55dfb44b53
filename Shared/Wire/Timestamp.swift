/// A moment in microseconds since 1970-01-01T00:00:00Z, leap seconds ignored as in POSIX.
/// On the wire `google.protobuf.Timestamp`; in JSON RFC 3339 in UTC. What comes in lies in the
/// years 1 to 9999; finer digits than microseconds are cut off.
@usableFromInline package struct Timestamp: Sendable, Hashable, Comparable {
    @usableFromInline package let microseconds: Int64

    @inlinable package init(microseconds: Int64) { self.microseconds = microseconds }
    /// For seconds within ±9 · 10^12; foreign ones go through `init(checkedSeconds:nanoseconds:)`.
    @inlinable package init(seconds: Int64) { microseconds = seconds * 1_000_000 }

    /// Whole seconds, rounded down.
    @inlinable
    package var seconds: Int64 {
        // Division rounds to zero, which is up before 1970.
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// Microseconds after `seconds`, 0 to 999,999.
    @inlinable
    package var fraction: Int64 {
        let remainder = microseconds % 1_000_000
        return remainder < 0 ? remainder + 1_000_000 : remainder
    }

    @inlinable
    package static func < (left: Self, right: Self) -> Bool {
        left.microseconds < right.microseconds
    }
}

extension Timestamp {
    /// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, the bounds of RFC 3339 and of proto3.
    @usableFromInline package static let secondsMin: Int64 = -62_135_596_800
    @usableFromInline package static let secondsMax: Int64 = 253_402_300_799

    /// nil outside the years 1 to 9999, or when `nanoseconds` is not of 0 to 999,999,999.
    @usableFromInline package init?(checkedSeconds seconds: Int64, nanoseconds: Int64) {
        guard (Self.secondsMin...Self.secondsMax).contains(seconds),
            (0...999_999_999).contains(nanoseconds)
        else { return nil }
        microseconds = seconds * 1_000_000 + nanoseconds / 1000
    }
}

/// A day of the proleptic Gregorian calendar. The arithmetic counts in eras of 400 years from
/// 1 March of year 0, so that the leap day is the last of its year.
struct CivilDate {
    var year: Int64
    var month: Int64
    var day: Int64

    static let daysPerEra: Int64 = 146_097
    /// Days from 0000-03-01 to 1970-01-01.
    static let daysBeforeEpoch: Int64 = 719_468

    /// nil when there is no such day.
    init?(year: Int64, month: Int64, day: Int64) {
        guard (1...9999).contains(year), (1...12).contains(month),
            day >= 1, day <= Self.days(inMonth: month, of: year)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    init(daysSinceEpoch days: Int64) {
        let shifted = days + Self.daysBeforeEpoch
        let era = (shifted >= 0 ? shifted : shifted - (Self.daysPerEra - 1)) / Self.daysPerEra
        let dayOfEra = shifted - era * Self.daysPerEra
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    var daysSinceEpoch: Int64 {
        let marchYear = month <= 2 ? year - 1 : year
        let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * Self.daysPerEra + dayOfEra - Self.daysBeforeEpoch
    }

    private static func days(inMonth month: Int64, of year: Int64) -> Int64 {
        if month == 2 {
            let isLeap =
                year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
            return isLeap ? 29 : 28
        }
        return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with no, three or six digits of the second's fraction, as proto3 prints it.
    @usableFromInline package var description: String { text }

    @usableFromInline package var text: String {
        let days = (seconds >= 0 ? seconds : seconds - 86_399) / 86_400
        let second = seconds - days * 86_400
        let date = CivilDate(daysSinceEpoch: days)
        var text: [UInt8] = []
        text.reserveCapacity(27)
        Self.append(date.year, digits: 4, to: &text)
        for (sign, number) in [
            (UInt8(ascii: "-"), date.month), (UInt8(ascii: "-"), date.day),
            (UInt8(ascii: "T"), second / 3600), (UInt8(ascii: ":"), second / 60 % 60),
            (UInt8(ascii: ":"), second % 60),
        ] {
            text.append(sign)
            Self.append(number, digits: 2, to: &text)
        }
        if fraction != 0 {
            text.append(UInt8(ascii: "."))
            let isWhole = fraction.isMultiple(of: 1000)
            Self.append(isWhole ? fraction / 1000 : fraction, digits: isWhole ? 3 : 6, to: &text)
        }
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    /// Years outside 0 to 9999, which nothing lets in, get a sign or more digits.
    private static func append(_ number: Int64, digits: Int, to text: inout [UInt8]) {
        let plain = String(number.magnitude)
        if number < 0 { text.append(UInt8(ascii: "-")) }
        for _ in 0..<max(0, digits - plain.utf8.count) { text.append(UInt8(ascii: "0")) }
        text.append(contentsOf: plain.utf8)
    }

    /// RFC 3339 §5.6 with capital T and Z, one to nine digits of fraction, any offset; nil for
    /// anything else, for days that do not exist, leap seconds and years outside 1 to 9999.
    @usableFromInline package init?(_ text: String) {
        var digits = DigitReader(text: Array(text.utf8))
        guard let year = digits.number(4), digits.take("-"), let month = digits.number(2),
            digits.take("-"), let day = digits.number(2), digits.take("T"),
            let hour = digits.number(2), digits.take(":"), let minute = digits.number(2),
            digits.take(":"), let second = digits.number(2),
            let date = CivilDate(year: year, month: month, day: day),
            hour < 24, minute < 60, second < 60,
            let nanoseconds = digits.fraction(), let offset = digits.offset(), digits.isAtEnd
        else { return nil }
        let local = date.daysSinceEpoch * 86_400 + hour * 3600 + minute * 60 + second
        self.init(checkedSeconds: local - offset, nanoseconds: nanoseconds)
    }
}

/// Reads the numbers of an RFC 3339 text, each of a fixed number of digits.
private struct DigitReader {
    let text: [UInt8]
    var position = 0

    var isAtEnd: Bool { position == text.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func digit() -> Int64? {
        guard position < text.count,
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[position])
        else { return nil }
        defer { position += 1 }
        return Int64(text[position] - UInt8(ascii: "0"))
    }

    mutating func number(_ digits: Int) -> Int64? {
        var number: Int64 = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            number = number * 10 + digit
        }
        return number
    }

    /// In nanoseconds; 0 when there is none.
    mutating func fraction() -> Int64? {
        guard take(".") else { return 0 }
        guard var number = digit() else { return nil }
        var digits = 1
        while let digit = digit() {
            guard digits < 9 else { return nil }
            number = number * 10 + digit
            digits += 1
        }
        for _ in digits..<9 { number *= 10 }
        return number
    }

    /// In seconds east of Greenwich.
    mutating func offset() -> Int64? {
        if take("Z") { return 0 }
        let sign: Int64
        if take("+") {
            sign = 1
        } else if take("-") {
            sign = -1
        } else {
            return nil
        }
        guard let hour = number(2), take(":"), let minute = number(2), hour < 24, minute < 60 else {
            return nil
        }
        return sign * (hour * 3600 + minute * 60)
    }
}

extension Timestamp: Primitive {
    @usableFromInline package static var form: PrimitiveForm { .timestamp }
    @usableFromInline package static var zero: Timestamp { Timestamp(microseconds: 0) }
    @usableFromInline package static var sample: Timestamp { Timestamp(seconds: 1_700_000_000) }
}
