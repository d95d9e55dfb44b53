import CLinux
import Glibc
import Wire

/// A connected TCP or file-system socket on a loop.
///
/// Unchecked: touched on its loop's thread only, which every call checks.
package final class SocketStream: ByteStream, Watcher, TurnEnding, @unchecked Sendable {
    private enum Phase {
        case open
        /// `close` was called and bytes are still going out.
        case closing
        /// Everything is sent and `ended` is told; reads what is under way before closing.
        case lingering
        case ended
    }

    package let loop: EventLoop
    package let remoteAddress: SocketAddress
    package var peerIdentity: String? { nil }

    /// How long the peer may take nothing of what is sent to it.
    package var stallMax = StreamLimits.stallMax

    private var socket: Socket?
    let descriptor: Int32
    private var phase = Phase.open
    private var receiver: (any ByteStreamReceiver)?
    private let listener: TCPListener?

    private var outgoing = OutputBuffer()
    /// True while `outgoing` has memory from the loop's pool.
    private var holdsBuffer = false
    /// True when that memory has grown too large to be kept for the next stream.
    private var isBufferLarge = false
    /// True while the receiver has `outgoing`; what `write` appends then waits in `aside`.
    private var isLent = false
    private var aside = OutputBuffer()
    private var isOverHighMark = false
    /// True when the kernel takes no more for now.
    private var isBlocked = false
    private var stall: Timer?

    /// What the receiver left unconsumed.
    private var incoming = OutputBuffer()
    private var isPaused = false
    private var isInputEnded = false
    private var isRedeliveryDue = false
    private var lingerBytesLeft = StreamLimits.lingerBytesMax
    private var linger: Timer?

    private var interest: Interest?
    private var isTurnEndDue = false
    private var endDue: StreamEnd?

    /// A server's stream stops reading while its peer leaves answers lying. A client's never does:
    /// if both ends did, both could wait for ever.
    private var pausesWhenFull: Bool { listener != nil }

    init(
        _ socket: consuming Socket, _ remoteAddress: SocketAddress, on loop: EventLoop,
        from listener: TCPListener?
    ) {
        self.loop = loop
        self.remoteAddress = remoteAddress
        self.listener = listener
        descriptor = socket.descriptor
        socket.setNoDelay()
        self.socket = consume socket
    }

    deinit {
        if socket != nil { listener?.released(remoteAddress) }
    }
}

// MARK: - What the owner calls

extension SocketStream {
    package func start(_ receiver: any ByteStreamReceiver) {
        loop.preconditionCurrent()
        precondition(self.receiver == nil, "a stream is started once")
        self.receiver = receiver
        updateInterest()
        if endDue != nil { askForTurnEnd() }
    }

    package func write(_ body: (inout OutputBuffer) -> Void) {
        loop.preconditionCurrent()
        guard phase == .open else { return }
        if isLent {
            body(&aside)
        } else {
            takeBuffer()
            body(&outgoing)
            askForTurnEnd()
        }
    }

    package var unsentBytes: Int { outgoing.count + aside.count }

    package func pauseReading() {
        loop.preconditionCurrent()
        isPaused = true
        updateInterest()
    }

    package func resumeReading() {
        loop.preconditionCurrent()
        isPaused = false
        updateInterest()
        guard !incoming.isEmpty || isLent, !isRedeliveryDue else { return }
        isRedeliveryDue = true
        loop.soon { self.redeliver() }
    }

    package func close() {
        loop.preconditionCurrent()
        guard phase == .open else { return }
        phase = .closing
        updateInterest()
        askForTurnEnd()
    }

    package func abort() {
        loop.preconditionCurrent()
        guard phase == .open || phase == .closing else { return }
        socket?.setResetOnClose()
        end(.failed("cut off here"))
    }
}

// MARK: - What the loop calls

extension SocketStream {
    package func ready(_ events: Interest) {
        if events.contains(.write) {
            isBlocked = false
            flush()
        }
        guard phase != .ended else { return }
        if events.contains(.read), isReading {
            read()
        } else if events.contains(.failure) {
            fail(socket?.takeError() ?? 0)
        } else if events.contains(.hangUp) {
            hangUp()
        }
    }

