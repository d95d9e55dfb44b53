import Fixtures
import Foundation
import Synchronization
import Testing

/// What a service with a certificate does with sessions, beside the people whose they are.
extension SharedSystemTests {
    @Suite struct SessionServiceTests {
        private let system: System

        init() throws { system = try System.shared.get() }

        private func caller(at gateway: Installation.Name) throws -> SessionCaller {
            let caller = try SessionCaller(system.installation, at: gateway)
            var turns = 100
            while turns > 0 {
                do {
                    _ = try caller.watch("", waitSeconds: 0)
                    return caller
                } catch {
                    usleep(50_000)
                    turns -= 1
                }
            }
            return caller
        }

        @Test func `S-02 a service is told at one gateway of what ends at the other`() throws {
            let service = try caller(at: .secondGateway)
            let person = try system.person()
            let client = try system.installation.client()
            let listed = try person.call(client, "AccountService/ListSessions")
            let sessions = try #require(listed.value("sessions") as? [[String: Any]])
            let own = sessions.first { $0["current"] as? Bool == true }
            let id = try #require(own?["id"] as? String)
            #expect(try service.isActive(person.token))
            let start = try service.watch("", waitSeconds: 0)
            #expect(start.reset)

            let told = Mutex<[SessionCaller.Ends]>([])
            let done = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                do {
                    let answer = try service.watch(start.cursor, waitSeconds: 20)
                    told.withLock { $0.append(answer) }
                } catch {
                    Issue.record("\(error)")
                }
                done.signal()
            }
            usleep(200_000)
            #expect(try person.call(client, "AccountService/SignOut").status == 200)
            done.wait()
            #expect(told.withLock { $0.first?.sessions } == [id])
            #expect(try !service.isActive(person.token))
        }

        @Test func `L-13 who comes by single sign-on proves what he has bound here`() throws {
            let service = try caller(at: .gateway)
            let person = try system.person()
            let opened = try service.open(person.name)
            #expect(opened.token == nil)
            let ticket = try #require(opened.ticket)
            let client = try system.installation.client(of: .secondGateway)
            let done = try person.complete(client, ticket, try person.code())
            let token = try #require(done.string("signedIn", "session", "token"), "\(done.text)")
            #expect(try service.isActive(token))
            #expect(throws: (any Error).self) { _ = try service.open("admin") }
        }

        @Test func `that was not me ends all, everywhere, and asks for another password`() throws {
            let person = try system.person()
            let client = try system.installation.client()
            let other = try system.installation.client(of: .secondGateway)
            #expect(try person.call(client, "AccountService/ReportNotMe").status == 200)
            let late = try person.call(other, "AccountService/Get")
            #expect(late.reason == "not_signed_in")
            let ticket = try person.start(other)
            let step = try person.complete(other, ticket, try person.code())
            let next = try #require(step.string("changePassword", "ticket"), "\(step.text)")
            func choose(_ password: String) throws -> HTTPTestClient.Answer {
                try client.call(
                    "SignInService/ChangePassword",
                    json(["ticket": next, "newPassword": password]))
            }
            #expect(try choose(person.password).reason == "password_unchanged")
            let done = try choose("three herons on a wire")
            #expect(done.string("signedIn", "session", "token") != nil, "\(done.text)")
        }
    }
}
