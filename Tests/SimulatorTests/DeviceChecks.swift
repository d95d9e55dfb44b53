import Contracts
import Wire

@testable import VerificationService

// MARK: - Known devices: I4 that they are truly known, I5 that they end

extension Checker {
    /// A sign-in was completed on the browser that showed `old` and shows `new` from now on.
    func becameKnown(
        _ id: DeviceID, _ user: UserID, epoch: Int64, by new: Int, before old: Int?
    ) {
        note("device known", user.low, id.low)
        var users = old.flatMap { knownBy.removeValue(forKey: $0) } ?? []
        users.insert(user)
        knownBy[new] = users
        epochOfDevice[id] = (user, epoch)
        endedDevices[id] = nil
    }

    /// What ended everything else was done on this device.
    func stayedKnown(_ id: DeviceID, epoch: Int64) { epochOfDevice[id]?.epoch = epoch }

    /// A sign-in goes on as one on a known device.
    func takenForKnown(_ id: DeviceID, _ user: UserID, by cookie: Int?, _ trace: Int) {
        note("known device tried", user.low, id.low)
        if cookie.flatMap({ knownBy[$0] })?.contains(user) != true {
            violated("I4", "a browser on which user \(user.low) has not signed in is known to him")
        }
        if let ended = endedDevices[id], let began = traces[trace]?.began, ended < began {
            violated("I5", "device \(id.low) was known after it had ended")
        }
    }

    /// A try is let through by the device's own counter. What it is let through to comes later.
    func admitted(_ reservation: DeviceReservation, at id: AuthenticatorID) {
        var tally = tallies[id] ?? Tally()
        var row = tally.ofDevices[reservation.id] ?? Tally.Row()
        let underWay = row.underWay[reservation.round] ?? 0
        check(row, isAlone: underWay == 0, "device \(reservation.id.low)")
        row.underWay[reservation.round] = underWay + 1
        tally.ofDevices[reservation.id] = row
        tallies[id] = tally
    }

    func deviceSettled(_ reservation: DeviceReservation?, at id: AuthenticatorID) {
        guard let reservation else { return }
        tallies[id]?.ofDevices[reservation.id]?.underWay[reservation.round]? -= 1
    }

    /// Its own rest is over.
    func unlocked(_ device: DeviceID, at id: AuthenticatorID, isPassword: Bool) {
        tallies[id]?.ofDevices[device]?.restUntil = 0
        if isPassword { tallies[id]?.ofDevices[device]?.failures = 0 }
    }
}

extension Checker.Tally.Row {
    /// By the table of `AttemptLimits`, written down once more.
    mutating func fail(at now: Moment) {
        failures += 1
        guard failures >= 5 else { return }
        restUntil = now + .seconds(min(30 << Int64(min(failures - 5, 20)), 3600))
    }
}
