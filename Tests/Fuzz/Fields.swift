import HTTP
import Reactor
import Wire

/// Header fields behind a fixed request line, so that what reads their values is reached: the
/// cookies, what Connect asks of a call, and where the request came from.
func fuzz(_ input: UnsafeRawBufferPointer) {
    var octets = Array("POST /dubbelslot.v1.SignInService/Start HTTP/1.1\r\nHost: a.b\r\n".utf8)
    octets += input
    octets += Array("\r\n\r\n".utf8)
    guard case .request(let head, let body) = parse(octets) else { return }
    let request = HTTPRequest(
        head: head, body: body, remoteAddress: SocketAddress("127.0.0.1:1")!)
    checkCookies(head.headers)
    do throws(ConnectRefusal) {
        let call = try Connect.call(of: request)
        must(call.service == "dubbelslot.v1.SignInService", "another service")
        must(call.timeout ?? .zero >= .zero, "a timeout below zero")
    } catch {
        _ = Connect.response(error)
    }
    if let text = head.headers["Origin"], let origin = Origin(text) {
        must(Origin(origin.description) == origin, "an origin that reads differently")
    }
}

private func parse(_ octets: [UInt8]) -> RequestParser.Event {
    var parser = RequestParser()
    return octets.withUnsafeBytes { parser.take($0).event }
}

/// A value that was taken can be set, and read again as the same.
private func checkCookies(_ headers: HTTPHeaders) {
    do throws(Fault) {
        guard let value = try Cookies(headers).value(of: "__Host-session") else { return }
        must(!value.isEmpty && value.utf8.count <= Cookies.sizeMax, "a cookie over its limit")
        guard let cookie = SetCookie("session", value) else {
            must(value.utf8.count > Cookies.sizeMax - 20, "a cookie that cannot be set")
            return
        }
        must(cookie.field.text.hasPrefix("__Host-session=\(value); "), "another cookie is set")
    } catch {
        must(error.reason == .malformed || error.reason == .tooLarge, "another refusal")
    }
}
