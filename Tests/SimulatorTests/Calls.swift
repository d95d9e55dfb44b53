import Contracts
import RPC
import Wire

/// What crosses a connection: the contracts' own messages. Frames carry only their number; that
/// messages survive their coding is the matter of other tests.
enum ServiceRequest: Sendable {
    case checkPassword(CheckPassword, trace: Int)
    case checkCode(CheckCode, trace: Int)
    case beginChallenge(BeginChallenge)
    case makeRecoveryCodes(UserID)
    case beginReset(UserID)
    case findReset(ResetToken)
    case beginBinding(BeginBinding)
    case confirmBinding(ConfirmBinding, trace: Int)
    case listAuthenticators(ListAuthenticators)
    case replacePassword(ReplacePassword, trace: Int)
    case setInitialPassword(SetInitialPassword)
    case unbind(RemoveAuthenticator)
    case reset(RemoveAuthenticators)
    case unlock(UserID)
    case erase(UserID)
    case decide(Decide)
    case getSettings
    case updateSettings(ChangeSettings)
}

enum ServiceAnswer: Sendable {
    case password(PasswordVerdict)
    /// With the step that a code of an app has consumed.
    case proof(Proof, step: Int64?)
    case bound(AuthenticatorView, recoveryCodes: [String])
    case binding(seed: Int, id: AuthenticatorID)
    case list(AuthenticatorList)
    case replaced(password: AuthenticatorID)
    case initialPassword(String, replacing: AuthenticatorID?)
    case removed([AuthenticatorID])
    case recoveryCodes([String])
    case resetFound(UserID)
    case decision(Decision)
    case settings(TwoFactorSettings)
    case done
}

/// The messages under way, by the number that stands for them in a frame.
///
/// Unchecked: touched only by the thread that runs the simulation.
final class Mail: @unchecked Sendable {
    private var requests: [UInt64: ServiceRequest] = [:]
    private var answers: [UInt64: Result<ServiceAnswer, Fault>] = [:]
    private var count: UInt64 = 0

    func post(_ request: ServiceRequest) -> UInt64 {
        count += 1
        requests[count] = request
        return count
    }

    func request(_ number: UInt64) -> ServiceRequest? { requests.removeValue(forKey: number) }

    func post(_ answer: Result<ServiceAnswer, Fault>, to number: UInt64) {
        answers[number] = answer
    }

    func answer(_ number: UInt64) -> Result<ServiceAnswer, Fault>? {
        answers.removeValue(forKey: number)
    }
}

/// What both ends of a connection share: the machine under test, its unread input and its alarm.
/// The loops below are those of `ServerConnection` and `ClientConnection`, without streams.
///
/// Unchecked: touched only by the thread that runs the simulation.
class Connection: LinkEnd, @unchecked Sendable {
    unowned let world: World
    let link: Link
    let side: Link.Side
    var state: ConnectionState
    private var input: [UInt8] = []
    private let began: Moment
    private var alarmAt: Moment?
    /// The frame at the front of the input stays unread for now.
    var isHeld = false

    init(_ world: World, _ link: Link, _ side: Link.Side) {
        self.world = world
        self.link = link
        self.side = side
        began = world.agenda.now
        state = ConnectionState(side == .client ? .client : .server, world.limits)
    }

    var age: Duration { (world.agenda.now - began).duration }

    func start() {
        link.attach(self, as: side)
        perform(state.on(.opened))
        setAlarm()
    }

    /// For the subclasses: what the state machine wants done with a frame or at all.
    func perform(_ effect: ConnectionState.Effect, _ head: FrameHead?, _ number: UInt64) {}
    func closed() {}

    final func perform(_ effect: ConnectionState.Effect) { perform(effect, nil, 0) }

    final func received(_ bytes: [UInt8]) {
        guard state.phase != .closed else { return }
        input += bytes
        read()
    }

    final func read() {
        var consumed = 0
        while state.phase != .closed, !isHeld {
            guard let (head, number) = next(from: consumed) else { break }
            let effect = state.on(.frame(head))
            if effect == .hold {
                isHeld = true
                break
            }
            consumed += head.frameBytes
            perform(effect, head, number)
        }
        input.removeFirst(min(consumed, input.count))
        let isPartial = !input.isEmpty && !isHeld
        _ = state.on(.heard(age, whole: consumed > 0, partial: isPartial))
        setAlarm()
    }

    /// The next whole frame and the number it carries; nil when there is none.
    private func next(from start: Int) -> (FrameHead, UInt64)? {
        let lengthMax = state.lengthMax
        let scan = input.withUnsafeBytes {
            FrameHead.scan(UnsafeRawBufferPointer(rebasing: $0[start...]), lengthMax: lengthMax)
        }
        switch scan {
        case .incomplete: return nil
        case .violation(let violation):
            fail(violation)
            return nil
        case .frame(let head):
            let number = input[(start + Frame.headBytes)..<(start + head.frameBytes)]
                .prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
            return (head, number)
        }
    }

    final func send(_ kind: Frame.Kind, method: UInt16 = 0, call: UInt32 = 0, _ number: UInt64) {
        var output = OutputBuffer(capacity: 32)
        let start = output.beginFrame(kind, method: method, call: call)
        output.append(bigEndian: number)
        output.endFrame(at: start)
        link.send(output.withBytes { Array($0) }, from: side)
    }

    final func send(_ kind: Frame.Kind, call: UInt32 = 0) {
        var output = OutputBuffer(capacity: 16)
        output.appendFrame(kind, call: call)
        link.send(output.withBytes { Array($0) }, from: side)
    }

    /// Ends of the same make find fault with each other only for being late.
    final func fail(_ violation: Violation) {
        switch violation {
        case .helloLate, .frameSlow, .idle, .answersUnread, .silent: break
        case .frameTooShort, .frameTooLong, .kindUnknown, .flagUnknown, .numberMisplaced,
            .fieldsCut, .helloExpected, .helloRepeated, .helloMalformed, .versionUnsupported,
            .wrongEnd, .callRepeated, .callNeverIssued, .controlMalformed:
            world.checker.violated("R1", "an honest peer is accused of \(violation.rawValue)")
        }
        close()
    }

    final func close() {
        state.close()
        link.cut()
        closed()
    }

    final func ended() {
        state.close()
        closed()
    }

    final func drain() {
        perform(state.on(.drain(age)))
        setAlarm()
    }

    final func setAlarm() {
        guard let wake = state.wakeAt, !world.agenda.isOver else { return }
        let at =
            began + wake.components.seconds * 1_000_000
            + wake.components.attoseconds / 1_000_000_000_000 + 1
        if let alarmAt, alarmAt <= at { return }
        alarmAt = at
        world.agenda.after(at - world.agenda.now) { [self] in
            guard alarmAt == at else { return }
            alarmAt = nil
            guard state.phase != .closed, !world.agenda.isOver else { return }
            perform(state.on(.tick(age)))
            setAlarm()
        }
    }
}
