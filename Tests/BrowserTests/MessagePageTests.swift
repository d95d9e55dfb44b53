import Fixtures
import Foundation
import Testing

extension BrowserTests {
    /// Codes by SMS and e-mail, from the page to the ones who deliver them.
    @Suite struct MessagePageTests {
        private let stage: Stage
        private let browser: Browser

        init() throws {
            stage = try Stage.shared()
            browser = try stage.browser()
        }

        /// A way that codes go.
        struct Way: Sendable, CustomTestStringConvertible {
            let title: String
            let field: String
            let digits: Int
            /// What is no receiver, and what the page says of it.
            let wrong: (typed: String, told: String)
            /// One that is refused by the one who delivers.
            let refused: String
            let right: String
            let masked: String
            let change: String

            var testDescription: String { title }

            static let all: [Way] = [
                Way(
                    title: "SMS", field: "Phone number", digits: 6,
                    wrong: ("06 12345678", "The phone number is not valid."),
                    refused: "+31612345600", right: "+31612345678", masked: "+31•••••78",
                    change: "Change the number"),
                Way(
                    title: "Mail", field: "E-mail address", digits: 8,
                    wrong: ("ann@example@org", "The e-mail address is not valid."),
                    refused: "reject@example.org", right: "ann@example.org",
                    masked: "a•••@example.org", change: "Change the address"),
            ]
        }

        private func newUser() throws -> (name: String, initial: String) {
            let name = "user-\(UInt32.random(in: 0 ... .max))"
            return (name, try stage.initialPassword(of: name))
        }

        private func otherCode(_ code: String) -> String {
            String(code.map { $0 == "9" ? "0" : Character(String(($0.wholeNumberValue ?? 0) + 1)) })
        }

        private func expectSent(_ way: Way) throws {
            try browser.see("A code of \(way.digits) digits was sent to \(way.masked).")
            try browser.see("Another code can be sent in")
            #expect(try browser.focused() == "Code")
        }

        private func signOut() throws {
            try browser.press("Sign out")
            try browser.heading("Sign in")
        }

        /// Has a code sent and binds with it, from the field for the receiver on.
        private func bind(_ way: Way) throws {
            try stage.forgetMessages()
            try browser.type(way.right, into: way.field)
            try browser.press("Send a code")
            try expectSent(way)
            try browser.type(try stage.post.code(to: way.right), into: "Code")
            try browser.press("Bind")
        }

        @Test(arguments: Way.all)
        func `a receiver is bound while signing in, and its code signs in from then on`(
            _ way: Way
        ) throws {
            let (name, initial) = try newUser()
            try stage.withMessages {
                try browser.open("/")
                try Person.enter(name, initial, browser)
                try browser.tick(way.title)
                try browser.type(way.right, into: way.field)
                try browser.press("Send a code")
                try expectSent(way)
                let code = try stage.post.code(to: way.right)
                try browser.type(otherCode(code), into: "Code")
                try browser.press("Bind")
                try browser.alert("The code is wrong. You have 4 tries left.")
                #expect(try browser.focused() == "Code")
                try browser.type(code, into: "Code")
                try browser.press("Bind")
                try browser.press("I have kept them")
                try browser.heading("Choose a new password")
                try browser.type("a kettle full of rain in autumn", into: "New password")
                try browser.press("Save and sign in")
                try browser.heading("Your account")
                try browser.see("\(way.title) (\(way.masked))")
                try signOut()

                try stage.forgetMessages()
                let count = try stage.post.count()
                try Person.enter(name, "a kettle full of rain in autumn", browser)
                try browser.heading("Two-factor authentication")
                // The only one there is, so it was sent at once.
                try expectSent(way)
                try stage.expectOneMore(than: count)
                try browser.press("Use a recovery code")
                try browser.press("Use an authenticator")
                try expectSent(way)
                try stage.expectOneMore(than: count)
                try browser.type(try stage.post.code(to: way.right), into: "Code")
                try browser.press("Verify")
                try browser.heading("Your account")
                try browser.expectQuietConsole(refusals: true)
            }
        }

