/// What one end of a connection may do and must do next: a pure machine, the same for both ends.
/// It never reads or writes; it is told what happened and says what follows.
///
/// ```
///            hello of the peer              goaway                 all answered
///  greeting ───────────────────▶ open ───────────────▶ draining ───────────────▶ closed
///      └──────────── any violation, at any time ─────────────────────────────────▶
/// ```
package struct ConnectionState: Sendable {
    /// Time since the connection began. A span and not a clock's moment: it is plain memory, and
    /// tests need no clock.
    package typealias Age = Duration

    package enum End: Sendable { case client, server }

    package enum Phase: Sendable, Equatable {
        /// The peer's hello has not come yet.
        case greeting
        case open
        /// No new calls; the open ones are answered.
        case draining
        case closed
    }

    package enum Event: Equatable {
        case opened
        /// A frame is there, whole.
        case frame(FrameHead)
        /// The payload of the hello, decoded.
        case greeted(PeerLimits)
        /// It does not decode, or the ends cannot talk.
        case greetedWrongly(Violation)
        /// Server: the request could not be answered at once and stays open.
        case waits(call: UInt32)
        /// Server: the handler has ended. Client: the caller stopped waiting.
        case ended(call: UInt32)
        /// The bytes that came were looked at: `whole` when a frame was complete, `partial` when
        /// a cut one is left.
        case heard(Age, whole: Bool, partial: Bool)
        /// The peer does not take its answers, so its requests stay unread.
        case blocked(Age)
        case unblocked
        /// Shut down in order.
        case drain(Age)
        case tick(Age)
    }

    package enum Effect: Equatable {
        case nothing
        case sendHello
        /// Decode the frame's payload and report `greeted`.
        case readHello
        /// Answer the request, or report `waits`.
        case answer
        /// Leave the request unread: as many calls as allowed are open.
        case hold
        /// Hand the answer to the call that waits for it.
        case deliver
        /// The peer does not want this call's answer any more.
        case cancel
        case sendPong
        case sendPing
        case sendGoAwayAndPing
        /// Make no new calls: the peer wants none, or this end is shutting down.
        case stopIssuing
        /// Close in order: nothing is owed.
        case finish
        /// Close at once: the time to finish is over.
        case cut
        /// Say goaway with this word and close.
        case fail(Violation)
    }

    package let end: End
    package let limits: RPCLimits
    package private(set) var phase = Phase.greeting
    /// Calls owed an answer: at the server those whose handlers run, at the client those waited
    /// for.
    package private(set) var open: Set<UInt32> = []
    /// What the peer said of itself.
    package private(set) var peer: PeerLimits?

    /// Client: the last call number given out. They rise, so a number is known to have been issued.
    private var lastIssued: UInt32
    private var lastHeard = Age.zero
    private var partialSince: Age?
    private var blockedSince: Age?
    private var pingSince: Age?
    private var drainBy: Age?

    /// `lastIssued` is for tests of the numbers' end.
    package init(_ end: End, _ limits: RPCLimits, lastIssued: UInt32 = 0) {
        self.end = end
        self.limits = limits
        self.lastIssued = lastIssued
    }

    package mutating func on(_ event: Event) -> Effect {
        guard phase != .closed else { return .nothing }
        switch event {
        case .opened: return end == .client ? .sendHello : .nothing
        case .frame(let head): return received(head)
        case .greeted(let limits): return greeted(limits)
        case .greetedWrongly(let violation): return fail(violation)
        case .waits(let call):
            open.insert(call)
            return .nothing
        case .ended(let call): return ended(call)
        case .heard(let now, let whole, let partial):
            heard(now, whole, partial)
            return .nothing
        case .blocked(let now):
            if blockedSince == nil { blockedSince = now }
            partialSince = nil
            return .nothing
        case .unblocked:
            blockedSince = nil
            return .nothing
        case .drain(let now): return drain(now)
        case .tick(let now): return tick(now)
        }
    }

    /// The connection has ended, for a reason that did not come from here.
    package mutating func close() { phase = .closed }

    /// Client: whether a new call may be made: the peer is there, has room, and numbers are left.
    package var takesCalls: Bool {
        guard phase == .open, let peer, lastIssued < .max else { return false }
        return open.count < min(limits.callsMax, peer.callsMax)
    }

    /// Client: the number of a new call, or nil when the connection takes no more.
    package mutating func issue() -> UInt32? {
        guard takesCalls else { return nil }
        lastIssued += 1
        open.insert(lastIssued)
        return lastIssued
    }

    /// Client: no number is left, so the connection must be replaced.
    package var isSpent: Bool { lastIssued == .max }

    /// The longest frame to accept now, by its `length` field.
    package var lengthMax: Int {
        phase == .greeting
            ? Frame.lengthMin + Hello.payloadBytesMax
            : min(limits.frameBytesMax, RPCLimits.frameBytesCeiling)
    }

    /// The longest frame the peer takes, by its `length` field.
    package var peerLengthMax: Int {
        min(peer?.frameBytesMax ?? 0, RPCLimits.frameBytesCeiling)
    }

    /// Whether a server may read requests again after `hold`: with some room, so that one does
    /// not stop again at the next.
    package var hasRoom: Bool {
        open.count <= limits.callsMax - max(1, limits.callsMax / 8)
    }
}

