import Wire

/// A statement whose values travel apart from its text. Interpolating a value makes a bind, so a
/// value can never become text: `"SELECT name FROM account WHERE id = \(id)"` is sent as
/// `SELECT name FROM account WHERE id = $1` beside the 16 bytes of `id`.
///
/// Literals are `StaticString`, so no text made at run time gets in but through the two doors
/// that say so: another `SQL`, and `\(unsafe: text)`.
package struct SQL: Sendable {
    /// The statement with one NUL where each bind stands. PostgreSQL's text knows no NUL, and a
    /// fragment can be put into another without renumbering.
    private(set) var template: String
    private(set) var binds: [Bind]
    /// The binary forms of all binds, one behind the other.
    private(set) var values: [UInt8]

    struct Bind: Sendable {
        let type: SQLType
        /// The value is `values[start ..< end]`; nil is NULL.
        let range: Range<Int>?
    }

    /// Binds a statement can carry (the protocol counts them in 16 bits).
    package static let bindsMax = 65_535

    private init(capacity: Int, binds: Int) {
        template = ""
        template.reserveCapacity(capacity)
        self.binds = []
        self.binds.reserveCapacity(binds)
        values = []
    }

    private mutating func append(_ value: some SQLValue) {
        template.append("\0")
        guard !value.isNull else {
            binds.append(Bind(type: value.sqlType, range: nil))
            return
        }
        let start = values.count
        value.write(to: &values)
        binds.append(Bind(type: value.sqlType, range: start..<values.count))
    }

    private mutating func append(_ fragment: SQL) {
        template.append(fragment.template)
        let shift = values.count
        values.append(contentsOf: fragment.values)
        for bind in fragment.binds {
            let range = bind.range.map { $0.lowerBound + shift..<$0.upperBound + shift }
            binds.append(Bind(type: bind.type, range: range))
        }
    }

    /// The text as the server reads it: `$1`, `$2` … where the binds stand.
    package var text: String {
        var text = ""
        text.reserveCapacity(template.utf8.count + binds.count * 2)
        var number = 0
        for piece in template.unicodeScalars {
            guard piece.value == 0 else {
                text.unicodeScalars.append(piece)
                continue
            }
            number += 1
            text += "$\(number)"
        }
        return text
    }
}

extension SQL: ExpressibleByStringInterpolation {
    package init(stringLiteral literal: StaticString) {
        self.init(capacity: literal.utf8CodeUnitCount, binds: 0)
        template.append(literal.description)
    }

    package init(stringInterpolation: Interpolation) {
        self = stringInterpolation.sql
    }

    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var sql: SQL

        package init(literalCapacity: Int, interpolationCount: Int) {
            sql = SQL(capacity: literalCapacity + interpolationCount, binds: interpolationCount)
        }

        package mutating func appendLiteral(_ literal: StaticString) {
            sql.template.append(literal.description)
        }

        /// A value: becomes a bind.
        package mutating func appendInterpolation(_ value: some SQLValue) {
            sql.append(value)
        }

        /// A value that may be NULL: becomes a bind.
        package mutating func appendInterpolation<Value: SQLValue>(_ value: Value?) {
            sql.append(value)
        }

        /// A piece of another statement, with its binds.
        package mutating func appendInterpolation(_ fragment: SQL) {
            sql.append(fragment)
        }

        /// Text as it is. The caller answers for it: it must not come from outside the program.
        package mutating func appendInterpolation(unsafe text: String) {
            precondition(!text.utf8.contains(0), "a NUL would stand for a bind")
            sql.template.append(text)
        }
    }
}

extension SQL: CustomStringConvertible {
    /// The text alone: values may be secret.
    package var description: String { text }
}
