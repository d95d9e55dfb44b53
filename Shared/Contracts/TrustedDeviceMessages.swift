import Wire

/// A device is trusted: at the next sign-in with the right password it stands in for the second
/// factor, where policy allows it then.
package struct DeviceTrusted: Message {
    package static let name = "DeviceTrusted"
    package static let about =
        """
        A device is trusted: at the next sign-in with the right password it stands in for the \
        second factor, where policy allows it then.
        """

    package var expiresAt: Timestamp
    package var token: TrustToken?

    package init(expiresAt: Timestamp, token: TrustToken? = nil) {
        self.expiresAt = expiresAt
        self.token = token
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        expiresAt = try coder.required(
            1, "expiresAt", it?.expiresAt, "When the trust ends; using it does not prolong it.")
        token = try coder.optional(
            2, "token", it?.token,
            "What to bring next time, once; only where a bearer token was asked for.")
    }
}

/// A trusted device as its owner, or an administrator, sees it.
package struct TrustedDeviceView: Message {
    package static let name = "TrustedDeviceView"
    package static let about = "A trusted device as its owner, or an administrator, sees it."

    package var id: TrustedDeviceID
    package var title: String
    package var trustedAt: Timestamp
    package var lastUsedAt: Timestamp
    package var expiresAt: Timestamp
    package var place: String
    package var current: Bool

    package init(
        id: TrustedDeviceID, title: String, trustedAt: Timestamp, lastUsedAt: Timestamp,
        expiresAt: Timestamp, place: String, current: Bool = false
    ) {
        self.id = id
        self.title = title
        self.trustedAt = trustedAt
        self.lastUsedAt = lastUsedAt
        self.expiresAt = expiresAt
        self.place = place
        self.current = current
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        id = try coder.required(1, "id", it?.id, "The device.")
        title = try coder.field(
            2, "title", it?.title, max: 64,
            "What it said of itself, as `Firefox on Linux`; empty where it said nothing.")
        trustedAt = try coder.required(3, "trustedAt", it?.trustedAt, "Since when.")
        lastUsedAt = try coder.required(
            4, "lastUsedAt", it?.lastUsedAt, "When it last stood in for the factor.")
        expiresAt = try coder.required(5, "expiresAt", it?.expiresAt, "Until when.")
        place = try coder.field(
            6, "place", it?.place, max: 64,
            "The address that it was last seen at; empty where nobody could tell.")
        current = try coder.field(7, "current", it?.current, "The browser that asks.")
    }
}

/// Asks for one's own trusted devices.
package struct ListOwnTrustedDevices: Message {
    package static let name = "ListOwnTrustedDevices"
    package static let about = "Asks for one's own trusted devices."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// Trusted devices, the one that was used last first.
package struct TrustedDeviceList: Message {
    package static let name = "TrustedDeviceList"
    package static let about = "Trusted devices, the one that was used last first."

    package var devices: [TrustedDeviceView]

    package init(devices: [TrustedDeviceView]) {
        self.devices = devices
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        devices = try coder.list(1, "devices", it?.devices, max: 32, "Those in force.")
    }
}

/// Ends the trust in one of one's own devices.
package struct ForgetOwnTrustedDevice: Message {
    package static let name = "ForgetOwnTrustedDevice"
    package static let about = "Ends the trust in one of one's own devices."

    package var device: TrustedDeviceID

    package init(device: TrustedDeviceID) {
        self.device = device
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        device = try coder.required(1, "device", it?.device, "From the list.")
    }
}

/// Ends the trust in all of one's own devices.
package struct ForgetOwnTrustedDevices: Message {
    package static let name = "ForgetOwnTrustedDevices"
    package static let about = "Ends the trust in all of one's own devices."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// They stand in for nothing any more, and sessions that they opened have ended, but for the one
/// that asks.
package struct TrustedDevicesForgotten: Message {
    package static let name = "TrustedDevicesForgotten"
    package static let about =
        """
        They stand in for nothing any more, and sessions that they opened have ended, but for the \
        one that asks.
        """

    package var forgotten: UInt32

    package init(forgotten: UInt32) {
        self.forgotten = forgotten
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        forgotten = try coder.field(1, "forgotten", it?.forgotten, "How many there were.")
    }
}

/// Asks for a user's trusted devices.
package struct ListTrustedDevices: Message {
    package static let name = "ListTrustedDevices"
    package static let about = "Asks for a user's trusted devices."

    package var user: UserID

    package init(user: UserID) {
        self.user = user
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
    }
}

/// Ends the trust in a user's devices; wants a fresh proof and a reason.
package struct ForgetTrustedDevices: Message {
    package static let name = "ForgetTrustedDevices"
    package static let about =
        "Ends the trust in a user's devices; wants a fresh proof and a reason."

    package var user: UserID
    package var device: TrustedDeviceID?
    package var reason: String

    package init(user: UserID, device: TrustedDeviceID? = nil, reason: String) {
        self.user = user
        self.device = device
        self.reason = reason
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
        device = try coder.optional(2, "device", it?.device, "This one alone; absent for all.")
        reason = try coder.field(
            3, "reason", it?.reason, max: 1024, "For the audit; must not be empty.")
    }
}