// MARK: Frames

extension ConnectionState {
    private mutating func received(_ head: FrameHead) -> Effect {
        if phase == .greeting {
            return head.kind == .hello ? .readHello : fail(.helloExpected)
        }
        switch head.kind {
        case .request:
            guard end == .server else { return fail(.wrongEnd) }
            if open.isEmpty { return .answer }
            if open.contains(head.call) { return fail(.callRepeated) }
            return open.count < limits.callsMax ? .answer : .hold
        case .response, .fault:
            guard end == .client else { return fail(.wrongEnd) }
            guard head.call <= lastIssued else { return fail(.callNeverIssued) }
            // Not open any more: its caller gave up while the answer was under way.
            guard open.remove(head.call) != nil else { return .nothing }
            return .deliver
        case .cancel:
            guard end == .server else { return fail(.wrongEnd) }
            return open.contains(head.call) ? .cancel : .nothing
        case .ping: return .sendPong
        case .pong:
            pingSince = nil
            return end == .server ? finishIfDone() : .nothing
        case .goaway:
            if phase == .open { phase = .draining }
            return .stopIssuing
        case .hello: return fail(.helloRepeated)
        }
    }

    private mutating func greeted(_ limits: PeerLimits) -> Effect {
        peer = limits
        phase = .open
        return end == .server ? .sendHello : .nothing
    }

    /// A cancelled call stays in `open` until its handler has ended, so that asking and
    /// cancelling in turn cannot start work without bound.
    private mutating func ended(_ call: UInt32) -> Effect {
        guard open.remove(call) != nil else { return .nothing }
        return finishIfDone()
    }

    /// After an answer was delivered, after a call ended, or when the peer has seen our goaway.
    package mutating func finishIfDone() -> Effect {
        guard phase == .draining, open.isEmpty, end == .client || pingSince == nil else {
            return .nothing
        }
        phase = .closed
        return .finish
    }

    /// The ping behind a server's goaway comes back when the client has seen both; requests that
    /// were under way before are in by then. A client just stops asking.
    private mutating func drain(_ now: Age) -> Effect {
        switch phase {
        case .open:
            phase = .draining
            drainBy = now + limits.drainTimeMax
            if end == .client { return open.isEmpty ? finishIfDone() : .stopIssuing }
            pingSince = now
            return .sendGoAwayAndPing
        case .greeting:
            phase = .closed
            return .finish
        case .draining, .closed: return .nothing
        }
    }

    private mutating func fail(_ violation: Violation) -> Effect {
        phase = .closed
        return .fail(violation)
    }
}

// MARK: Time

extension ConnectionState {
    /// A frame that was cut and is whole now frees the next cut one to take its own time.
    private mutating func heard(_ now: Age, _ whole: Bool, _ partial: Bool) {
        lastHeard = now
        if end == .client { pingSince = nil }
        if !partial {
            partialSince = nil
        } else if whole || partialSince == nil {
            partialSince = now
        }
    }

    private mutating func tick(_ now: Age) -> Effect {
        if let drainBy, now >= drainBy {
            phase = .closed
            return .cut
        }
        if phase == .greeting {
            return now >= limits.helloTimeMax ? fail(.helloLate) : .nothing
        }
        if let partialSince, now >= partialSince + limits.frameTimeMax { return fail(.frameSlow) }
        if let blockedSince, now >= blockedSince + limits.writeTimeMax {
            return fail(.answersUnread)
        }
        switch end {
        case .server:
            // Who waits for an answer is not idle.
            if !open.isEmpty { lastHeard = now }
            if phase == .open, now >= limits.ageMax { return drain(now) }
            return now >= lastHeard + limits.idleTimeMax ? fail(.idle) : .nothing
        case .client: return keepAlive(now)
        }
    }

    private mutating func keepAlive(_ now: Age) -> Effect {
        if let pingSince {
            return now >= pingSince + limits.pongTimeMax ? fail(.silent) : .nothing
        }
        guard now >= lastHeard + limits.pingAfter else { return .nothing }
        pingSince = now
        return .sendPing
    }

    /// Client: a call was not answered in time, so ask at once whether the peer lives.
    package mutating func doubt(_ now: Age) -> Effect {
        guard end == .client, phase == .open || phase == .draining, pingSince == nil else {
            return .nothing
        }
        pingSince = now
        return .sendPing
    }

    /// When `tick` could have an effect next.
    package var wakeAt: Age? {
        guard phase != .closed else { return nil }
        if phase == .greeting { return limits.helloTimeMax }
        var at =
            switch end {
            case .server:
                phase == .open
                    ? min(limits.ageMax, lastHeard + limits.idleTimeMax)
                    : lastHeard + limits.idleTimeMax
            case .client: pingSince.map { $0 + limits.pongTimeMax } ?? lastHeard + limits.pingAfter
            }
        if let partialSince { at = min(at, partialSince + limits.frameTimeMax) }
        if let blockedSince { at = min(at, blockedSince + limits.writeTimeMax) }
        if let drainBy { at = min(at, drainBy) }
        return at
    }
}