    package func loopEnded() {
        interest = nil
        let wasOpen = phase == .open || phase == .closing
        if wasOpen { end(.failed("the loop stopped")) } else { release() }
    }

    package func turnEnded() {
        isTurnEndDue = false
        flush()
        // A stream that ended before it was started says so when it is.
        if let end = endDue, let receiver {
            endDue = nil
            self.receiver = nil
            receiver.ended(end)
        }
    }

    /// Both directions are shut although we are not done: a peer on the same machine has gone. What
    /// it sent first is still there to be read, after a pause too; until then epoll would report
    /// the hang-up without end.
    private func hangUp() {
        guard interest != nil else { return }
        interest = nil
        loop.unwatch(descriptor)
        if phase == .lingering { release() }
    }

    private func fail(_ code: Int32) {
        guard phase != .lingering else { return release() }
        // The code is gone when something else has asked for it first.
        end(.failed(code == 0 ? "connection lost" : SystemFault("socket", code).description))
    }
}

// MARK: - Reading

extension SocketStream {
    /// Up to here kept bytes move to the front of the loop's buffer; more stay where they are and
    /// grow.
    private static let copiedMax = 16 * 1024
    private static let readMin = 64 * 1024

    private var isReading: Bool {
        switch phase {
        case .open:
            receiver != nil && !isPaused && !isInputEnded && !(isOverHighMark && pausesWhenFull)
        // Bytes nobody wants any more are read all the same: see `lingerMax`.
        case .closing, .lingering: !isInputEnded
        case .ended: false
        }
    }

    private func read() {
        guard phase == .open else { return discard() }
        let kept = incoming.count
        guard kept <= Self.copiedMax else { return readBehindKept() }
        guard let memory = loop.readBuffer.baseAddress else { return }
        incoming.withBytes { bytes in
            if let source = bytes.baseAddress { memory.copyMemory(from: source, byteCount: kept) }
        }
        let count = socket?.receive(memory + kept, loop.readBuffer.count - kept) ?? 0
        guard count > 0 else { return readNothing(count) }
        let bytes = UnsafeRawBufferPointer(start: memory, count: kept + count)
        let consumed = deliver(bytes)
        incoming.removeAll()
        keep(UnsafeRawBufferPointer(rebasing: bytes[consumed...]))
    }

    private func readBehindKept() {
        guard incoming.count <= StreamLimits.unconsumedMax else {
            return end(.failed("more than \(StreamLimits.unconsumedMax) bytes left unconsumed"))
        }
        var count = 0
        incoming.append(atMost: Self.readMin) { room in
            count = socket?.receive(room.baseAddress.unsafelyUnwrapped, room.count) ?? 0
            return max(0, count)
        }
        guard count > 0 else { return readNothing(count) }
        deliverKept()
    }

    /// Hands over what is kept; during the call it is out of the stream's hands.
    private func deliverKept() {
        var held = OutputBuffer()
        swap(&held, &incoming)
        held.removeFirst(held.withBytes { deliver($0) })
        held.releaseMemoryIfEmpty()
        guard phase != .ended else { return }
        swap(&held, &incoming)
    }

    private func keep(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty, phase == .open else { return incoming.releaseMemoryIfEmpty() }
        incoming.append(bytes)
    }

    private func redeliver() {
        isRedeliveryDue = false
        guard phase == .open, !isPaused, !incoming.isEmpty, receiver != nil else { return }
        deliverKept()
    }

    private func deliver(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let receiver else { return 0 }
        takeBuffer()
        var lent = OutputBuffer()
        swap(&lent, &outgoing)
        isLent = true
        let consumed = receiver.received(bytes, &lent)
        precondition(consumed >= 0 && consumed <= bytes.count, "consumed what was not there")
        isLent = false
        swap(&lent, &outgoing)
        if !aside.isEmpty {
            aside.withBytes { outgoing.append($0) }
            aside.removeAll()
            aside.releaseMemoryIfEmpty()
        }
        if phase == .ended || outgoing.isEmpty { giveBufferBack() } else { askForTurnEnd() }
        return consumed
    }

    private func readNothing(_ count: Int) {
        guard count == 0 else {
            let code = errno
            if code == EAGAIN || code == EINTR { return }
            return fail(code)
        }
        isInputEnded = true
        guard phase == .open, let receiver else { return updateInterest() }
        updateInterest()
        if !receiver.inputEnded() { close() }
    }