        @Test(arguments: Way.all)
        func `what is no receiver, or refused by who delivers, is told at its field`(
            _ way: Way
        ) throws {
            let (name, initial) = try newUser()
            try stage.withMessages {
                try browser.open("/")
                try Person.enter(name, initial, browser)
                try browser.tick(way.title)
                // What the browser itself would keep back goes on to the gateway here.
                try browser.wait(
                    "form", "return Boolean(document.querySelector('#new-receiver'))")
                try browser.run("document.querySelector('#new-receiver').noValidate = true")
                try browser.type(way.wrong.typed, into: way.field)
                try browser.press("Send a code")
                try browser.alert(way.wrong.told)
                #expect(try browser.focused() == way.field)
                try browser.type(way.refused, into: way.field)
                try browser.press("Send a code")
                try browser.alert("Messages cannot be sent to this number or address.")
                #expect(try browser.focused() == way.field)
                // That was counted, so the next has to wait.
                try browser.type(way.right, into: way.field)
                try browser.press("Send a code")
                try browser.alert("Too many messages were sent. Try again in")
                try stage.forgetMessages()
                try browser.press("Send a code")
                try expectSent(way)
                try browser.press(way.change)
                #expect(try browser.focused() == way.field)
                try browser.expectQuietConsole(refusals: true)
            }
        }

        @Test func `another code is sent after a while, and makes the one before void`() throws {
            let (name, initial) = try newUser()
            let way = Way.all[0]
            try stage.withMessages {
                try browser.open("/")
                try Person.enter(name, initial, browser)
                try browser.tick(way.title)
                try browser.type("+31 (6) 1234-5678", into: way.field)
                try browser.press("Send a code")
                try expectSent(way)
                let first = try stage.post.code(to: way.right)
                try browser.passTime(seconds: 61)
                try browser.press("Send another code")
                // Whatever this device's clock says, the server counts.
                try browser.alert("Too many messages were sent. Try again in")
                try browser.see("Another code can be sent in")
                try stage.forgetMessages()
                try browser.passTime(seconds: 61)
                try browser.press("Send another code")
                try expectSent(way)
                let second = try stage.post.code(to: way.right)
                if first != second {
                    try browser.type(first, into: "Code")
                    try browser.press("Bind")
                    try browser.alert("The code is wrong.")
                }
                try browser.type(second, into: "Code")
                try browser.press("Bind")
                try browser.press("I have kept them")
                try browser.heading("Choose a new password")
                try browser.expectQuietConsole(refusals: true)
            }
        }

        @Test func `others are bound in the personal centre, and sent to when that is asked for`()
            throws
        {
            let person = try stage.person(browser)
            let (sms, mail) = (Way.all[0], Way.all[1])
            try stage.withMessages {
                for way in [sms, mail] {
                    try browser.open("/account")
                    try browser.press("Bind \(way.title)")
                    try browser.heading("Bind: \(way.title)")
                    try bind(way)
                    try browser.status("\(way.title) is bound.")
                    try browser.see("\(way.title) (\(way.masked))")
                }
                try signOut()
                try stage.forgetMessages()
                let count = try stage.post.count()
                try Person.enter(person.name, person.password, browser)
                try browser.heading("Two-factor authentication")
                try browser.tick("SMS (\(sms.masked))")
                try browser.see("Send a code")
                #expect(try stage.post.count() == count)
                try browser.press("Send a code")
                try expectSent(sms)
                try stage.expectOneMore(than: count)
                try browser.type(try stage.post.code(to: sms.right), into: "Code")
                try browser.press("Verify")
                try browser.heading("Your account")

                // Inside the session, before a change and to take one away.
                try stage.ageProofs(of: person)
                try stage.forgetMessages()
                try browser.press("Make new ones")
                try browser.press("Make new ones")
                try browser.heading("Is it you?")
                try browser.tick("SMS (\(sms.masked))")
                try browser.press("Send a code")
                try expectSent(sms)
                try browser.type(try stage.post.code(to: sms.right), into: "Code")
                try browser.press("Prove")
                try browser.press("I have kept them")
                try stage.forgetMessages()
                try browser.press("Unbind SMS (\(sms.masked))")
                try browser.tick("SMS (\(sms.masked))")
                try browser.press("Send a code")
                try expectSent(sms)
                try browser.type(try stage.post.code(to: sms.right), into: "Code")
                try browser.press("Unbind")
                try browser.status("SMS (\(sms.masked)) is unbound.")
                try browser.expectQuietConsole(refusals: true)
            }
        }
    }
}
