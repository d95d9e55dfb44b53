import HTTP
import Reactor
import Wire

/// URLs and names of servers: the request to whatever is taken is one request to just that host
/// and target, with nothing before, within or behind it; and a name means one thing to OpenSSL.
func fuzz(_ input: UnsafeRawBufferPointer) {
    guard let text = String(validating: input, as: UTF8.self) else { return }
    if let name = ServerName(text) {
        must(name.text.utf8.elementsEqual(text.utf8), "a second text for \(name)")
        must(!text.isEmpty && !text.hasPrefix(".") && !text.hasSuffix("."), "a name with a dot")
        must(text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x2a }, "a strange name")
    }
    for url in [HTTPSURL(text), HTTPSURL(host: text), HTTPSURL(host: "a", target: text)] {
        if let url { check(url) }
    }
}

private func check(_ url: HTTPSURL) {
    must(url.origin.port > 0, "a port of none")
    let request = OutgoingRequest(.post, url, body: Array("body".utf8))
    var output = OutputBuffer()
    request.write(into: &output)
    var limits = RequestParser.Limits()
    limits.targetMax = HTTPSURL.bytesMax
    var parser = RequestParser(limits)
    let (consumed, event) = output.withBytes { parser.take($0) }
    guard case .request(let head, let body) = event else {
        return must(false, "\(event) of \(url)")
    }
    must(consumed == output.count, "octets behind the request")
    must(head.host == url.origin.description, "\(head.host) is another host")
    must(head.target == url.target, "\(head.target) is another target")
    must(head.headers.count == 4, "a field of the URL's own")
    must(body == Array("body".utf8), "another body")
}