    private func discard() {
        guard let memory = loop.readBuffer.baseAddress else { return }
        let count = socket?.receive(memory, loop.readBuffer.count) ?? 0
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        lingerBytesLeft -= max(0, count)
        if count == 0 { isInputEnded = true }
        if phase == .lingering, count <= 0 || lingerBytesLeft < 0 { return release() }
        if phase == .closing, count < 0 { return fail(errno) }
        if phase == .closing, lingerBytesLeft < 0 { isInputEnded = true }
        updateInterest()
    }
}

// MARK: - Writing

extension SocketStream {
    private func takeBuffer() {
        guard !holdsBuffer else { return }
        holdsBuffer = true
        outgoing = loop.takeBuffer()
    }

    private func giveBufferBack() {
        guard holdsBuffer else { return }
        holdsBuffer = false
        var mine = OutputBuffer()
        swap(&mine, &outgoing)
        if isBufferLarge { isBufferLarge = false } else { loop.giveBack(mine) }
    }

    private func askForTurnEnd() {
        guard !isTurnEndDue else { return }
        isTurnEndDue = true
        loop.atEndOfTurn(self)
    }

    private func flush() {
        guard phase == .open || phase == .closing else { return }
        if !outgoing.isEmpty {
            if outgoing.count > StreamLimits.unsentHighMark { isBufferLarge = true }
            guard isBlocked || send() else { return }
        }
        if outgoing.isEmpty { giveBufferBack() }
        if phase == .closing, outgoing.isEmpty { return finish() }
        checkMarks()
        updateInterest()
    }

    /// False when the connection has failed.
    private func send() -> Bool {
        let sent = outgoing.withBytes { socket?.send($0) ?? 0 }
        if sent < 0, errno != EAGAIN, errno != EINTR {
            fail(errno)
            return false
        }
        outgoing.removeFirst(max(0, sent))
        isBlocked = !outgoing.isEmpty
        watchStall(progress: sent > 0)
        return true
    }

    private func checkMarks() {
        if outgoing.count > StreamLimits.unsentHighMark {
            isOverHighMark = true
        } else if isOverHighMark, outgoing.count < StreamLimits.unsentLowMark {
            isOverHighMark = false
            receiver?.drained()
        }
    }

    /// The clock of a peer that does not read runs from the last byte it took.
    private func watchStall(progress: Bool) {
        guard isBlocked else {
            stall?.cancel()
            stall = nil
            return
        }
        if let stall {
            if progress { stall.restart(after: stallMax) }
            return
        }
        stall = loop.schedule(after: stallMax) { [weak self] in
            guard let self else { return }
            socket?.setResetOnClose()
            end(.failed("the peer took nothing for \(stallMax)"))
        }
    }
}

// MARK: - The end

extension SocketStream {
    private func updateInterest() {
        guard phase != .ended else { return }
        var wanted: Interest = isBlocked ? .write : []
        if isReading { wanted.insert(.read) }
        if let interest {
            guard interest != wanted else { return }
            self.interest = wanted
            loop.update(descriptor, wanted)
        } else if receiver != nil || !wanted.isEmpty {
            interest = wanted
            loop.watch(descriptor, wanted, self)
        }
    }

    /// Everything has gone out: says so to the peer, then reads what is still under way.
    private func finish() {
        socket?.finishSending()
        endDue = .finished
        askForTurnEnd()
        guard !isInputEnded else { return release() }
        phase = .lingering
        updateInterest()
        linger = loop.schedule(after: StreamLimits.lingerMax) { [weak self] in self?.release() }
    }

    private func end(_ end: StreamEnd) {
        guard phase == .open || phase == .closing else { return }
        endDue = end
        release()
        askForTurnEnd()
    }

    private func release() {
        guard phase != .ended else { return }
        phase = .ended
        stall?.cancel()
        stall = nil
        linger?.cancel()
        linger = nil
        if interest != nil { loop.unwatch(descriptor) }
        interest = nil
        socket = nil
        listener?.released(remoteAddress)
        outgoing.removeAll()
        incoming.removeAll()
        incoming.releaseMemoryIfEmpty()
        if !isLent { giveBufferBack() }
    }
}
