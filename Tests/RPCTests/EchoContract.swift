// A contract to test with: one method for each thing a method can do.

import RPC
import Reactor
import Wire

struct EchoMessage: Message {
    let text: String
    let milliseconds: UInt32

    init(_ text: String = "", milliseconds: UInt32 = 0) {
        self.text = text
        self.milliseconds = milliseconds
    }

    /// Comes back when the server's log says so, and not by the clock.
    static let gated = EchoMessage("gated", milliseconds: .max)

    static let name = "EchoMessage"
    static let about = "What is said comes back."

    init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        text = try coder.field(1, "text", it?.text, max: 100_000, "What is said.")
        milliseconds = try coder.field(2, "milliseconds", it?.milliseconds, "When it comes back.")
    }
}

enum EchoContract: Contract {
    static let about = "Echoes, for tests and measurements."
    static let service = ServiceName(7, "test.EchoService")

    static let echo = Method<EchoMessage, EchoMessage>(
        0x0701, "Echo", callers: .services([.gateway]), "Answers from memory.")
    static let later = Method<EchoMessage, EchoMessage>(
        0x0702, "Later", callers: .services([.gateway]), idempotent: true, "Answers after a time.")
    static let asyncEcho = Method<EchoMessage, EchoMessage>(
        0x0703, "AsyncEcho", callers: .services([.gateway]), "An async handler that never waits.")
    static let refuse = Method<EchoMessage, EchoMessage>(
        0x0704, "Refuse", callers: .services([.gateway]), "Refuses after a time.")
    static let once = Method<EchoMessage, EchoMessage>(
        0x0705, "Once", callers: .services([.gateway]), "Not to be repeated.")
    static let policyOnly = Method<EchoMessage, EchoMessage>(
        0x0706, "PolicyOnly", callers: .services([.policy]), "For another caller.")
    static let registered = Method<EchoMessage, EchoMessage>(
        0x0707, "Registered", callers: .registered, "For registered callers.")
    static let big = Method<EchoMessage, EchoMessage>(
        0x0708, "Big", callers: .services([.gateway]), "A long answer from memory.")

    static let methods = [
        echo.described, later.described, asyncEcho.described, refuse.described, once.described,
        policyOnly.described, registered.described, big.described,
    ]
}

let trustDomain = "2fa.test"
let gatewayIdentity = ServiceRole.gateway.identity(in: trustDomain)

/// What the handlers saw. Unchecked: touched on one loop only.
final class EchoLog: @unchecked Sendable {
    var calls: [Call] = []
    var started = 0
    var ended = 0
    var cancelled = 0
    var runningMost = 0
    /// Lets gated calls come back.
    var isGateOpen = false
}

struct EchoDispatcher: Dispatcher {
    let loop: EventLoop
    let log: EchoLog

    func answerInline(
        _ method: UInt16, _ body: UnsafeRawBufferPointer, _ head: borrowing CallHead,
        _ output: inout OutputBuffer
    ) -> InlineAnswer {
        switch method {
        case EchoContract.echo.number, EchoContract.policyOnly.number,
            EchoContract.registered.number:
            output.append(body)
            return .answered
        case EchoContract.big.number:
            output.append([UInt8](repeating: 0, count: 60_000))
            return .answered
        case EchoContract.refuse.number:
            // Nothing of what was written may reach the wire.
            output.append(body)
            if body.isEmpty { return .refused(.overloaded, retryAfterSeconds: 3) }
            return .wait
        default:
            return .wait
        }
    }

    func answer(
        _ method: UInt16, _ coding: Coding, _ body: [UInt8], _ call: Call
    ) async throws(Fault) -> [UInt8] {
        log.calls.append(call)
        log.started += 1
        log.runningMost = max(log.runningMost, log.started - log.ended)
        defer { log.ended += 1 }
        switch method {
        case EchoContract.asyncEcho.number:
            return try await EchoContract.asyncEcho.serve(coding, body, call) { it, _ in it }
        case EchoContract.later.number:
            return try await EchoContract.later.serve(coding, body, call, wait)
        case EchoContract.once.number:
            return try await EchoContract.once.serve(coding, body, call, wait)
        case EchoContract.refuse.number:
            return try await EchoContract.refuse.serve(coding, body, call) {
                (it, call) throws(Fault) in
                _ = try await wait(it, call)
                throw Fault(.codeWrong, retryAfterSeconds: 7, detail: "secret")
            }
        default:
            throw Fault(.methodUnknown)
        }
    }

    private func wait(_ it: EchoMessage, _ call: Call) async throws(Fault) -> EchoMessage {
        if it == .gated {
            while !log.isGateOpen, !Task.isCancelled { await loop.sleep(for: .milliseconds(1)) }
        } else if it.milliseconds > 0 {
            await loop.sleep(for: .milliseconds(Int64(it.milliseconds)))
        }
        if Task.isCancelled { log.cancelled += 1 }
        return it
    }
}
