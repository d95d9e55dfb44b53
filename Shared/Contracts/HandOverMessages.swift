import Wire

/// Takes the session to a protected host.
package struct HandOver: Message {
    package static let name = "HandOver"
    package static let about = "Takes the session to a protected host."

    package var host: String
    package var challenge: HandOverChallenge
    package var target: String

    package init(host: String, challenge: HandOverChallenge, target: String) {
        self.host = host
        self.challenge = challenge
        self.target = target
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        host = try coder.field(
            1, "host", it?.host, max: 300,
            "The protected host, as https://name, with its port where that is not 443.")
        challenge = try coder.required(
            2, "challenge", it?.challenge,
            "The SHA-256 digest of what the browser holds there.")
        target = try coder.field(
            3, "target", it?.target, max: 2048,
            "Path and query of the page to go on to.")
    }
}

/// Where to go on.
package struct HandedOver: Message {
    package static let name = "HandedOver"
    package static let about = "Where to go on."

    package var location: String

    package init(location: String) {
        self.location = location
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        location = try coder.field(
            1, "location", it?.location, max: 4096,
            """
            An address of that host, to be opened within a minute, once, in the browser that \
            holds what the challenge is of.
            """)
    }
}
