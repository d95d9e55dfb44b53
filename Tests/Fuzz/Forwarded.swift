import HTTP
import Reactor
import Wire

/// What proxies say of a client: a stranger is not believed, and one of ours never says more than
/// an address. A range of addresses holds the one it was written with.
func fuzz(_ input: UnsafeRawBufferPointer) {
    var choices = Choices(input)
    let peer = peers[choices.number(below: peers.count)]
    checkRange(choices.rest)
    var octets = Array("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: ".utf8)
    octets += choices.rest
    octets += Array("\r\n\r\n".utf8)
    var parser = RequestParser()
    guard case .request(let head, _) = octets.withUnsafeBytes({ parser.take($0).event }) else {
        return
    }
    let client = proxies.client(of: HTTPRequest(head: head, body: [], remoteAddress: peer))
    guard trusted.contains(where: { $0.contains(peer) }) else {
        return must(client.address == peer, "a stranger was believed")
    }
    guard client.address != peer else { return }
    must(client.address.port == 0, "a port was believed")
    must(!client.address.network.isEmpty, "a client without a network")
}

private let words = ["10.0.0.0/8", "fd00::/8", "192.0.2.7"]
private let trusted = words.map { AddressRange($0)! }
private let proxies = TrustedProxies(words)!
private let peers = [
    "10.1.2.3:80", "[fd00::1]:80", "192.0.2.7:1", "192.0.2.8:1", "[2001:db8::1]:2",
]
.map { SocketAddress($0)! }

private func checkRange(_ octets: UnsafeRawBufferPointer) {
    guard let text = String(validating: octets, as: UTF8.self), let range = AddressRange(text),
        let host = text.split(separator: "/").first,
        let address = SocketAddress(host: String(host), port: 0)
    else { return }
    must(range.contains(address), "\(text) does not hold \(host)")
    must(range.contains(address.with(port: 9)), "a port makes a difference")
}
