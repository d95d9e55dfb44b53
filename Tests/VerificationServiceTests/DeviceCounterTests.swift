import Contracts
import Crypto
import Testing
import Wire

@testable import VerificationService

/// Counters of known devices beside the authenticator's, over a real database.
@Suite struct DeviceCounterTests {
    private static func device() throws -> DeviceID { try Random.identifier() }

    private func password(
        _ vault: Vault, _ user: UserID, _ text: String = Vault.password, on device: DeviceID?
    ) async throws -> Fault? {
        try await vault.refusal { (it) throws(Fault) in
            try await it.checkPassword(
                CheckPassword(user: user, password: text, device: device), Vault.call)
        }
    }

    private func code(
        _ vault: Vault, _ bound: BoundUser, _ text: String, on device: DeviceID?
    ) async throws -> Fault? {
        var request = bound.check(text)
        request.device = device
        return try await vault.refusal { [request] (it) throws(Fault) in
            try await it.checkCode(request, Vault.call)
        }
    }

    /// `failed reserved state` of each of the user's device counters.
    private func counters(_ vault: Vault, _ user: UserID) throws -> [String] {
        try vault.sql(
            "SELECT failed || ' ' || reserved || ' ' || state FROM verification.device_counters "
                + "WHERE user_id = '\(user)' ORDER BY failed"
        ).split(separator: "\n").map(String.init)
    }

    @Test func `L-25 whoever guesses elsewhere delays strangers, and the known device never`()
        async throws
    {
        try await withVault(.init(replicas: 2)) { vault in
            let user = try await vault.makeUser()
            let device = try Self.device()
            #expect(try await password(vault, user, on: device) == nil)
            _ = try await vault.parallel(40) { (it, number) throws(Fault) in
                try await it.checkPassword(
                    CheckPassword(user: user, password: "wrong \(number)"), Vault.call)
            }
            #expect(try await password(vault, user, on: nil)?.reason == .attemptsDelayed)
            #expect(try await password(vault, user, on: device) == nil)
            // The success is one of the authenticator's, which counts from nothing again.
            #expect(try vault.standing(user, kind: "password") == "0 0 active")
            #expect(try await password(vault, user, on: nil) == nil)
        }
    }

    @Test func `L-25 codes that somebody guesses elsewhere do not delay the known device`()
        async throws
    {
        try await withVault { vault in
            let bound = try await vault.bind()
            let device = try Self.device()
            for number in 1...5 {
                _ = try await code(vault, bound, bound.wrongCode(number), on: nil)
            }
            #expect(try await code(vault, bound, bound.code(), on: nil)?.reason == .attemptsDelayed)
            let wrong = try await code(vault, bound, bound.wrongCode(), on: device)
            #expect(wrong == Fault(.codeWrong, attemptsLeft: 4))
            #expect(try await code(vault, bound, bound.code(), on: device) == nil)
            #expect(try vault.standing(bound.user) == "0 0 active")
            #expect(try counters(vault, bound.user) == ["0 0 active"])
        }
    }

    @Test func `a device rests for its own failures, and another one does not for them`()
        async throws
    {
        try await withVault(.init(replicas: 2)) { vault in
            let user = try await vault.makeUser()
            let device = try Self.device()
            let answers = try await vault.parallel(30) { (it, number) throws(Fault) in
                try await it.checkPassword(
                    CheckPassword(user: user, password: "wrong \(number)", device: device),
                    Vault.call)
            }
            let counted = answers.count { $0 == .passwordWrong }
            #expect(counted >= 5)
            #expect(answers.allSatisfy { $0 == .passwordWrong || $0 == .attemptsDelayed })
            #expect(try counters(vault, user) == ["\(counted) 0 active"])
            #expect(try vault.standing(user, kind: "password") == "\(counted) 0 active")
            let refusal = try await password(vault, user, on: device)
            #expect(refusal?.reason == .attemptsDelayed)
            #expect(refusal?.retryAfterSeconds ?? 0 > 1)
            #expect(try await password(vault, user, on: nil)?.reason == .attemptsDelayed)
            let other = try Self.device()
            #expect(try await password(vault, user, on: other) == nil)
            // Somebody else's success ends the authenticator's rest and not the device's.
            #expect(try await password(vault, user, on: nil) == nil)
            #expect(try await password(vault, user, on: device)?.reason == .attemptsDelayed)
            try vault.sql("UPDATE verification.device_counters SET delayed_until = NULL")
            #expect(try await password(vault, user, on: device) == nil)
            #expect(try counters(vault, user) == ["0 0 active", "0 0 active"])
        }
    }

