import Contracts
import HTTP

/// The hosts of other applications that ask the gateway whether a request may pass, each with the
/// least level that a session needs there. What is not among them is refused, and nobody is ever
/// led anywhere else.
struct ProtectedHosts: Sendable {
    /// By the origin that browsers see, so that a host without TLS is not the one with it.
    private let levels: [Origin: UInt32]
    /// Where our own pages are served.
    private let own: [Origin]

    static let none = ProtectedHosts([], publicOrigins: [])!

    /// - Parameters:
    ///   - words: `https://wiki.example=2`: an origin and the level. Without TLS only where the
    ///     host is the machine itself.
    ///   - publicOrigins: Where our pages are served; the first is where people sign in. Nil when
    ///     there is none for hosts that want one, or something is not as described.
    init?(_ words: [String], publicOrigins: [Origin]) {
        var levels: [Origin: UInt32] = [:]
        for word in words {
            let parts = word.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, let level = Self.level(parts[1]),
                let origin = Origin(String(parts[0])), origin.isSafe,
                levels.updateValue(level, forKey: origin) == nil
            else { return nil }
        }
        guard levels.isEmpty || !publicOrigins.isEmpty else { return nil }
        // Cookies know no ports: what opens one of two would be sent to the other.
        let origins = Set(levels.keys).union(levels.isEmpty ? [] : publicOrigins)
        guard Set(origins.map(\.hostName)).count == origins.count else { return nil }
        self.levels = levels
        own = publicOrigins
    }

    private static func level(_ text: Substring) -> UInt32? {
        switch text {
        case "1": 1
        case "2": 2
        case _: nil
        }
    }

    var isEmpty: Bool { levels.isEmpty }

    /// The least level there; nil for a host that is not protected.
    func level(at host: Origin) -> UInt32? { levels[host] }

    /// The host is that of our own pages, so the browser's session cookie comes along.
    func isOwn(_ host: Origin) -> Bool { own.contains(host) }

    /// Our page that hands a session over, for the browser that knows the secret behind
    /// `challenge`.
    func handOverPage(
        for host: Origin, _ challenge: HandOverChallenge, _ target: PageTarget
    ) -> String? {
        guard let signIn = own.first else { return nil }
        return "\(signIn)/hand-over?host=\(PercentEncoding.encode(host.description))"
            + "&challenge=\(challenge.text)&to=\(PercentEncoding.encode(target.text))"
    }
}

extension Origin {
    /// Without the port.
    fileprivate var hostName: Substring {
        let isNumeric = authority.hasPrefix("[")
        let end = isNumeric ? authority.firstIndex(of: "]") : authority.firstIndex(of: ":")
        return end.map { authority[..<$0] } ?? authority
    }

    /// Nobody on the way reads or changes what is sent there: TLS, or the machine itself.
    var isSafe: Bool {
        if description.hasPrefix("https://") { return true }
        let host = authority.split(separator: ":").first ?? ""
        return host == "localhost" || host.hasSuffix(".localhost") || host == "127.0.0.1"
            || authority.hasPrefix("[::1]")
    }
}

/// Path and query of a page, as they are put behind an origin: so they lead nowhere but there.
struct PageTarget: Sendable, Equatable {
    /// Octets.
    static let sizeMax = 2048
    static let root = PageTarget("/")!

    let text: String

    /// Nil for anything but `/` and visible ASCII without a fragment.
    init?(_ text: String) {
        guard text.utf8.first == UInt8(ascii: "/"), text.utf8.count <= Self.sizeMax,
            text.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "#") })
        else { return nil }
        self.text = text
    }
}

/// Escapes of RFC 3986 §2.1, over UTF-8.
enum PercentEncoding {
    /// With all but the unreserved characters and those of `more` escaped.
    static func encode(_ text: String, keeping more: String = "/") -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                bytes.append(byte)
            case _ where more.utf8.contains(byte):
                bytes.append(byte)
            case _:
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    /// Nil when an escape is cut or no hexadecimal, or what comes out is not UTF-8.
    static func decode(_ text: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(value),
                let low = rest.popFirst().flatMap(value)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case _: nil
        }
    }
}
