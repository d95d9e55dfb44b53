import Contracts
import Wire

@testable import AuthGateway
@testable import VerificationService

/// A row of `auth.known_devices`. Its cookie is a number, as tickets and tokens are.
struct KnownDevice: Sendable {
    let id: DeviceID
    let user: UserID
    var epoch: Int64
    var cookie: Int
}

// MARK: - Known devices

extension Tables {
    /// `KnownDevices.find`.
    func findDevice(_ cookie: Int?, _ user: UserID) -> DeviceID? {
        let oldest = knownDevices.values.sorted { $0.id.low < $1.id.low }
        let found = oldest.first { device in
            (device.cookie == cookie
                || flaw == .deviceCookieKept
                    && cookies[device.id]?
                        .contains(cookie ?? 0) ?? false)
                && (device.user == user || flaw == .deviceOfAnotherUser)
                && (device.epoch == users[device.user]?.epoch || flaw == .deviceEpochNotCompared)
                && users[user]?.isActive == true
        }
        return found?.id
    }

    /// `KnownDevices.rotate`; nobody here has so many devices that one has to go.
    mutating func rotate(
        _ old: Int?, to new: Int, _ id: DeviceID, _ account: Account
    ) -> DeviceID {
        var own: DeviceID?
        for device in knownDevices.values where device.cookie == old {
            knownDevices[device.id]?.cookie = new
            cookies[device.id, default: []].insert(new)
            guard device.user == account.id else { continue }
            knownDevices[device.id]?.epoch = account.epoch
            own = device.id
        }
        let known = own ?? id
        if own == nil {
            knownDevices[id] = KnownDevice(
                id: id, user: account.id, epoch: account.epoch, cookie: new)
            cookies[id] = [new]
        }
        checker.becameKnown(known, account.id, epoch: account.epoch, by: new, before: old)
        return known
    }

    /// `KnownDevices.keep`.
    mutating func keep(_ device: DeviceID?, _ user: UserID, before epoch: Int64) {
        guard let device, let known = knownDevices[device], known.user == user,
            known.epoch == epoch
        else { return }
        knownDevices[device]?.epoch += 1
        checker.stayedKnown(device, epoch: epoch + 1)
    }
}

// MARK: - Their counters

/// What a device's own counter says, as `DeviceCounters.admit` has it.
enum ModelDeviceAdmission: Sendable {
    case admitted(DeviceReservation)
    case refused(Fault)
    /// There is none, or its own failures have used it up.
    case none
}

extension Tables {
    /// `DeviceCounters.admit`.
    mutating func admitDevice(
        _ device: DeviceID, at target: DeviceCounters.Target, of user: UserID,
        _ limits: AttemptLimits, _ now: Moment
    ) -> ModelDeviceAdmission {
        guard var counters = counters(at: target, of: user) else { return .none }
        var counter = counters[device] ?? Counter()
        let isAdmitted = counter.admit(
            limits, now, flaw, rests: flaw != .deviceRestNotKept)
        counters[device] = counter
        set(counters, at: target, of: user)
        if isAdmitted {
            let reservation = DeviceReservation(id: device, round: counter.round)
            authenticator(at: target, of: user).map { checker.admitted(reservation, at: $0) }
            return .admitted(reservation)
        }
        return counter.isDisabled ? .none : .refused(counter.standing(now))
    }

    /// `DeviceCounters.release`.
    mutating func releaseDevice(
        _ reservation: DeviceReservation, at target: DeviceCounters.Target, of user: UserID
    ) {
        guard var counters = counters(at: target, of: user),
            counters[reservation.id]?.isToSettle(reservation.round, flaw) ?? false
        else { return }
        counters[reservation.id]?.release()
        set(counters, at: target, of: user)
        authenticator(at: target, of: user).map { checker.deviceSettled(reservation, at: $0) }
    }

    private func authenticator(
        at target: DeviceCounters.Target, of user: UserID
    ) -> AuthenticatorID? {
        switch target {
        case .password: passwords[user]?.id
        case .code(let id): id
        }
    }

    private func counters(
        at target: DeviceCounters.Target, of user: UserID
    ) -> [DeviceID: Counter]? {
        switch target {
        case .password: passwords[user]?.devices
        case .code(let id): codes[id].flatMap { $0.user == user ? $0.devices : nil }
        }
    }

    private mutating func set(
        _ counters: [DeviceID: Counter], at target: DeviceCounters.Target, of user: UserID
    ) {
        switch target {
        case .password: passwords[user]?.devices = counters
        case .code(let id): codes[id]?.devices = counters
        }
    }
}

extension [DeviceID: Counter] {
    /// `Counting.deviceSettlement`; nil where there is nothing to settle.
    @discardableResult
    mutating func settle<Result>(
        _ attempt: Attempt, _ flaw: Flaw?, _ change: (inout Counter) -> Result
    ) -> Result? {
        guard let reservation = attempt.device, var counter = self[reservation.id],
            counter.isToSettle(reservation.round, flaw)
        else { return nil }
        let result = change(&counter)
        self[reservation.id] = counter
        return result
    }
}
