import Contracts
import Fixtures
import Testing
import Wire

@testable import VerificationService

/// What is counted once goes out once, whatever the caller and the provider do meanwhile.
@Suite struct SendingTests {
    /// `outcome sealed` of every message, the oldest first.
    private func outcomes(_ it: MessageVault) throws -> [String] {
        try it.vault.sql(
            """
            SELECT COALESCE(outcome, 'waits') || ' ' || (sealed IS NOT NULL)::text
            FROM verification.outbox ORDER BY created_at
            """
        ).split(separator: "\n").map(String.init)
    }

    /// Sends whatever waits, as the sweeper does once every lease and rest is over.
    private func sweep(_ it: MessageVault) async throws {
        try it.vault.sql(
            "UPDATE verification.outbox SET due_at = clock_timestamp() WHERE sealed IS NOT NULL")
        try await it.on { (handlers) throws(Fault) in
            for taken in try await handlers.outbox.take(.sms, max: 9) {
                _ = await it.carrier.carry(
                    try handlers.outbox.open(taken), taken, by: .sms, from: handlers.outbox)
            }
        }
    }

    @Test func `O-24 whoever hangs up while a message goes out has it sent once`() async throws {
        try await withMessages { it in
            it.sink.rests(.milliseconds(500))
            let call = Task {
                try await it.on { (handlers) throws(Fault) in
                    try await handlers.beginBinding(
                        MessageVault.beginBinding(try .fresh(), try .fresh()), Vault.call)
                }
            }
            while it.sink.sent.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            call.cancel()
            _ = await call.result
            #expect(try outcomes(it) == ["sent false"])
            try await sweep(it)
            #expect(it.sink.sent.count == 1)
        }
    }

    @Test func `O-24 an answer that nobody understands sends nothing again`() async throws {
        try await withMessages { it in
            it.sink.answers(200, String(repeating: "x", count: 1 << 20))
            let refusal = try await it.refusal { (handlers) throws(Fault) in
                try await handlers.beginBinding(
                    MessageVault.beginBinding(try .fresh(), try .fresh()), Vault.call)
            }
            #expect(refusal?.reason == .messageSendFailed)
            #expect(try outcomes(it) == ["failed false"])
            try await sweep(it)
            #expect(it.sink.sent.count == 1)
        }
    }

    @Test(arguments: [false, true])
    func `O-21 a later code takes the message with the older one out of the outbox`(
        isBinding: Bool
    ) async throws {
        try await withMessages { it in
            let phone = try await it.bind()
            let context = try ContextID.fresh()
            try it.vault.sql("DELETE FROM verification.outbox")
            for _ in 1...2 {
                // It ends after the commit and before the sending.
                _ = try await it.vault.refusal { (handlers) throws(Fault) in
                    let silent = it.open(handlers, sends: false)
                    if isBinding {
                        _ = try await silent.beginBinding(
                            MessageVault.beginBinding(
                                phone.user, context, "+31612345679", additional: true),
                            Vault.call)
                    } else {
                        _ = try await silent.beginChallenge(phone.begin(context), Vault.call)
                    }
                }
                try it.forgetMessages()
            }
            #expect(try outcomes(it) == ["replaced false", "waits true"])
            // What belongs elsewhere stays.
            _ = try await it.vault.refusal { (handlers) throws(Fault) in
                try await it.open(handlers, sends: false).beginChallenge(
                    phone.begin(try .fresh()), Vault.call)
            }
            #expect(try outcomes(it).count { $0 == "waits true" } == 2)
            try await sweep(it)
            #expect(it.sink.sent.count == 3)
        }
    }
}
