import Wire

/// The lines of a head on their way in, request's or response's: each ends with carriage return
/// and line feed, and all of them together have a limit. Every decision falls at the end of a line
/// or at the limit, never at the end of what happened to arrive.
struct HeadLines: Sendable {
    /// The octets of all lines so far, ends included.
    private var octets: [UInt8] = []
    private var lineStart = 0
    private var places: [HTTPHeaders.Place] = []

    var isEmpty: Bool { octets.isEmpty }

    /// The fields taken so far.
    var headers: HTTPHeaders { HTTPHeaders(wire: octets, places: places) }

    /// Takes up to the line's end and gives the line without it, or nil when the end is not here
    /// yet. `max` bounds the whole head up to that end.
    mutating func takeLine(
        _ bytes: UnsafeRawBufferPointer, max: Int, refusal: RequestRefusal
    ) throws(RequestRefusal) -> (Int, ArraySlice<UInt8>?) {
        let window = UnsafeRawBufferPointer(rebasing: bytes.prefix(max - octets.count))
        guard let end = window.firstIndex(of: ASCII.lineFeed) else {
            octets.append(contentsOf: window)
            guard octets.count < max else { throw refusal }
            return (window.count, nil)
        }
        octets.append(contentsOf: window[...end])
        let lineEnd = octets.count - 2
        guard lineEnd >= lineStart, octets[lineEnd] == ASCII.carriageReturn else {
            throw .bareLineFeed
        }
        let line = octets[lineStart..<lineEnd]
        lineStart = octets.count
        return (end + 1, line)
    }

    /// Takes one line of fields; `isEnd` once it was the empty one behind the last.
    mutating func takeField(
        _ bytes: UnsafeRawBufferPointer, max: Int, fieldsMax: Int
    ) throws(RequestRefusal) -> (consumed: Int, isEnd: Bool) {
        let (count, field) = try takeLine(bytes, max: max, refusal: .headTooLarge)
        guard let field else { return (count, false) }
        guard !field.isEmpty else { return (count, true) }
        guard places.count < fieldsMax else { throw .tooManyFields }
        let isFirst = places.isEmpty
        places.append(try FieldLine.parse(field, isFirst: isFirst))
        return (count, false)
    }
}

/// `field-name ":" OWS field-value OWS` (RFC 9112 §5).
enum FieldLine {
    /// The places of name and value in the array of which `line` is a part.
    static func parse(
        _ line: ArraySlice<UInt8>, isFirst: Bool
    ) throws(RequestRefusal) -> HTTPHeaders.Place {
        if let first = line.first, ASCII.isBlank(first) {
            throw isFirst ? .leadingBlank : .folded
        }
        guard !line.contains(ASCII.carriageReturn) else { throw .bareCarriageReturn }
        guard let colon = line.firstIndex(of: ASCII.colon) else { throw .fieldName }
        let name = line[..<colon]
        guard let last = name.last else { throw .fieldName }
        guard !ASCII.isBlank(last) else { throw .blankBeforeColon }
        guard ByteSet.token.containsAll(name) else { throw .fieldName }
        let value = ASCII.trimmed(line[(colon + 1)...])
        guard value.allSatisfy(isFieldOctet) else { throw .fieldValue }
        return HTTPHeaders.Place(
            nameStart: Int32(name.startIndex), nameEnd: Int32(name.endIndex),
            valueStart: Int32(value.startIndex), valueEnd: Int32(value.endIndex))
    }

    /// `field-vchar`, blank and tab (RFC 9110 §5.5): no control, so no NUL and no line end.
    static func isFieldOctet(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7f || byte == ASCII.tab
    }
}
