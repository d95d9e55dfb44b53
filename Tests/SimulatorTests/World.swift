import Contracts
import Crypto
import OTP
import RPC
import Wire

@testable import VerificationService

/// A whole installation and its people, made from one number: two gateways, two verification
/// services, two policy services and a database, with connections between them that come and go,
/// people who do what people do, somebody who attacks them, and somebody who pulls plugs.
///
/// Unchecked: touched only by the thread that runs the simulation.
final class World: @unchecked Sendable {
    static let administrator = UserID(high: 1, low: 1)
    static let verifiers = ["app", "token", "phone", "mail"].map { VerifierUID($0)! }
    /// Codes that are sent stand under it.
    static let keys = try! KeyRing(
        parsing: Array("simulated QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU=".utf8))

    static func type(of verifier: VerifierUID) -> VerifierType {
        switch verifier.text {
        case "phone": .sms
        case "mail": .email
        case _: .totp
        }
    }

    let seed: UInt64
    let flaw: Flaw?
    let agenda = Agenda()
    let dice: Dice
    private(set) var weather: Weather
    let checker: Checker
    let mail = Mail()
    var limits = RPCLimits()
    /// Whether a world spans minutes, with the connections' own limits of time, or hours.
    let isLong: Bool
    let span: Moment
    /// The thief has a phone too, and its owner has asked the administrator for help.
    let isRobbery: Bool
    /// The numbers of the product, or smaller ones that are reached more often.
    let passwordLimits: AttemptLimits
    let codeLimits: AttemptLimits
    var links: [Link] = []
    var servers: [ServerEnd] = []
    private(set) var seeds: [SecretBytes] = []
    private var pressed: [Int: UInt64] = [:]
    private var numbers: [UInt64] = [0, 0, 0, 0, 0, 0, 0, 0, 0]

    private(set) lazy var database = Database(self)
    let verificationProcesses = [VirtualProcess(11), VirtualProcess(12)]
    private(set) lazy var policies = [21, 22].map { PolicyModel(self, VirtualProcess($0)) }
    private(set) lazy var gateways = [31, 32].map { GatewayModel(self, VirtualProcess($0)) }
    private(set) lazy var people = makePeople()

    init(seed: UInt64, flaw: Flaw? = nil) {
        self.seed = seed
        self.flaw = flaw
        dice = Dice(seed: seed)
        weather = Weather(dice)
        checker = Checker(agenda)
        isLong = dice.oneIn(2)
        span = isLong ? .seconds(4000) : .seconds(60)
        isRobbery = !isLong && dice.oneIn(4)
        passwordLimits = dice.oneIn(2) ? .password : AttemptLimits(failuresMax: 8)
        codeLimits = dice.oneIn(2) ? .code : AttemptLimits(failuresMax: 6)
        limits.callsMax = dice.pick([2, 4, 1024])
        if isLong {
            limits.pingAfter = .seconds(900)
            limits.idleTimeMax = .seconds(3000)
            limits.ageMax = .seconds(2000)
        } else {
            limits.ageMax = .seconds(40)
        }
    }

    var peerLimits: PeerLimits {
        PeerLimits(frameBytesMax: limits.frameBytesMax, callsMax: limits.callsMax)
    }

    /// Lives through the whole of it.
    func run() {
        begin()
        agenda.run(until: span) { checker.violation == nil }
        if checker.violation == nil { checkErasures() }
        checker.note("over", UInt64(agenda.steps))
    }

    private func begin() {
        var robbed: Person?
        let rules: [Enforcement] = [.administrators, .everyone]
        database.tables.settings = [
            TwoFactorSettings(
                version: 1, enforcement: dice.pick(rules), verifiers: [dice.pick(Self.verifiers)],
                changedAt: Moment(0).timestamp, reason: "",
                book: RuleBook(base: Requirements(trustedDevices: dice.oneIn(2))))
        ]
        checker.settingsChanged(database.tables.settings[0], -1)
        if dice.oneIn(3) { database.tables.sessionsMax = 3 }
        if !isLong, dice.oneIn(4) { for policy in policies { policy.poll() } }
        _ = gateways
        for person in people { agenda.spawn { await person.live() } }
        if isRobbery || !dice.oneIn(4) {
            let candidates = people[0...2].filter { !$0.devices.isEmpty }
            let victim = candidates.randomElement(by: dice) ?? people[1]
            let thief = Thief(self, victim: victim, himself: people[3])
            // Who has the phone need not guess, and would lock himself out by it.
            if isRobbery, let phone = victim.devices.first {
                agenda.spawn { await thief.hold(phone) }
                robbed = victim
            } else {
                agenda.spawn { await thief.live() }
                for person in people { person.overheard = thief.overhear }
            }
        }
        if dice.oneIn(2) {
            let watcher = Watcher(self)
            agenda.spawn { await watcher.live() }
        }
        if !isRobbery, dice.oneIn(3) {
            let leaver = people[2]
            agenda.spawn { [self] in await leave(leaver) }
        }
        let administrator = Administrator(self, robbed)
        agenda.spawn { await administrator.live() }
        if let sabotage = weather.sabotage {
            let saboteur = Saboteur(self, pauses: sabotage)
            agenda.spawn { await saboteur.live() }
        }
        let last = people[4]
        agenda.spawn { await last.signInAtLast() }
    }

