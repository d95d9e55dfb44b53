/// Why octets are not an answer that this client takes.
package enum ResponseRefusal: Error, Sendable, Equatable {
    /// Not `HTTP-version SP 3DIGIT SP [ reason ]` (RFC 9112 §4).
    case statusLine
    case version
    /// 101, though nothing but HTTP/1.1 was asked for.
    case switchingProtocols
    /// More announcements of the 1xx kind than `interimMax`.
    case tooManyInterim
    /// The connection ended before the answer was whole.
    case truncated
    /// A rule that requests and responses share: of lines, fields, lengths and chunks.
    case rule(RequestRefusal)
}

/// Octets to the answer to one request, as a machine without clock or socket. It gives the same
/// answer whole, octet by octet and cut anywhere, and it is as strict as the parser of requests:
/// what two readers could read as two answers is none.
package struct ResponseParser: Sendable {
    /// The most of each thing that a server may make grow.
    package struct Limits: Sendable {
        /// Octets of status line and fields.
        package var headMax = 16 * 1024
        package var fieldsMax = 100
        /// Octets of a body, however it is framed.
        package var bodyMax = 64 * 1024
        /// Answers of 1xx before the answer itself (RFC 9110 §15.2).
        package var interimMax = 4

        package init() {}
    }

    package enum Event: Sendable, Equatable {
        /// All octets are consumed and more are needed.
        case needsMore
        /// For good: octets behind it belong to nothing that was asked for.
        case response(HTTPResponse)
        case refused(ResponseRefusal)
    }

    private enum State: Sendable {
        case statusLine
        case fields(StatusLine)
        case body(HTTPResponse, remaining: Int)
        case chunks(HTTPResponse, ChunkedBody)
        case untilClose(HTTPResponse)
        case done(Event)
    }

    private let method: HTTPMethod
    private let limits: Limits
    private var state = State.statusLine
    private var lines = HeadLines()
    private var body: [UInt8] = []
    private var interimCount = 0

    /// `method`: of the request; an answer to HEAD has no body.
    package init(to method: HTTPMethod, _ limits: Limits = Limits()) {
        self.method = method
        self.limits = limits
    }

    /// Takes octets up to the next event and says how many it took. After `.needsMore` that is all
    /// of them; once there is another event it is given again and nothing is taken.
    package mutating func take(_ bytes: UnsafeRawBufferPointer) -> (consumed: Int, event: Event) {
        var consumed = 0
        while consumed < bytes.count {
            if case .done(let event) = state { return (consumed, event) }
            let rest = UnsafeRawBufferPointer(rebasing: bytes[consumed...])
            do throws(RequestRefusal) {
                consumed += try step(rest)
            } catch {
                finish(.refused(.rule(error)))
            }
        }
        guard case .done(let event) = state else { return (consumed, .needsMore) }
        return (consumed, event)
    }

    /// What it comes to when the connection has ended in order and nothing follows.
    package mutating func inputEnded() -> Event {
        switch state {
        case .untilClose(let response): complete(response)
        case .statusLine, .fields, .body, .chunks: finish(.refused(.truncated))
        case .done: break
        }
        guard case .done(let event) = state else { return .refused(.truncated) }
        return event
    }

    private mutating func step(_ bytes: UnsafeRawBufferPointer) throws(RequestRefusal) -> Int {
        switch state {
        case .statusLine: return try takeStatusLine(bytes)
        case .fields(let line): return try takeField(bytes, line)
        case .body(let response, let remaining):
            let part = bytes.prefix(remaining)
            body.append(contentsOf: part)
            let left = remaining - part.count
            if left == 0 { complete(response) } else { state = .body(response, remaining: left) }
            return part.count
        case .chunks(let response, var chunks):
            let (count, isComplete) = try chunks.take(bytes, into: &body)
            if isComplete { complete(response) } else { state = .chunks(response, chunks) }
            return count
        case .untilClose:
            guard body.count + bytes.count <= limits.bodyMax else { throw .bodyTooLarge }
            body.append(contentsOf: bytes)
            return bytes.count
        case .done: return 0
        }
    }

    private mutating func takeStatusLine(
        _ bytes: UnsafeRawBufferPointer
    ) throws(RequestRefusal) -> Int {
        // Something that cannot be an answer (a greeting of another protocol) is not gathered.
        if lines.isEmpty, bytes[0] != UInt8(ascii: "H") {
            finish(.refused(.statusLine))
            return 0
        }
        let (count, line) = try lines.takeLine(
            bytes, max: limits.headMax, refusal: .headTooLarge)
        guard let line else { return count }
        do throws(ResponseRefusal) {
            state = .fields(try StatusLine(line))
        } catch {
            finish(.refused(error))
        }
        return count
    }

    private mutating func takeField(
        _ bytes: UnsafeRawBufferPointer, _ line: StatusLine
    ) throws(RequestRefusal) -> Int {
        let (count, isEnd) = try lines.takeField(
            bytes, max: limits.headMax, fieldsMax: limits.fieldsMax)
        if isEnd { try finishHead(line) }
        return count
    }

    private mutating func finishHead(_ line: StatusLine) throws(RequestRefusal) {
        let status = line.status
        let headers = lines.headers
        lines = HeadLines()
        guard status.code >= 200 else { return passInterim(status) }
        let response = HTTPResponse(status, headers: headers)
        let framing = try BodyFraming.declared(by: headers, isOldVersion: line.isOldVersion)
        if method == .head || status.isWithoutBody { return complete(response) }
        switch framing {
        case .some(.none): complete(response)
        case .length(let length):
            guard length <= limits.bodyMax else { throw .bodyTooLarge }
            state = .body(response, remaining: length)
        case .chunked: state = .chunks(response, ChunkedBody(bodyMax: limits.bodyMax))
        case nil: state = .untilClose(response)
        }
    }

    private mutating func passInterim(_ status: HTTPStatus) {
        interimCount += 1
        if status.code == 101 {
            finish(.refused(.switchingProtocols))
        } else if interimCount > limits.interimMax {
            finish(.refused(.tooManyInterim))
        } else {
            state = .statusLine
        }
    }

    private mutating func complete(_ response: HTTPResponse) {
        var whole = response
        whole.body = body
        finish(.response(whole))
    }

    private mutating func finish(_ event: Event) {
        state = .done(event)
        lines = HeadLines()
        body = []
    }
}

/// `HTTP-version SP status-code SP [ reason-phrase ]` (RFC 9112 §4), with exactly single blanks;
/// the reason is not kept.
private struct StatusLine: Sendable {
    let status: HTTPStatus
    let isOldVersion: Bool

    init(_ line: ArraySlice<UInt8>) throws(ResponseRefusal) {
        let bytes = Array(line)
        guard bytes.count >= 13, bytes.starts(with: "HTTP/".utf8),
            let major = ASCII.digit(bytes[5]), bytes[6] == UInt8(ascii: "."),
            let minor = ASCII.digit(bytes[7]), bytes[8] == ASCII.space,
            bytes[12] == ASCII.space, bytes[13...].allSatisfy(FieldLine.isFieldOctet)
        else { throw .statusLine }
        guard major == 1, minor <= 1 else { throw .version }
        isOldVersion = minor == 0
        guard let code = ASCII.number(bytes[9..<12]), (100...599).contains(code) else {
            throw .statusLine
        }
        status = HTTPStatus(code)
    }
}
