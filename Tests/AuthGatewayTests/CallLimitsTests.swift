import Contracts
import RPC
import Reactor
import Testing
import Wire

@testable import AuthGateway

/// Limits whose clock the test moves.
private final class Turnstile: Sendable {
    private let nanoseconds = Guarded<Int64>(0)
    private let rates: CallLimits.Rates
    private let limits = Guarded<CallLimits?>(nil)

    init(calls: Int = 1000, passwords: Int = 3, all: Int = 100) {
        rates = CallLimits.Rates(
            calls: TokenBucket.Rate(burst: calls, perMinute: 6000),
            passwords: TokenBucket.Rate(burst: passwords, perMinute: 30),
            allPasswords: TokenBucket.Rate(burst: all, perMinute: 60))
        let limits = CallLimits(rates, networksMax: 1024) { [unowned self] in
            nanoseconds.withLock { $0 }
        }
        self.limits.withLock { $0 = limits }
    }

    func follow(_ fill: (inout LimitSettings) -> Void) {
        var said = LimitSettings()
        fill(&said)
        limits.withLock { $0 }?.follow(said)
    }

    func wait(seconds: Int64) { nanoseconds.withLock { $0 += seconds * 1_000_000_000 } }

    /// The seconds after which to come again; nil when the call is let in.
    func refusal(_ method: UInt16, _ address: String) -> UInt32? {
        refusal(method, .outside(SocketAddress(address)!))
    }

    func refusal(_ method: UInt16, _ caller: Caller) -> UInt32? {
        do throws(Fault) {
            try limits.withLock { $0 }?.admit(method, from: caller)
            return nil
        } catch {
            return error.reason == .overloaded ? error.retryAfterSeconds : 0
        }
    }
}

@Suite struct CallLimitsTests {
    private let start = SignInContract.start.number
    private let other = SignInContract.cancel.number
    private let here = "192.0.2.1:1"
    private let elsewhere = "[2001:db8::1]:1"

    @Test func `L-19 and L-24 a network that signs in too often waits, and others do not`() {
        let door = Turnstile()
        for _ in 0..<3 { #expect(door.refusal(start, here) == nil) }
        #expect(door.refusal(start, here) == 2)
        #expect(door.refusal(start, "192.0.2.1:999") == 2)
        #expect(door.refusal(other, here) == nil)
        #expect(door.refusal(start, elsewhere) == nil)
        door.wait(seconds: 2)
        #expect(door.refusal(start, here) == nil)
        #expect(door.refusal(start, here) == 2)
    }

    @Test func `L-24 policy lets a network try less, at once, and never more`() {
        let door = Turnstile()
        #expect(door.refusal(start, here) == nil)
        door.follow {
            $0.networkPasswordsBurst = 2
            $0.networkPasswordsPerMinute = 6
        }
        door.wait(seconds: 60)
        for _ in 0..<2 { #expect(door.refusal(start, here) == nil) }
        #expect(door.refusal(start, here) == 10)
        door.follow {
            $0.networkPasswordsBurst = 100_000
            $0.networkPasswordsPerMinute = 600_000
        }
        door.wait(seconds: 60)
        for _ in 0..<3 { #expect(door.refusal(start, here) == nil) }
        #expect(door.refusal(start, here) == 2)
        // Whatever is said, somebody is let in some time.
        door.follow {
            $0.networkPasswordsBurst = 0
            $0.networkPasswordsPerMinute = 0
        }
        door.wait(seconds: 3600)
        #expect(door.refusal(start, here) == nil)
    }

    @Test func `every call that has a password hashed counts as one`() {
        let door = Turnstile()
        let methods = [
            SignInContract.changePassword.number, AccountContract.changePassword.number,
            AccountContract.stepUp.number,
        ]
        for method in methods { #expect(door.refusal(method, here) == nil) }
        for method in methods + [start] { #expect(door.refusal(method, here) == 2) }
    }

    @Test func `all calls of a network have a wider limit`() {
        let door = Turnstile(calls: 5)
        for _ in 0..<5 { #expect(door.refusal(other, here) == nil) }
        #expect(door.refusal(other, here) == 1)
        #expect(door.refusal(start, here) == 1)
        #expect(door.refusal(other, elsewhere) == nil)
    }

    @Test func `what all networks together may have hashed is bounded`() {
        let door = Turnstile(all: 10)
        for number in 0..<10 { #expect(door.refusal(start, "192.0.2.\(number):1") == nil) }
        #expect(door.refusal(start, "192.0.2.200:1") == 1)
        #expect(door.refusal(other, "192.0.2.200:1") == nil)
        door.wait(seconds: 1)
        // Who was refused has lost nothing by it.
        #expect(door.refusal(start, "192.0.2.200:1") == nil)
        door.wait(seconds: 2)
        for _ in 0..<2 { #expect(door.refusal(start, "192.0.2.200:1") == nil) }
    }

    @Test func `a registered caller is bound by what all may cost, not by its own network`() {
        let door = Turnstile(calls: 1, passwords: 1, all: 10)
        let caller = Caller.service(identity: "spiffe://test.internal/pam")
        for _ in 0..<20 { #expect(door.refusal(other, caller) == nil) }
        for _ in 0..<10 { #expect(door.refusal(start, caller) == nil) }
        #expect(door.refusal(start, caller) == 1)
    }

    @Test func `L-25 100,000 networks are let in once each where all may cost so much`() {
        let door = Turnstile(all: 100_000)
        for number in 0..<100_000 {
            let address = SocketAddress.ipv6(high: UInt64(number) << 16, low: 1, scope: 0, port: 1)
            let refusal = door.refusal(start, .outside(address))
            if refusal != nil { Issue.record("network \(number)") }
        }
        #expect(door.refusal(start, here) == 1)
    }

    @Test func `parallel calls never get more than the bucket holds`() async {
        let door = Turnstile(passwords: 50)
        let start = start
        let admitted = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    (0..<100).count { _ in door.refusal(start, "192.0.2.1:1") == nil }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(admitted == 50)
    }

    @Test
    func `L-23 and L-24 a refused sign-in asks nothing of the services behind and tells no name`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let rate = TokenBucket.Rate(burst: 1, perMinute: 1)
            let limits = CallLimits(
                CallLimits.Rates(
                    calls: .init(burst: 9, perMinute: 1), passwords: rate,
                    allPasswords: rate)
            ) { 0 }
            func start(_ name: String) async throws -> Fault? {
                let request = StartSignIn(identifier: name, password: "wrong", bearer: true)
                let body = request.encoded()
                return try await house.on { gateway in
                    let dispatcher = GatewayDispatcher(gateway: gateway, limits: limits)
                    do throws(Fault) {
                        _ = try await dispatcher.answer(
                            SignInContract.start.number, .binary, body, .from(), Door(.http))
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            #expect(try await start(user.name)?.reason == .passwordWrong)
            let asked = house.verification.stand.traces.count
            let refusals = [
                try await start(user.name), try await start("nobody"), try await start(""),
            ]
            #expect(Set(refusals.map { $0?.reason }) == [.overloaded])
            #expect(Set(refusals.map { $0?.retryAfterSeconds }) == [60])
            #expect(house.verification.stand.traces.count == asked)
        }
    }
}
