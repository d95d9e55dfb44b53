import Foundation

/// What a browser has asked for, and what came over the wire: from the driver's performance log,
/// which keeps the `Network` events of the Chrome DevTools Protocol.
struct Traffic {
    struct Request {
        let address: String
        /// What arrived, heads of answers too; 0 for what the browser had already.
        var bytes = 0
    }

    /// In the order in which they were asked for.
    private(set) var requests: [Request] = []

    /// - Parameter messages: As the log holds them, each a JSON object.
    init(_ messages: [String]) throws {
        var places: [String: Int] = [:]
        for message in messages {
            guard let (name, event) = try Self.event(message),
                let id = event["requestId"] as? String
            else { continue }
            switch name {
            case "Network.requestWillBeSent":
                let request = event["request"] as? [String: Any]
                places[id] = requests.count
                requests.append(Request(address: request?["url"] as? String ?? ""))
            case "Network.loadingFinished":
                guard let place = places[id] else { continue }
                requests[place].bytes += (event["encodedDataLength"] as? NSNumber)?.intValue ?? 0
            case _: continue
            }
        }
    }

    private static func event(_ text: String) throws -> (name: String, values: [String: Any])? {
        let json = try JSONSerialization.jsonObject(with: Data(text.utf8))
        let message = (json as? [String: Any])?["message"] as? [String: Any]
        guard let name = message?["method"] as? String else { return nil }
        return (name, message?["params"] as? [String: Any] ?? [:])
    }

    var bytes: Int { requests.reduce(0) { $0 + $1.bytes } }

    /// What was asked of anybody but the origin. Images that stand in the page itself are asked
    /// of nobody.
    func foreign(to origin: String) -> [String] {
        requests.map(\.address).filter { address in
            !address.hasPrefix(origin + "/")
                && !["data:", "blob:", "about:"].contains { address.hasPrefix($0) }
        }
    }
}
