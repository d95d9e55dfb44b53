/// Why bytes or text are not a message. Closed; each case says who is to blame: the sender.
@usableFromInline package enum WireFault: Error, Equatable, Sendable {
    case truncated
    case trailingBytes
    case malformedNumber
    case wireType(field: String)
    case duplicate(field: String)
    case missing(field: String)
    /// Longer, or more elements, than the declaration allows.
    case tooLong(field: String)
    /// Not a value of the field's type: out of range, an unknown word or number, a broken
    /// identifier.
    case value(field: String)
    case notUTF8(field: String)
    case nestedTooDeep
    /// JSON that RFC 8259 does not allow, at this byte.
    case json(at: Int)
}
