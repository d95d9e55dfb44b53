import Wire

/// The unary form of the Connect protocol over HTTP/1.1: `POST /package.Service/Method`, the
/// message as the body in JSON or binary, refusals as JSON with a status. Generated Connect clients
/// of any language speak it, with compression switched off.
package enum Connect {
    /// Longest timeout text (Connect protocol, `Connect-Timeout-Ms`).
    package static let timeoutDigitsMax = 10

    package enum Coding: Sendable, Equatable, CaseIterable {
        case json
        case binary

        package var contentType: HeaderValue {
            switch self {
            case .json: "application/json"
            case .binary: "application/proto"
            }
        }
    }

    /// A request that has the form of a call; whether there is such a method is not said.
    package struct Call: Sendable, Equatable {
        /// With its package, for example `dubbelslot.v1.SignInService`.
        package let service: String
        package let method: String
        package let coding: Coding
        /// How long the caller waits.
        package let timeout: Duration?
    }

    /// Everything that is asked of a call before its body is decoded, in the order in which the
    /// protocol wants it refused.
    package static func call(of request: HTTPRequest) throws(ConnectRefusal) -> Call {
        guard request.method == .post else { throw .method }
        guard let (service, method) = path(request.path), request.query == nil else {
            throw .path
        }
        let coding = try coding(of: request)
        try checkCompression(of: request)
        try checkVersion(of: request)
        let timeout = try timeout(of: request)
        return Call(service: service, method: method, coding: coding, timeout: timeout)
    }

    /// `/package.Service/Method`; nil when it is not of that form. Without escapes: names need
    /// none.
    package static func path(_ path: String) -> (service: String, method: String)? {
        let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].isEmpty else { return nil }
        let labels = parts[1].split(
            separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (labels + [parts[2]]).allSatisfy({ !$0.isEmpty && $0.allSatisfy(isNameOctet) }),
            let service = String(parts[1]), let method = String(parts[2])
        else { return nil }
        return (service, method)
    }

    private static func isNameOctet(_ byte: UInt8) -> Bool {
        ASCII.digit(byte) != nil || byte == UInt8(ascii: "_")
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    /// `application/json`, with or without `charset=utf-8`, or `application/proto`. No form type
    /// among them: a foreign page cannot send these without asking first (CORS preflight).
    package static func coding(of request: HTTPRequest) throws(ConnectRefusal) -> Coding {
        guard let type = request.headers.first("Content-Type") else { throw .contentType }
        let parts = type.split(separator: ASCII.semicolon, omittingEmptySubsequences: false)
            .map(ASCII.trimmed)
        let name = parts[0]
        if ASCII.equalIgnoringCase(name, "application/proto".utf8), parts.count == 1 {
            return .binary
        }
        guard ASCII.equalIgnoringCase(name, "application/json".utf8) else { throw .contentType }
        guard parts.count > 1 else { return .json }
        let charsets = ["charset=utf-8", "charset=\"utf-8\""]
        guard parts.count == 2,
            charsets.contains(where: { ASCII.equalIgnoringCase(parts[1], $0.utf8) })
        else { throw .contentType }
        return .json
    }

    private static func checkCompression(of request: HTTPRequest) throws(ConnectRefusal) {
        guard let coding = request.headers.first("Content-Encoding") else { return }
        guard ASCII.equalIgnoringCase(coding, "identity".utf8) else { throw .compression }
    }

    private static func checkVersion(of request: HTTPRequest) throws(ConnectRefusal) {
        guard let version = request.headers.first("Connect-Protocol-Version") else { return }
        guard version.elementsEqual("1".utf8) else { throw .version }
    }

    /// `Connect-Timeout-Ms`: a positive number of at most ten digits.
    package static func timeout(of request: HTTPRequest) throws(ConnectRefusal) -> Duration? {
        guard let digits = request.headers.first("Connect-Timeout-Ms") else { return nil }
        guard digits.count <= timeoutDigitsMax, let milliseconds = ASCII.number(digits),
            milliseconds > 0
        else { throw .timeout }
        return .milliseconds(milliseconds)
    }
}

extension Connect {
    package static func response(_ body: [UInt8], _ coding: Coding) -> HTTPResponse {
        HTTPResponse(.ok, type: coding.contentType, body: body)
    }

    /// A refusal as Connect's error, with its word in `Dubbelslot-Reason` and in `details`. Always
    /// JSON, whatever the coding of the call. Nothing of `fault.detail` is in it.
    package static func response(_ fault: Fault) -> HTTPResponse {
        response(fault, status: HTTPStatus(fault.reason.httpStatus))
    }

    package static func response(_ refusal: ConnectRefusal) -> HTTPResponse {
        var response = response(refusal.fault, status: refusal.status)
        switch refusal {
        case .method: response.headers.add("Allow", "POST")
        case .contentType:
            response.headers.add("Accept-Post", "application/json, application/proto")
        case .compression: response.headers.add("Accept-Encoding", "identity")
        case .path, .version, .timeout, .crossSite: break
        }
        return response
    }

    /// `status` where HTTP has a closer one than Connect's table.
    static func response(_ fault: Fault, status: HTTPStatus) -> HTTPResponse {
        var response = HTTPResponse(
            status, type: Coding.json.contentType, body: body(fault).serialized())
        response.headers.add("Dubbelslot-Reason", HeaderValue(encoding: fault.reason.rawValue))
        if let seconds = fault.retryAfterSeconds {
            response.headers.add("Retry-After", HeaderValue(seconds))
        }
        if status.code == 401 {
            // RFC 9110 §15.5.2 wants a scheme; this one opens no dialogue in a browser.
            response.headers.add("WWW-Authenticate", "Bearer")
        }
        return response
    }

    /// Connect protocol, "Error End-of-Stream": `value` is the message in base64 without padding,
    /// `debug` the same readable.
    private static func body(_ fault: Fault) -> JSON {
        let detail = FaultMessage(fault)
        let value = Base64.encode(detail.encoded()).prefix { $0 != "=" }
        var debug = [JSON.Member("reason", .string(fault.reason.rawValue))]
        if let seconds = fault.retryAfterSeconds {
            debug.append(JSON.Member("retryAfterSeconds", .number(String(seconds))))
        }
        if let tries = fault.attemptsLeft {
            debug.append(JSON.Member("attemptsLeft", .number(String(tries))))
        }
        let details = JSON.object([
            JSON.Member("type", .string("dubbelslot.v1.\(FaultMessage.name)")),
            JSON.Member("value", .string(String(value))),
            JSON.Member("debug", .object(debug)),
        ])
        return .object([
            JSON.Member("code", .string(fault.reason.code.rawValue)),
            JSON.Member("message", .string(fault.reason.sentence)),
            JSON.Member("details", .array([details])),
        ])
    }
}

/// What a request must be to be a call at all, where HTTP has an answer of its own.
package enum ConnectRefusal: String, Error, Sendable, CaseIterable {
    case method = "method is not POST"
    case path = "path is not /service/method"
    case contentType = "content type"
    case compression = "content encoding"
    case version = "connect protocol version"
    case timeout = "connect timeout"
    case crossSite = "cross-site request"

    package var status: HTTPStatus {
        switch self {
        case .method: .methodNotAllowed
        case .contentType: .unsupportedMediaType
        case .path, .compression, .version, .timeout, .crossSite:
            HTTPStatus(fault.reason.httpStatus)
        }
    }

    package var fault: Fault {
        switch self {
        case .method, .path: Fault(.methodUnknown, detail: rawValue)
        case .contentType, .version, .timeout: Fault(.malformed, detail: rawValue)
        case .compression: Fault(.compressionUnsupported, detail: rawValue)
        case .crossSite: Fault(.crossSite, detail: rawValue)
        }
    }
}
