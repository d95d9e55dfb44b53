/// The chunked coding (RFC 9112 §7.1) as a machine: sizes, extensions and trailers are checked and
/// dropped, only the data is kept.
struct ChunkedBody: Sendable {
    /// Octets of a size line with its extensions.
    static var lineMax: Int { 256 }
    /// Octets of all trailer fields.
    static var trailerMax: Int { 4 * 1024 }
    /// Octets that are not data, over all chunks: a client that sends its body in single octets
    /// makes us work sixfold for each.
    static var overheadMax: Int { 32 * 1024 }

    private enum State: Sendable {
        case size
        case data(remaining: Int)
        /// The line end behind the data; true after its carriage return.
        case dataEnd(Bool)
        case trailer
    }

    private let bodyMax: Int
    private var state = State.size
    private var line: [UInt8] = []
    private var overhead = 0
    private var trailerCount = 0

    init(bodyMax: Int) {
        self.bodyMax = bodyMax
    }

    /// Appends the data to `body`. Says how many octets it took and whether the body is complete.
    mutating func take(
        _ bytes: UnsafeRawBufferPointer, into body: inout [UInt8]
    ) throws(RequestRefusal) -> (consumed: Int, isComplete: Bool) {
        var consumed = 0
        while consumed < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[consumed...])
            switch state {
            case .size:
                consumed += try takeSize(rest, bodyCount: body.count)
            case .data(let remaining):
                let part = rest.prefix(remaining)
                body.append(contentsOf: part)
                consumed += part.count
                let left = remaining - part.count
                state = left == 0 ? .dataEnd(false) : .data(remaining: left)
            case .dataEnd(let hasReturn):
                guard rest[0] == (hasReturn ? ASCII.lineFeed : ASCII.carriageReturn) else {
                    throw .chunkEnd
                }
                consumed += 1
                state = hasReturn ? .size : .dataEnd(true)
            case .trailer:
                let (count, isComplete) = try takeTrailer(rest)
                consumed += count
                if isComplete { return (consumed, true) }
            }
        }
        return (consumed, false)
    }

    private mutating func takeSize(
        _ bytes: UnsafeRawBufferPointer, bodyCount: Int
    ) throws(RequestRefusal) -> Int {
        let (count, complete) = try takeLine(
            bytes, max: Self.lineMax, refusal: .chunkExtensionTooLong)
        guard let complete else { return count }
        overhead += complete.count + 4
        guard overhead <= Self.overheadMax else { throw .chunkOverhead }
        let size = try Self.size(complete, bodyMax: bodyMax - bodyCount)
        state = size == 0 ? .trailer : .data(remaining: size)
        return count
    }

    private mutating func takeTrailer(
        _ bytes: UnsafeRawBufferPointer
    ) throws(RequestRefusal) -> (Int, Bool) {
        let (count, complete) = try takeLine(
            bytes, max: Self.trailerMax - trailerCount, refusal: .trailerTooLarge)
        guard let complete else { return (count, false) }
        trailerCount += complete.count + 2
        guard !complete.isEmpty else { return (count, true) }
        let field = complete[...]
        let place = try FieldLine.parse(field, isFirst: false)
        let name = field[Int(place.nameStart)..<Int(place.nameEnd)]
        guard !Self.isForbidden(name) else { throw .trailer }
        return (count, false)
    }

    /// Like the head's lines: gathers until the line end, within `max` octets.
    private mutating func takeLine(
        _ bytes: UnsafeRawBufferPointer, max: Int, refusal: RequestRefusal
    ) throws(RequestRefusal) -> (Int, [UInt8]?) {
        let window = UnsafeRawBufferPointer(rebasing: bytes.prefix(max - line.count))
        guard let end = window.firstIndex(of: ASCII.lineFeed) else {
            line.append(contentsOf: window)
            guard line.count < max else { throw refusal }
            return (window.count, nil)
        }
        line.append(contentsOf: window[..<end])
        guard line.popLast() == ASCII.carriageReturn else { throw .bareLineFeed }
        let complete = line
        line.removeAll(keepingCapacity: true)
        return (end + 1, complete)
    }

    /// `1*HEXDIG [ chunk-ext ]`, no blank anywhere: readers that skip blanks differently see
    /// different bodies.
    private static func size(_ line: [UInt8], bodyMax: Int) throws(RequestRefusal) -> Int {
        let digits = line.prefix { ASCII.hexDigit($0) != nil }
        guard !digits.isEmpty else { throw .chunkSize }
        var size = 0
        for digit in digits {
            guard size <= Int.max >> 4 else { throw .chunkSize }
            size = size << 4 | Int(ASCII.hexDigit(digit) ?? 0)
        }
        let rest = line[digits.endIndex...]
        if let next = rest.first {
            guard next == ASCII.semicolon else { throw .chunkSize }
            try checkExtensions(rest)
        }
        guard size <= bodyMax else { throw .bodyTooLarge }
        return size
    }

    /// `*( ";" token [ "=" ( token / quoted-string ) ] )`; what they say is ignored.
    private static func checkExtensions(_ bytes: ArraySlice<UInt8>) throws(RequestRefusal) {
        var rest = bytes
        func takeToken() throws(RequestRefusal) {
            let token = rest.prefix(while: ByteSet.token.contains)
            guard !token.isEmpty else { throw .chunkExtension }
            rest = rest[token.endIndex...]
        }
        while !rest.isEmpty {
            guard rest.removeFirst() == ASCII.semicolon else { throw .chunkExtension }
            try takeToken()
            guard rest.first == ASCII.equals else { continue }
            rest.removeFirst()
            guard rest.first == ASCII.quote else {
                try takeToken()
                continue
            }
            rest = try afterQuoted(rest.dropFirst())
        }
    }

    private static func afterQuoted(
        _ bytes: ArraySlice<UInt8>
    ) throws(RequestRefusal) -> ArraySlice<UInt8> {
        var rest = bytes
        while let byte = rest.popFirst() {
            if byte == ASCII.quote { return rest }
            let text = byte == ASCII.backslash ? rest.popFirst() : byte
            guard let text, text >= 0x20 && text != 0x7f || text == ASCII.tab else {
                throw .chunkExtension
            }
        }
        throw .chunkExtension
    }

    /// RFC 9110 §6.5.1: what frames, routes or authenticates never comes after the body.
    private static func isForbidden(_ name: ArraySlice<UInt8>) -> Bool {
        let forbidden = [
            "transfer-encoding", "content-length", "host", "content-encoding", "content-type",
            "content-range", "trailer", "authorization", "cookie", "connection", "expect", "te",
            "origin", "upgrade",
        ]
        return forbidden.contains { ASCII.equalIgnoringCase(name, $0.utf8) }
    }
}
