import Contracts
import RPC

/// What a device is called in a list, from what its program says of itself (`User-Agent`, RFC 9110
/// §10.1.5). Of that text nothing is kept but words that we know, or the first name of a program:
/// it comes from whoever signs in, and somebody else may read it.
enum DeviceTitle {
    /// Of the name of a program that is no browser.
    private static let programMax = 32

    /// Most of them claim to be several: the first that is found is meant.
    private static let browsers = [
        ("Edg/", "Edge"), ("EdgA/", "Edge"), ("EdgiOS/", "Edge"), ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
    ]
    private static let systems = [
        ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
        ("Macintosh", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
    ]

    /// As `Firefox on Linux`, `Firefox`, `Linux` or `curl`; empty where it says nothing.
    static func of(_ agent: String) -> String {
        let browser = browsers.first { agent.contains($0.0) }?.1
        let system = systems.first { agent.contains($0.0) }?.1
        switch (browser, system) {
        case (let browser?, let system?): return "\(browser) on \(system)"
        case (let one?, nil), (nil, let one?): return one
        case (nil, nil): return program(agent)
        }
    }

    private static func program(_ agent: String) -> String {
        let name = agent.utf8.prefix { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                true
            case _: false
            }
        }
        return String(decoding: name.prefix(programMax), as: UTF8.self)
    }
}

extension Door {
    /// From where and with what somebody proves something in this call, as its owner may be shown.
    func origin(of call: Call) -> ProofOrigin {
        ProofOrigin(address: call.place, device: DeviceTitle.of(agent))
    }
}
