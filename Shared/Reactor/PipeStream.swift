import Wire

/// One end of a connection in memory: what a socket does, without a kernel, and cut into pieces as
/// a test wants it. Both ends live on one loop.
///
/// Unchecked: touched on its loop's thread only, which every call checks.
package final class PipeStream: ByteStream, TurnEnding, @unchecked Sendable {
    package let loop: EventLoop
    package let remoteAddress: SocketAddress
    package let peerIdentity: String?

    private var peer: PipeStream?
    private var receiver: (any ByteStreamReceiver)?
    private var outgoing = OutputBuffer()
    private var aside = OutputBuffer()
    private var isLent = false
    private var isTurnEndDue = false

    /// What has arrived and is not consumed.
    private var incoming = OutputBuffer()
    /// How many of these bytes the receiver has seen; the rest is for the next pieces.
    private var seen = 0
    private var isPaused = false
    private var isInputEndDue = false
    private var isInputEnded = false
    private var isDeliveryDue = false
    private var isClosing = false
    private var isOutputEnded = false
    private var isEnded = false
    private var isOverHighMark = false
    private var endDue: StreamEnd?

    /// Sizes in which bytes arrive here, again and again from the first; empty: all at once.
    private let pieces: [Int]
    private var piece = 0
    /// What the peer may send ahead of this end's reading, as a socket's buffer in the kernel.
    private let capacity: Int

    /// Two ends. `pieces` cuts what arrives at either. The identities are those that each end sees
    /// in the other.
    package static func pair(
        on loop: EventLoop, pieces: [Int] = [], capacity: Int = 1024 * 1024,
        address: SocketAddress = .ipv4(0x7f00_0001, port: 1),
        identities: (String?, String?) = (nil, nil)
    ) -> (PipeStream, PipeStream) {
        let first = PipeStream(loop, pieces, capacity, address, identities.0)
        let second = PipeStream(loop, pieces, capacity, address, identities.1)
        first.peer = second
        second.peer = first
        return (first, second)
    }

    private init(
        _ loop: EventLoop, _ pieces: [Int], _ capacity: Int, _ address: SocketAddress,
        _ identity: String?
    ) {
        precondition(pieces.allSatisfy { $0 > 0 } && capacity > 0)
        self.loop = loop
        self.pieces = pieces
        self.capacity = capacity
        remoteAddress = address
        peerIdentity = identity
    }
}

extension PipeStream {
    package func start(_ receiver: any ByteStreamReceiver) {
        loop.preconditionCurrent()
        precondition(self.receiver == nil, "a stream is started once")
        self.receiver = receiver
        askForDelivery()
        if endDue != nil { askForTurnEnd() }
    }

    package func write(_ body: (inout OutputBuffer) -> Void) {
        loop.preconditionCurrent()
        guard !isClosing, !isOutputEnded, !isEnded else { return }
        if isLent {
            body(&aside)
        } else {
            body(&outgoing)
            askForTurnEnd()
        }
    }

    package var unsentBytes: Int { outgoing.count + aside.count }

    package func pauseReading() {
        loop.preconditionCurrent()
        isPaused = true
    }

    package func resumeReading() {
        loop.preconditionCurrent()
        isPaused = false
        askForDelivery()
    }

    package func close() {
        loop.preconditionCurrent()
        guard !isClosing, !isEnded else { return }
        isClosing = true
        askForTurnEnd()
    }

    package func abort() {
        loop.preconditionCurrent()
        guard !isEnded else { return }
        let peer = peer
        end(.failed("cut off here"))
        peer?.cut()
    }

    /// Sends no more but goes on reading, as a client does that half-closes its connection.
    package func finishWriting() {
        loop.preconditionCurrent()
        isOutputEnded = true
        askForTurnEnd()
    }
}

extension PipeStream {
    package func turnEnded() {
        isTurnEndDue = false
        flush()
        if let end = endDue, let receiver {
            endDue = nil
            self.receiver = nil
            receiver.ended(end)
        }
    }

    private func askForTurnEnd() {
        guard !isTurnEndDue else { return }
        isTurnEndDue = true
        loop.atEndOfTurn(self)
    }

    private func flush() {
        guard !isEnded else { return }
        if let peer, !outgoing.isEmpty {
            let count = peer.isEnded ? outgoing.count : min(outgoing.count, peer.room)
            outgoing.withBytes { peer.arrived(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
            outgoing.removeFirst(count)
        }
        if outgoing.count > StreamLimits.unsentHighMark {
            isOverHighMark = true
        } else if isOverHighMark, outgoing.count < StreamLimits.unsentLowMark {
            isOverHighMark = false
            receiver?.drained()
        }
        guard outgoing.isEmpty, isClosing || isOutputEnded, !isEnded else { return }
        peer?.inputEndArrived()
        if isClosing { end(.finished) }
    }

    private func end(_ end: StreamEnd) {
        guard !isEnded else { return }
        isEnded = true
        endDue = end
        outgoing.removeAll()
        incoming.removeAll()
        askForTurnEnd()
        // Whoever waits for room here need not any more.
        peer?.askForTurnEnd()
        peer = nil
    }

    private func cut() { end(.failed("the peer cut the connection")) }
}

extension PipeStream {
    private var room: Int { max(0, capacity - incoming.count) }

    private func arrived(_ bytes: UnsafeRawBufferPointer) {
        guard !isEnded, !isClosing else { return }
        incoming.append(bytes)
        askForDelivery()
    }

    private func inputEndArrived() {
        guard !isInputEndDue, !isEnded else { return }
        isInputEndDue = true
        askForDelivery()
    }

    private func askForDelivery() {
        guard !isDeliveryDue else { return }
        isDeliveryDue = true
        loop.soon { self.deliver() }
    }

    private func deliver() {
        isDeliveryDue = false
        guard let receiver, !isPaused, !isEnded, !isClosing else { return }
        if !incoming.isEmpty { deliverPiece(receiver) }
        guard !isEnded, !isClosing, !isPaused else { return }
        if seen < incoming.count { return askForDelivery() }
        guard isInputEndDue, !isInputEnded else { return }
        isInputEnded = true
        if !receiver.inputEnded() { close() }
    }

    private func deliverPiece(_ receiver: any ByteStreamReceiver) {
        seen = min(incoming.count, seen + nextPiece())
        var held = OutputBuffer()
        swap(&held, &incoming)
        var lent = OutputBuffer()
        swap(&lent, &outgoing)
        isLent = true
        let consumed = held.withBytes { bytes in
            receiver.received(UnsafeRawBufferPointer(rebasing: bytes.prefix(seen)), &lent)
        }
        precondition(consumed >= 0 && consumed <= seen, "consumed what was not there")
        isLent = false
        swap(&lent, &outgoing)
        aside.withBytes { outgoing.append($0) }
        aside.removeAll()
        guard !isEnded else { return outgoing.removeAll() }
        held.removeFirst(consumed)
        seen -= consumed
        swap(&held, &incoming)
        askForTurnEnd()
        if let peer, !peer.outgoing.isEmpty { peer.askForTurnEnd() }
    }

    private func nextPiece() -> Int {
        guard !pieces.isEmpty else { return Int.max / 2 }
        defer { piece = (piece + 1) % pieces.count }
        return pieces[piece]
    }
}
