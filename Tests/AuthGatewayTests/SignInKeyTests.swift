import Contracts
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// Signing in by name, address or number.
struct SignInKeyTests {
    @Test(arguments: [
        ("+31 20 123 4567", "+31201234567"), ("+31-20-123.45.67", "+31201234567"),
        ("+1 (202) 555\u{a0}0100", "+12025550100"),
    ]) func `a number is found as people write it`(typed: String, number: String) {
        #expect(SignInKey(typed) == SignInKey(number))
        #expect(SignInKey(typed).kind == .phone && SignInKey(typed).text == number)
    }

    @Test(arguments: [
        "+", "+12", "+0123456", "0031201234567", "+31x201234567", "+3120123456789012",
        "+\u{0663}\u{0661}201234567", "31201234567", "+31" + String(repeating: " ", count: 60),
    ]) func `O-25 what is no number is a name that nobody has`(typed: String) {
        #expect(SignInKey(typed).kind == .name)
    }

    @Test(arguments: [
        "+31 20 123 4567", "+31-20-1234567", "+1 202 555 0100",
        "ann@b", "@", "ann@example.org",
    ]) func `L-20 no name reads as a number or as an address`(typed: String) {
        #expect(UserName(parsing: typed) == nil)
    }

    @Test func `L-20 one text never means two users`() {
        for typed in ["ann", "Ann@Example.org", "+31 201234567", "ＡＮＮ＠example.org", ""] {
            let key = SignInKey(typed)
            let found = [SignInKey.Kind.name, .email, .phone].compactMap { key.text($0) }
            #expect(found == [key.text])
        }
    }

    private func addressed(_ house: Gatehouse) async throws -> TestUser {
        let user = try await house.makeUser("Zoë", factors: 1)
        try house.sql(
            "UPDATE auth.users SET email = 'Zoe@Example.org', email_key = 'zoe@example.org', "
                + "phone = '+31201234567' WHERE id = '\(user.id)'")
        return user
    }

    private func reason(
        _ house: Gatehouse, _ identifier: String, _ password: String
    ) async throws -> Fault? {
        let start = StartSignIn(identifier: identifier, password: password, bearer: true)
        do {
            let step = try await house.on { try await $0.signIn().start(start, .from()) }
            #expect(step.name == "verify")
            return nil
        } catch let fault as Fault {
            return fault
        }
    }

    @Test func `a user signs in by name, by address and by number, and by nothing of another`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await addressed(house)
            for identifier in [
                "ZOË", "zoe\u{308}", "zoe@example.org", "ZOE@EXAMPLE.ORG", "+31201234567",
                "+31 20 123 4567",
            ] {
                #expect(try await reason(house, identifier, user.password) == nil, "\(identifier)")
            }
            for identifier in ["zoe", "zoe@example.com", "+31201234568", "31201234567", ""] {
                let fault = try await reason(house, identifier, user.password)
                #expect(fault?.reason == .passwordWrong, "\(identifier)")
            }
        }
    }

    @Test func `L-22 L-23 an unknown name, address or number is like a wrong password`()
        async throws
    {
        try await withGatehouse { house in
            _ = try await addressed(house)
            let known = ["zoë", "zoe@example.org", "+31201234567"]
            let unknown = ["nobody", "nobody@example.org", "+31209999999"]
            var faults: [Fault] = []
            for identifier in known + unknown {
                faults.append(try #require(try await reason(house, identifier, "wrong")))
            }
            #expect(faults.allSatisfy { $0 == Fault(.passwordWrong) })
            // Each of them has had a password checked, the nobodies one of their own.
            let asked = house.verification.devices.count
            #expect(asked == known.count + unknown.count)
            let audited = try house.number("SELECT count(*) FROM auth.audit")
            #expect(audited == 1, "the making of the user alone")
        }
    }

    @Test func `L-24 every way to write one name, address or number is one nobody`() {
        for spellings in [
            ["Nobody", "NOBODY"], ["a@b.example", "A@B.Example"],
            ["+31201234567", "+31 201234567"],
        ] {
            #expect(Set(spellings.map { UserID.nobody(SignInKey($0)) }).count == 1)
        }
    }

    @Test func `whoever is disabled or being erased signs in by nothing`() async throws {
        try await withGatehouse { house in
            let user = try await addressed(house)
            for state in ["disabled", "erasing"] {
                try house.sql("UPDATE auth.users SET state = '\(state)'")
                for identifier in ["zoë", "zoe@example.org", "+31201234567"] {
                    let fault = try await reason(house, identifier, user.password)
                    #expect(fault?.reason == .passwordWrong)
                }
            }
        }
    }
}
