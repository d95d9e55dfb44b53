import Foundation

/// A browser's plainest stand-in: one keep-alive connection, a cookie jar, JSON posts. It
/// blocks, and `send` and `receive` are apart, so that one thread can have many requests of
/// many clients under way at once. Not Sendable: one test drives it.
package final class HTTPTestClient {
    package struct Failed: Error, CustomStringConvertible {
        package let description: String
    }

    package struct Answer {
        package let status: Int
        /// Names in lower case, in the order of arrival.
        package let headers: [(name: String, value: String)]
        package let body: [UInt8]

        package var text: String { String(decoding: body, as: UTF8.self) }
        package var reason: String? { header("dubbelslot-reason") }

        package func header(_ name: String) -> String? {
            headers.first { $0.name == name.lowercased() }?.value
        }

        /// The JSON value at a path of member names, for example `("signedIn", "session")`;
        /// nil when there is none or the body is not JSON.
        package func value(_ path: String...) -> Any? { find(path) }

        package func string(_ path: String...) -> String? { find(path) as? String }

        private func find(_ path: [String]) -> Any? {
            do {
                let json = try JSONSerialization.jsonObject(with: Data(body))
                return path.reduce(json) { inner, name in (inner as? [String: Any])?[name] }
            } catch {
                return nil
            }
        }
    }

    package let port: UInt16
    /// What the jar holds, by cookie name.
    package var cookies: [String: String] = [:]
    /// Sent with every request, for example `["Authorization": "Bearer …"]`.
    package var headers: [String: String] = [:]
    private let seconds: Int
    private var descriptor: Int32 = -1
    private var unread: [UInt8] = []

    /// A client of 127.0.0.1; no request may take longer than `seconds` without a byte.
    package init(port: UInt16, seconds: Int = 30) {
        self.port = port
        self.seconds = seconds
    }

    deinit { disconnect() }

    /// Calls a Connect method: `post("SignInService/Start", #"{"identifier":"ada"}"#)`.
    package func call(_ method: String, _ json: String = "{}") throws -> Answer {
        try post("/dubbelslot.v1." + method, json)
    }

    package func post(_ path: String, _ json: String) throws -> Answer {
        try send("POST", path, Array(json.utf8))
        return try receive()
    }

    package func get(_ path: String) throws -> Answer {
        try send("GET", path, nil)
        return try receive()
    }

    /// Writes one request without waiting for its answer.
    package func send(
        _ verb: String, _ path: String, _ body: [UInt8]?, _ extra: [String: String] = [:]
    ) throws {
        var head = "\(verb) \(path) HTTP/1.1\r\n"
        var fields = ["Host": "localhost:\(port)"].merging(headers) { _, later in later }
            .merging(extra) { _, later in later }
        if let body {
            fields["Content-Length"] = String(body.count)
            if fields["Content-Type"] == nil { fields["Content-Type"] = "application/json" }
        }
        if !cookies.isEmpty {
            fields["Cookie"] = cookies.sorted { $0.key < $1.key }
                .map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
        }
        for (name, value) in fields { head += "\(name): \(value)\r\n" }
        try sendRaw(Array((head + "\r\n").utf8) + (body ?? []))
    }

    /// Writes bytes as they are, for requests that no decent client makes.
    package func sendRaw(_ bytes: [UInt8]) throws {
        if descriptor < 0 { try connect() }
        var sent = 0
        while sent < bytes.count {
            let written = bytes.withUnsafeBytes { all in
                Glibc.send(
                    descriptor, all.baseAddress! + sent, all.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            guard written > 0 else { throw failure("send") }
            sent += written
        }
    }

    /// Reads the next answer and takes its cookies into the jar.
    package func receive() throws -> Answer {
        let head = try readHead()
        let lines = head.components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0] == "HTTP/1.1", let status = Int(words[1]) else {
            throw Failed(description: "not an HTTP/1.1 status line: \(lines[0])")
        }
        let fields = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            return (line[..<colon].lowercased(), value)
        }
        let declared = fields.first { $0.name == "content-length" }.flatMap { Int($0.value) }
        let body = try readBody(count: declared ?? 0)
        for field in fields where field.name == "set-cookie" { keep(field.value) }
        if fields.contains(where: { $0.name == "connection" && $0.value == "close" }) {
            disconnect()
        }
        return Answer(status: status, headers: fields, body: body)
    }

    package func disconnect() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        unread = []
    }

    private func keep(_ setCookie: String) {
        let parts = setCookie.components(separatedBy: "; ")
        let pair = parts[0].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard pair.count == 2 else { return }
        let gone = pair[1].isEmpty || parts.contains("Max-Age=0")
        cookies[String(pair[0])] = gone ? nil : String(pair[1])
    }

    private func connect() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        var address = FreePort.loopback(port: port)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw failure("connect") }
    }

    private func readHead() throws -> String {
        let end: [UInt8] = Array("\r\n\r\n".utf8)
        var searched = 0
        while true {
            if unread.count >= end.count {
                for start in searched...(unread.count - end.count)
                where unread[start..<start + end.count].elementsEqual(end) {
                    let head = String(decoding: unread[..<start], as: UTF8.self)
                    unread.removeFirst(start + end.count)
                    return head
                }
                searched = unread.count - end.count + 1
            }
            try readMore()
        }
    }

    private func readBody(count: Int) throws -> [UInt8] {
        while unread.count < count { try readMore() }
        let body = Array(unread[..<count])
        unread.removeFirst(count)
        return body
    }

    private func readMore() throws {
        var chunk = [UInt8](repeating: 0, count: 16_384)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        guard count > 0 else {
            throw count == 0
                ? Failed(description: "the server closed the connection") : failure("recv")
        }
        unread += chunk[..<count]
    }

    private func failure(_ call: String) -> Failed {
        let text = "\(call) to port \(port): \(String(cString: strerror(errno)))"
        disconnect()
        return Failed(description: text)
    }
}
