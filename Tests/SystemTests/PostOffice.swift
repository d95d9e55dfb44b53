import Fixtures
import Foundation
import Synchronization
import Testing

/// An installation with a mail server that can be closed and opened again, and a receiver of text
/// messages.
final class PostOffice: Sendable {
    let system: System
    let webhook: ForeignWebhook
    private let port: UInt16
    private let leaf: TestAuthority.Leaf
    private let authority: TestAuthority
    private let server = Mutex<ForeignMailServer?>(nil)

    init() throws {
        authority = try TestAuthority()
        leaf = try authority.leaf(
            TestAuthority.Wish {
                $0.alternativeNames = ["DNS:localhost"]
                $0.purposes = "serverAuth"
            })
        port = FreePort.take()
        webhook = try ForeignWebhook(leaf)
        system = try System(
            [
                "DUBBELSLOT_MAIL_HOST": "localhost", "DUBBELSLOT_MAIL_PORT": String(port),
                "DUBBELSLOT_MAIL_SECURITY": "starttls", "DUBBELSLOT_MAIL_USER": "mailer",
                "DUBBELSLOT_MAIL_PASSWORD": "secret",
                "DUBBELSLOT_MAIL_AUTHORITY_FILE": authority.file,
                "DUBBELSLOT_MAIL_FROM": "door@example.org",
                "DUBBELSLOT_SMS_AUTHORITY_FILE": authority.file,
                "DUBBELSLOT_PUBLIC_ADDRESS": "https://login.example.org",
            ], gateways: ["DUBBELSLOT_SIGN_UP": "on"])
        try open()
    }

    func open() throws {
        let fresh = try ForeignMailServer(leaf, protection: "starttls", port: port)
        server.withLock { $0 = fresh }
    }

    func close() { server.withLock { $0 = nil } }

    /// Something in the server's place that takes connections and never speaks.
    func silence() throws -> ChildProcess {
        let script = """
            import socket, time
            s = socket.create_server(("127.0.0.1", \(port)))
            print("silent", flush=True)
            time.sleep(600)
            """
        let child = try ChildProcess(try ForeignMailServer.python.get(), ["-c", script])
        try eventually { child.output.contains("silent") }
        return child
    }

    /// A user with an address who has bound an app and chosen a password.
    func person(_ locale: String) throws -> (Person, address: String) {
        let name = "user-\(UInt32.random(in: 0 ... .max))"
        let address = "canary.\(name)@example.org"
        let initial = try system.initialPassword(
            of: name, ["email": address, "locale": locale, "displayName": "Canary Ann"])
        let person = try Person.firstSignIn(
            name, initial, "a kettle full of rain", try system.installation.client())
        return (person, address)
    }

    /// Mails to an address, once there are so many.
    func mails(to address: String, _ count: Int) throws -> [ForeignMailServer.Mail] {
        var found: [ForeignMailServer.Mail] = []
        try eventually {
            let server = server.withLock { $0 }
            found = try server?.mails.filter { $0.receivers == [address] } ?? []
            return found.count >= count
        }
        return found
    }

    /// Messages that were not settled yet.
    func waiting() throws -> Int {
        let count = try system.installation.sql(
            "SELECT count(*) FROM verification.outbox WHERE sealed IS NOT NULL")
        return Int(count.trimmingCharacters(in: .whitespacesAndNewlines)) ?? -1
    }

    func logs() throws -> String {
        try Installation.Name.allCases.map { try system.installation.log($0) }.joined()
    }

    func eventually(_ condition: () throws -> Bool) throws {
        let end = Date().addingTimeInterval(40)
        while try !condition() {
            try #require(Date() < end, "it did not come to that in time")
            usleep(50_000)
        }
    }
}

extension ForeignMailServer.Mail {
    var subject: String { fields.first { $0.first == "Subject" }?.last ?? "" }
}
