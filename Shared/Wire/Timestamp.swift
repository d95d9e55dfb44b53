/// A moment in microseconds since 1970-01-01T00:00:00Z, leap seconds ignored as in POSIX.
/// On the wire `google.protobuf.Timestamp`; in JSON RFC 3339 in UTC.
package struct Timestamp: Sendable, Hashable, Comparable {
    package let microseconds: Int64

    @inlinable package init(microseconds: Int64) { self.microseconds = microseconds }
    @inlinable package init(seconds: Int64) { microseconds = seconds * 1_000_000 }

    /// Whole seconds, rounded down.
    package var seconds: Int64 {
        microseconds >= 0 ? microseconds / 1_000_000 : (microseconds - 999_999) / 1_000_000
    }

    @inlinable
    package static func < (left: Self, right: Self) -> Bool {
        left.microseconds < right.microseconds
    }
}

extension Timestamp: Primitive {
    package static var form: PrimitiveForm { .timestamp }
    package static var zero: Timestamp { Timestamp(microseconds: 0) }
    package static var sample: Timestamp { Timestamp(seconds: 1_700_000_000) }
}