    @Test func `once it has rested a device tries one at a time`() async throws {
        try await withVault(.init(replicas: 2)) { vault in
            let bound = try await vault.bind()
            let device = try Self.device()
            _ = try await code(vault, bound, bound.wrongCode(), on: device)
            for failures in 6...12 {
                try vault.sql(
                    "UPDATE verification.device_counters SET failed = \(failures - 1), "
                        + "delayed_until = NULL")
                let answers = try await vault.parallel(20) { (it, number) throws(Fault) in
                    var request = bound.check(bound.wrongCode(number))
                    request.device = device
                    _ = try await it.checkCode(request, Vault.call)
                }
                #expect(answers.count { $0 == .codeWrong } == 1)
                #expect(answers.count { $0 == .attemptsDelayed } == 19)
                #expect(try counters(vault, bound.user) == ["\(failures) 0 active"])
            }
            // Told by what the device waits for: the rest of its twelfth failure.
            #expect(try vault.standing(bound.user) == "8 0 active")
        }
    }

    @Test func `L-26 the limit stands over all devices and strangers together`() async throws {
        try await withVault(.init(replicas: 2)) { vault in
            let user = try await vault.makeUser()
            let devices = try (0..<40).map { _ in try Self.device() }
            let answers = try await vault.parallel(200) { (it, number) throws(Fault) in
                let device = number % 5 == 0 ? nil : devices[number % devices.count]
                return try await it.checkPassword(
                    CheckPassword(user: user, password: "wrong \(number)", device: device),
                    Vault.call)
            }
            #expect(!answers.contains(nil))
            let checked =
                try vault.audited(user, "password_refused", "payload->>'reason' IS NULL")
                + vault.audited(user, "authenticator_disabled")
            #expect(checked <= 100)
            #expect(try vault.standing(user, kind: "password").hasPrefix("\(checked) 0 "))
            try vault.sql(
                "UPDATE verification.authenticators SET failed = 99, state = 'active'; "
                    + "UPDATE verification.device_counters SET failed = 0, delayed_until = NULL")
            let last = try await vault.parallel(20) { (it, number) throws(Fault) in
                try await it.checkPassword(
                    CheckPassword(user: user, password: "wrong", device: devices[number]),
                    Vault.call)
            }
            // Which of them is the last one that is checked is open; no second one is.
            #expect(try vault.standing(user, kind: "password") == "100 0 disabled")
            #expect(last.allSatisfy { $0 == .attemptsExhausted || $0 == .attemptsDelayed })
            #expect(
                try await password(vault, user, on: try Self.device())
                    == Fault(.attemptsExhausted))
        }
    }

    @Test func `thirty wrong codes disable the app, however many devices they come from`()
        async throws
    {
        try await withVault(.init(replicas: 2)) { vault in
            let bound = try await vault.bind()
            let devices = try (0..<20).map { _ in try Self.device() }
            let answers = try await vault.parallel(100) { (it, number) throws(Fault) in
                var request = bound.check(bound.wrongCode(number))
                request.device = devices[number % devices.count]
                _ = try await it.checkCode(request, Vault.call)
            }
            #expect(!answers.contains(nil))
            let checked = answers.count { $0 == .codeWrong }
            let state = checked == 29 ? "30 0 disabled" : "\(checked) 0 active"
            #expect(try vault.standing(bound.user) == state)
            try vault.sql("UPDATE verification.authenticators SET failed = 29, state = 'active'")
            let new = try Self.device()
            #expect(
                try await code(vault, bound, bound.wrongCode(), on: new)
                    == Fault(.attemptsExhausted))
            #expect(
                try await code(vault, bound, bound.code(), on: new) == Fault(.attemptsExhausted))
        }
    }

    @Test func `64 submissions of one code on one device: one succeeds, none is a failure`()
        async throws
    {
        try await withVault(.init(replicas: 2)) { vault in
            let bound = try await vault.bind()
            var request = bound.check(bound.code())
            request.device = try Self.device()
            let answers = try await vault.parallel(64) { [request] (it, _) throws(Fault) in
                try await it.checkCode(request, Vault.call)
            }
            #expect(answers.count { $0 == nil } == 1)
            #expect(
                answers.allSatisfy { $0 == nil || $0 == .codeUsed || $0 == .attemptsDelayed })
            #expect(try vault.standing(bound.user) == "0 0 active")
            #expect(try counters(vault, bound.user) == ["0 0 active"])
        }
    }

    @Test func `a try that nobody settles becomes a failure of the device too`() async throws {
        try await withVault { vault in
            let user = try await vault.makeUser()
            let device = try Self.device()
            #expect(try await password(vault, user, "wrong", on: device) != nil)
            try vault.sql(
                "UPDATE verification.device_counters SET failed = 3, reserved = 2, "
                    + "reserved_at = clock_timestamp() - interval '61 seconds'")
            // Five by then: the rest runs from the last try, and is over already.
            #expect(try await password(vault, user, "wrong", on: device)?.reason == .passwordWrong)
            #expect(try counters(vault, user) == ["6 0 active"])
            #expect(try await password(vault, user, on: device)?.reason == .attemptsDelayed)
        }
    }

    @Test func `a device that the authenticator refuses gets its reservation back`() async throws {
        try await withVault { vault in
            let user = try await vault.makeUser()
            let device = try Self.device()
            try vault.sql("UPDATE verification.authenticators SET failed = 100, state = 'disabled'")
            for _ in 0..<7 {
                #expect(try await password(vault, user, on: device) == Fault(.attemptsExhausted))
            }
            #expect(try counters(vault, user) == ["0 0 active"])
        }
    }

    @Test func `a device that has used its own counter up is treated as any stranger`()
        async throws
    {
        try await withVault { vault in
            let user = try await vault.makeUser()
            let device = try Self.device()
            #expect(try await password(vault, user, "wrong", on: device) != nil)
            try vault.sql(
                "UPDATE verification.device_counters SET failed = 99, delayed_until = NULL; "
                    + "UPDATE verification.authenticators SET failed = 3")
            #expect(try await password(vault, user, "wrong", on: device)?.reason == .passwordWrong)
            #expect(try counters(vault, user) == ["100 0 disabled"])
            #expect(try await password(vault, user, "wrong", on: device)?.reason == .passwordWrong)
            #expect(try counters(vault, user) == ["100 0 disabled"])
            #expect(try await password(vault, user, on: device)?.reason == .attemptsDelayed)
            try vault.endRests()
            #expect(try await password(vault, user, on: device) == nil)
        }
    }

    @Test func `of names that nobody has no device is counted, and the refusals are the same`()
        async throws
    {
        try await withVault { vault in
            let device = try Self.device()
            var refusals: [[Reason?]] = []
            for given in [device, nil] {
                let nobody = try Vault.newUser()
                var reasons: [Reason?] = []
                for _ in 0..<6 {
                    reasons.append(try await password(vault, nobody, on: given)?.reason)
                }
                refusals.append(reasons)
            }
            #expect(refusals[1].last == .attemptsDelayed)
            // The first try makes the decoy; only a gateway gone wrong would name a device of it.
            #expect(refusals[0].allSatisfy { $0 == .passwordWrong || $0 == .attemptsDelayed })
            let unknown = BoundUser(
                user: try Vault.newUser(), authenticator: try .fresh(),
                seed: try .random(count: 20))
            #expect(
                try await code(vault, unknown, "000000", on: device)
                    == Fault(.authenticatorNotFound))
        }
    }

    @Test func `a new password, an unbinding and a reset take the counters along`() async throws {
        try await withVault { vault in
            let user = try await vault.makeUser()
            let bound = try await vault.bind(user)
            let device = try Self.device()
            func fail() async throws {
                #expect(try await password(vault, user, "wrong", on: device) != nil)
                #expect(try await code(vault, bound, bound.wrongCode(), on: device) != nil)
            }
            try await fail()
            #expect(try counters(vault, user).count == 2)
            _ = try await vault.on { (it) throws(Fault) in
                try await it.replacePassword(
                    ReplacePassword(
                        user: user, newPassword: "four quiet grey herons",
                        currentPassword: Vault.password, secondFactorAsked: true,
                        contextWords: [], device: device), Vault.call)
            }
            #expect(try counters(vault, user).count == 1)
            _ = try await vault.on { (it) throws(Fault) in
                try await it.unbind(
                    RemoveAuthenticator(
                        user: user, authenticator: bound.authenticator, keepsOne: false),
                    Vault.call)
            }
            #expect(try counters(vault, user) == [])
            #expect(try await password(vault, user, "wrong", on: device) != nil)
            _ = try await vault.on { (it) throws(Fault) in
                try await it.setInitialPassword(SetInitialPassword(user: user), Vault.call)
            }
            #expect(try counters(vault, user) == [])
        }
    }

    @Test func `tries of a device race with a new password, and nothing is left open`()
        async throws
    {
        try await withVault(.init(replicas: 2)) { vault in
            let user = try await vault.makeUser()
            for round in 0..<5 {
                let device = try Self.device()
                let answers = try await vault.parallel(16) { (it, number) throws(Fault) in
                    guard number == 8 else {
                        _ = try await it.checkPassword(
                            CheckPassword(user: user, password: "wrong", device: device),
                            Vault.call)
                        return
                    }
                    _ = try await it.setInitialPassword(
                        SetInitialPassword(user: user), Vault.call)
                }
                #expect(answers.count { $0 == nil } == 1, "round \(round): \(answers)")
                #expect(
                    answers.allSatisfy {
                        $0 == nil || $0 == .passwordWrong || $0 == .attemptsDelayed
                            || $0 == .unavailable
                    }, "\(answers)")
            }
        }
    }

    @Test func `the audit says which known device tried, and that none did`() async throws {
        try await withVault { vault in
            let user = try await vault.makeUser()
            let bound = try await vault.bind(user)
            let device = try Self.device()
            _ = try await password(vault, user, "wrong", on: device)
            _ = try await password(vault, user, on: device)
            _ = try await code(vault, bound, bound.wrongCode(), on: device)
            _ = try await code(vault, bound, bound.code(), on: nil)
            let said = "payload->>'known_device' = '\(device)'"
            #expect(try vault.audited(user, "password_refused", said) == 1)
            #expect(try vault.audited(user, "password_proved", said) == 1)
            #expect(try vault.audited(user, "factor_refused", said) == 1)
            let none = "payload->>'known_device' = 'none'"
            #expect(try vault.audited(user, "factor_proved", none) == 1)
        }
    }

    @Test func `counters go when no browser can be known by them any more`() async throws {
        try await withVault { vault in
            let user = try await vault.makeUser()
            for _ in 0..<2 { _ = try await password(vault, user, on: try Self.device()) }
            try vault.sql(
                """
                UPDATE verification.device_counters
                SET reserved_at = clock_timestamp() - interval '400 days 1 second'
                WHERE device_id = (SELECT min(device_id::text)::uuid
                    FROM verification.device_counters)
                """)
            let pool = vault.replicas[0].pool
            let removed = try await vault.on { (_) throws(Fault) in
                try await Sweep(pool: pool, log: .silent).once()
            }
            #expect(removed == 1)
            #expect(try counters(vault, user).count == 1)
        }
    }

    @Test func `a device that waits is listed, and an administrator lets it try again`()
        async throws
    {
        try await withVault { vault in
            let user = try await vault.makeUser()
            let bound = try await vault.bind(user)
            let device = try Self.device()
            for number in 0..<5 {
                _ = try await password(vault, user, "wrong", on: device)
                _ = try await code(vault, bound, bound.wrongCode(number), on: device)
            }
            // A success elsewhere ends all rests but the device's own.
            try vault.sql(
                "UPDATE verification.authenticators SET failed = 0, delayed_until = NULL")
            let list = try await vault.on { (it) throws(Fault) in
                try await it.listLocked(ListLocked(limit: 50), Vault.call)
            }
            #expect(list.locks.count == 2)
            for lock in list.locks {
                #expect(lock.user == user && lock.failed == 5 && !lock.disabled)
                #expect(lock.delayedUntil != nil)
            }
            let unlocked = try await vault.on { (it) throws(Fault) in
                try await it.unlock(
                    Unlock(user: user, actor: UserID(high: 1, low: 2), reason: "called"),
                    Vault.call)
            }
            #expect(unlocked == UserUnlocked(unlocked: 2, stillDisabled: 0))
            // The password's failures are forgotten, the app's are not, as for all.
            #expect(try counters(vault, user) == ["0 0 active", "5 0 active"])
            #expect(try await password(vault, user, on: device) == nil)
            #expect(try await code(vault, bound, bound.code(), on: device) == nil)
        }
    }
}
