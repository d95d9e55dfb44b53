import Wire

/// A request that we send to a server of the outside. Whatever it is made of, it is one request:
/// the target, each name and each value have types that no line end gets into.
package struct OutgoingRequest: Sendable {
    package let method: HTTPMethod
    package let url: HTTPSURL
    /// In the order in which they are sent, behind Host. Length and connection are added.
    package let headers: HTTPHeaders
    package let body: [UInt8]

    package init(
        _ method: HTTPMethod, _ url: HTTPSURL, headers: HTTPHeaders = HTTPHeaders(),
        body: [UInt8] = []
    ) {
        let own: [HeaderName] = ["Host", "Content-Length", "Transfer-Encoding", "Connection"]
        precondition(!own.contains { headers.contains($0) }, "a field that is added by itself")
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// The whole of it, as sent. One exchange a connection, so it asks the server to close; and no
    /// coding, as we could not read it.
    package func write(into output: inout OutputBuffer) {
        var added = HTTPHeaders()
        added.add("Accept-Encoding", "identity")
        if !body.isEmpty || !method.isSafe { added.add("Content-Length", HeaderValue(body.count)) }
        added.add("Connection", "close")
        output.append(utf8: method.rawValue)
        output.append(ASCII.space)
        output.append(utf8: url.target)
        output.append(utf8: " HTTP/1.1\r\nHost: " as StaticString)
        output.append(utf8: url.origin.description)
        output.append(utf8: "\r\n" as StaticString)
        output.append(headers.wire)
        output.append(added.wire)
        output.append(utf8: "\r\n" as StaticString)
        output.append(body)
    }
}

extension OutgoingRequest: CustomStringConvertible, CustomReflectable {
    /// Fields and body may hold secrets.
    package var description: String { "\(method.rawValue) \(url)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
