/// Octets to requests, as a machine without clock or socket. It keeps what it has seen, so a
/// request gives the same events whole, octet by octet and cut anywhere: every decision falls at
/// the end of a line or at a limit, never at the end of what happened to arrive.
package struct RequestParser: Sendable {
    /// The most of each thing that a client may make grow.
    package struct Limits: Sendable {
        /// Octets of request line and fields.
        package var headMax = 16 * 1024
        package var fieldsMax = 100
        /// Octets of the target.
        package var targetMax = 8 * 1024
        /// Octets of a body, however it is framed.
        package var bodyMax = 64 * 1024

        package init() {}

        /// A line with a longer method than any we know, or a longer target, is not read further.
        var lineMax: Int { min(headMax, targetMax + 64) }
    }

    package enum Event: Sendable, Equatable {
        /// All octets are consumed and more are needed.
        case needsMore
        /// The client waits for `100 Continue`; once, before the body.
        case expectsContinue
        case request(RequestHead, body: [UInt8])
        /// For good: nothing more of this connection is read.
        case refused(RequestRefusal)
    }

    private enum State: Sendable {
        case between
        /// After one carriage return where a request line should begin.
        case strayLineEnd
        case requestLine
        case fields(RequestLine)
        case body(RequestHead, remaining: Int)
        case chunks(RequestHead, ChunkedBody)
        case refused(RequestRefusal)
    }

    private let limits: Limits
    private var state = State.between
    private var lines = HeadLines()
    private var body: [UInt8] = []

    package init(_ limits: Limits = Limits()) {
        self.limits = limits
    }

    /// True while no octet of the next request has come.
    package var isBetweenRequests: Bool {
        if case .between = state { true } else { false }
    }

    /// True while a head is accepted and its body is on the way.
    package var isInBody: Bool {
        switch state {
        case .body, .chunks: true
        case .between, .strayLineEnd, .requestLine, .fields, .refused: false
        }
    }

    /// Takes octets up to the next event and says how many it took. After `.needsMore` that is all
    /// of them; after another event the rest is to be given again.
    package mutating func take(_ bytes: UnsafeRawBufferPointer) -> (consumed: Int, event: Event) {
        var consumed = 0
        do throws(RequestRefusal) {
            while consumed < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[consumed...])
                let (count, event) = try step(rest)
                consumed += count
                if let event { return (consumed, event) }
            }
            return (consumed, .needsMore)
        } catch {
            state = .refused(error)
            release()
            return (consumed, .refused(error))
        }
    }

    private mutating func step(
        _ bytes: UnsafeRawBufferPointer
    ) throws(RequestRefusal) -> (Int, Event?) {
        switch state {
        case .between:
            guard bytes[0] == ASCII.carriageReturn else {
                state = .requestLine
                return (0, nil)
            }
            state = .strayLineEnd
            return (1, nil)
        case .strayLineEnd:
            guard bytes[0] == ASCII.lineFeed else { throw .bareCarriageReturn }
            state = .requestLine
            return (1, nil)
        case .requestLine: return (try takeRequestLine(bytes), nil)
        case .fields(let line): return try takeField(bytes, line)
        case .body(let head, let remaining): return takeBody(bytes, head, remaining)
        case .chunks(let head, let chunks): return try takeChunks(bytes, head, chunks)
        case .refused(let refusal): throw refusal
        }
    }

    private mutating func takeRequestLine(
        _ bytes: UnsafeRawBufferPointer
    ) throws(RequestRefusal) -> Int {
        // Something that cannot be a method (a TLS hello, say) is refused at its first octet.
        if lines.isEmpty, !ByteSet.token.contains(bytes[0]) {
            throw bytes[0] == ASCII.lineFeed ? .bareLineFeed : .requestLine
        }
        let (count, line) = try lines.takeLine(
            bytes, max: limits.lineMax, refusal: .targetTooLong)
        guard let line else { return count }
        guard !line.contains(ASCII.carriageReturn) else { throw .bareCarriageReturn }
        state = .fields(try RequestLine(line, targetMax: limits.targetMax))
        return count
    }

    private mutating func takeField(
        _ bytes: UnsafeRawBufferPointer, _ line: RequestLine
    ) throws(RequestRefusal) -> (Int, Event?) {
        let (count, isEnd) = try lines.takeField(
            bytes, max: limits.headMax, fieldsMax: limits.fieldsMax)
        return (count, isEnd ? try finishHead(line) : nil)
    }

    private mutating func finishHead(_ line: RequestLine) throws(RequestRefusal) -> Event? {
        let requestHead = try RequestHead(line, lines.headers, bodyMax: limits.bodyMax)
        switch requestHead.framing {
        case .none: return complete(requestHead)
        case .length(let length): state = .body(requestHead, remaining: length)
        case .chunked: state = .chunks(requestHead, ChunkedBody(bodyMax: limits.bodyMax))
        }
        return requestHead.expectsContinue ? .expectsContinue : nil
    }

    private mutating func takeBody(
        _ bytes: UnsafeRawBufferPointer, _ head: RequestHead, _ remaining: Int
    ) -> (Int, Event?) {
        let part = bytes.prefix(remaining)
        body.append(contentsOf: part)
        guard part.count == remaining else {
            state = .body(head, remaining: remaining - part.count)
            return (part.count, nil)
        }
        return (part.count, complete(head))
    }

    private mutating func takeChunks(
        _ bytes: UnsafeRawBufferPointer, _ head: RequestHead, _ chunks: ChunkedBody
    ) throws(RequestRefusal) -> (Int, Event?) {
        var chunks = chunks
        let (count, isComplete) = try chunks.take(bytes, into: &body)
        guard isComplete else {
            state = .chunks(head, chunks)
            return (count, nil)
        }
        return (count, complete(head))
    }

    private mutating func complete(_ head: RequestHead) -> Event {
        let event = Event.request(head, body: body)
        state = .between
        release()
        return event
    }

    /// An idle connection keeps nothing of its last request.
    private mutating func release() {
        lines = HeadLines()
        body = []
    }
}