    /// An administrator, two users, the thief's own account, and one whom nobody troubles.
    private func makePeople() -> [Person] {
        (UInt64(1)...5).map { number in
            let user = UserID(high: 1, low: number)
            database.tables.users[user] = Tables.User(isAdministrator: number == 1)
            let text = "password of \(number)"
            database.tables.passwords[user] = PasswordRow(
                id: newAuthenticator(), text: text,
                initialExpiresAt: number < 4 && !isRobbery && dice.oneIn(4)
                    ? .seconds(600_000) : nil)
            let person = Person(self, user, password: text)
            if number == 4 || number < 4 && (isRobbery || dice.oneIn(2)) {
                person.devices.append(bind(user))
                let recovery = newRecoverySet()
                database.tables.makeRecovery(recovery, of: user)
                person.recoveryCodes = recovery.codes
            }
            return person
        }
    }

    /// Bound before the world began.
    private func bind(_ user: UserID) -> Person.Device {
        let isApp = isRobbery || user.low == 4 || !dice.oneIn(3)
        var device = Person.Device(
            id: newAuthenticator(), seed: newSeed(),
            verifier: dice.pick(isApp ? Array(Self.verifiers[0...1]) : Self.verifiers),
            skew: dice.pick([-1, 0, 0, 1]))
        // Its check computes a hundred codes, so there are few of them.
        if !isRobbery, device.kind == .totp, dice.oneIn(24),
            let hotp = HOTP(algorithm: .sha1, digits: 6)
        {
            device.parameters = .hotp(hotp)
        }
        database.tables.codes[device.id] = CodeRow(
            id: device.id, user: user, kind: device.kind, verifier: device.verifier,
            seed: device.seed, parameters: device.parameters)
        checker.factorSince[user] = -1
        return device
    }

    /// From here on everything works, for whoever wants in at the end.
    func calmDown() {
        weather.calmDown()
        for process in verificationProcesses + (policies.map(\.process) + gateways.map(\.process))
        where !process.isUp {
            start(process)
        }
        for link in links { link.cloggedUntil = 0 }
    }

    func start(_ process: VirtualProcess) {
        process.start()
        for policy in policies where policy.process === process { policy.restarted() }
        for gateway in gateways where gateway.process === process { gateway.restarted() }
    }
}

// MARK: - Numbers and times

extension World {
    private func next(_ kind: Int) -> UInt64 {
        numbers[kind] += 1
        return numbers[kind]
    }

    func newAuthenticator() -> AuthenticatorID { AuthenticatorID(high: 2, low: next(0)) }
    func newTicket() -> Int { Int(next(1)) }
    func newTrace() -> Int { Int(next(2)) }

    func newSession() -> (token: Int, id: SessionID) {
        let number = next(3)
        return (Int(number), SessionID(high: 4, low: number))
    }

    /// A cookie, and the device that it stands for where none is known.
    func newDevice() -> (cookie: Int, id: DeviceID) {
        let number = next(4)
        return (Int(number), DeviceID(high: 5, low: number))
    }

    /// What a trusted device holds; the first of them names it too.
    func newTrust() -> Int { Int(next(7)) }

    func newRecoverySet() -> NewRecoverySet {
        let id = newAuthenticator()
        return NewRecoverySet(id: id, codes: (1...4).map { "recovery \(id.low) \($0)" })
    }

    func newResetToken() -> ResetToken {
        let number = next(5)
        let bytes = (0..<32).map { UInt8(truncatingIfNeeded: number >> (8 * (UInt64($0) % 8))) }
        return ResetToken(random: bytes)!
    }

    /// A message's number, and the code that it says.
    func newMessage() -> (number: Int, code: String) {
        (Int(next(6)), String(1_000_000 + dice.number(below: 1_000_000)).suffix(6).description)
    }

    /// The next code of a token's button.
    func press(_ seed: Int) -> UInt64 {
        pressed[seed, default: 0] += 1
        return pressed[seed, default: 0] - 1
    }

    func newSeed() -> Int {
        let words = [dice.word(), dice.word(), dice.word()]
        let bytes = words.flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
        }
        seeds.append(SecretBytes(copying: Array(bytes.prefix(20))))
        return seeds.count - 1
    }

    /// Of a password's hash. The threads that make them may be busy, or the machine may stand
    /// still, longer than a reservation lasts.
    func hashTime() -> Moment {
        dice.oneIn(60) ? dice.moment(.seconds(50)...(.seconds(90))) : dice.delay(20_000...400_000)
    }

    /// Until a statement is done.
    func statementTime() -> Moment {
        dice.oneIn(weather.storeSlowOneIn)
            ? dice.moment(.milliseconds(200)...(.seconds(8))) : dice.delay(100...3_000)
    }

    /// A process stands still, now and then and for seconds, between two steps of what it does in
    /// several: where races are.
    func standStill(oneIn count: Int) async {
        guard isRobbery || weather.sabotage != nil, dice.oneIn(count) else { return }
        await agenda.sleep(dice.moment(.milliseconds(100)...(.seconds(4))))
    }

    /// Between the admission of a code and its check: nothing, or a machine that stands still.
    func stall() -> Moment {
        dice.oneIn(40) ? dice.moment(.seconds(50)...(.seconds(90))) : 0
    }
}

// MARK: - Messages

/// What reaches a person's phone or mailbox.
enum Letter: Sendable {
    case code(String, of: AuthenticatorID)
    case link(ResetToken)
}

extension World {
    /// It comes late, twice or not at all: a process that dies leaves it to the sweeper of another,
    /// which may send it once more.
    func deliver(_ letter: Letter, to user: UserID) {
        guard let person = people.first(where: { $0.user == user }) else { return }
        let isCalm = weather.sabotage == nil || user.low == 5
        guard isCalm || !dice.oneIn(weather.lostOneIn) else { return }
        agenda.after(dice.delay(weather.latency) * 4) { person.receive(letter) }
        guard !isCalm, dice.oneIn(10) else { return }
        agenda.after(dice.moment(.seconds(1)...(.seconds(20)))) { person.receive(letter) }
    }
}
