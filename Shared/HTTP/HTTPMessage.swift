import Reactor

/// The methods this server knows. TRACE and CONNECT are unknown on purpose.
package enum HTTPMethod: String, Sendable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
    case options = "OPTIONS"

    init?(_ token: ArraySlice<UInt8>) {
        guard let it = Self.allCases.first(where: { $0.rawValue.utf8.elementsEqual(token) }) else {
            return nil
        }
        self = it
    }

    /// RFC 9110 §9.2.1: asks for nothing to change.
    package var isSafe: Bool {
        switch self {
        case .get, .head, .options: true
        case .post, .put, .patch, .delete: false
        }
    }
}

/// A whole request: nothing of it is still on the way when a handler sees it.
package struct HTTPRequest: Sendable {
    package let head: RequestHead
    package let body: [UInt8]
    /// The other end of the connection. `Forwarded` and its kin are not believed.
    package let remoteAddress: SocketAddress
    /// True when the connection is encrypted up to this process.
    package let isSecure: Bool
    /// The URI of the client's certificate, where the stream asked for one.
    package let peerIdentity: String?

    package init(
        head: RequestHead, body: [UInt8], remoteAddress: SocketAddress, isSecure: Bool = false,
        peerIdentity: String? = nil
    ) {
        self.head = head
        self.body = body
        self.remoteAddress = remoteAddress
        self.isSecure = isSecure
        self.peerIdentity = peerIdentity
    }

    package var method: HTTPMethod { head.method }
    package var path: String { head.path }
    package var query: String? { head.query }
    package var host: String { head.host }
    package var headers: HTTPHeaders { head.headers }
}

/// An answer. The server adds the length, the date, what keeps the connection, and the security
/// fields that it does not find here.
package struct HTTPResponse: Sendable, Equatable {
    package var status: HTTPStatus
    package var headers: HTTPHeaders
    package var body: [UInt8]

    package init(_ status: HTTPStatus, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package init(_ status: HTTPStatus, type: HeaderValue, body: [UInt8]) {
        self.init(status, body: body)
        headers.add("Content-Type", type)
    }
}

/// A status code with its phrase.
package struct HTTPStatus: Sendable, Hashable {
    /// 100 to 599.
    package let code: Int

    package init(_ code: Int) {
        precondition((100...599).contains(code), "not a status code: \(code)")
        self.code = code
    }

    package static var ok: Self { Self(200) }
    package static var noContent: Self { Self(204) }
    package static var badRequest: Self { Self(400) }
    package static var notFound: Self { Self(404) }
    package static var methodNotAllowed: Self { Self(405) }
    package static var requestTimeout: Self { Self(408) }
    package static var contentTooLarge: Self { Self(413) }
    package static var targetTooLong: Self { Self(414) }
    package static var unsupportedMediaType: Self { Self(415) }
    package static var expectationFailed: Self { Self(417) }
    package static var headTooLarge: Self { Self(431) }
    package static var notImplemented: Self { Self(501) }
    package static var serviceUnavailable: Self { Self(503) }
    package static var versionNotSupported: Self { Self(505) }

    /// RFC 9110 §15.6.4 and §9.3.2: no body follows, whatever the fields say.
    var isWithoutBody: Bool { code < 200 || code == 204 || code == 304 }

    /// RFC 9110 §15; for reading by people only.
    var phrase: StaticString {
        switch code {
        case 200: "OK"
        case 204: "No Content"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 499: "Client Closed Request"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: "Status"
        }
    }
}
