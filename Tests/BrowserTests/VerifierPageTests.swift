import Fixtures
import Foundation
import Testing

extension BrowserTests {
    /// Verifiers of every type, as an administrator sets them up and tries them out.
    @Suite struct VerifierPageTests {
        private let stage: Stage
        private let browser: Browser

        init() throws {
            stage = try Stage.shared()
            let administrator = try Stage.administrator.get()
            browser = try stage.browser()
            try stage.rewind(administrator)
            try administrator.signIn(browser)
            try stage.rewind(administrator)
            try stage.forgetMessages()
            try browser.open("/admin/verifiers")
            try browser.heading("Verifiers")
        }

        private func add(_ type: String, _ title: String, uid: String) throws {
            try browser.press("Add a verifier")
            try browser.choose(type, in: "Type")
            try browser.type(title, into: "Title")
            try browser.type(uid, into: "uid")
        }

        private func delete(_ title: String) throws {
            try browser.tick("Select \(title)")
            try browser.press("Delete the selected")
            try browser.press("Delete")
            try browser.status("One verifier is deleted.")
        }

        private func value(_ label: String) throws -> String? {
            try browser.field(label).property("value") as? String
        }

        @Test func `SMS by a webhook is added, tried out and edited, and its secret never shown`()
            throws
        {
            try add("Text message", "Texts", uid: "texts")
            try browser.choose("An address of your own (webhook)", in: "Provider")
            try browser.type(stage.post.texts.url, into: "URL")
            try browser.type("too short", into: "Secret")
            try browser.press("Save")
            try browser.alert("A verifier cannot work with these settings.")
            try browser.type(stage.post.texts.secret, into: "Secret")
            try browser.choose("7", in: "Digits of a code")
            try browser.press("Save")
            try browser.status("Texts is saved.")

            try browser.press("Send a test message by Texts")
            try browser.type("+31612345678", into: "Phone number")
            try browser.press("Send")
            try browser.status("Texts works: a test message to +31612345678 was taken")
            let sent = try #require(try stage.post.texts.texts.last)
            #expect(sent.receiver == "+31612345678")
            #expect(sent.text == "Dubbelslot: a test message, 0000000.")

            try browser.press("Edit Texts")
            #expect(try value("URL") == stage.post.texts.url)
            #expect(try value("Secret") == "")
            #expect(try value("Digits of a code") == "7")
            try browser.see("It is set. Leave it empty to keep it")
            try browser.type("Our texts", into: "Title")
            try browser.press("Save")
            try browser.status("Our texts is saved.")
            try stage.forgetMessages()
            try browser.press("Send a test message by Our texts")
            try browser.type("+31612345679", into: "Phone number")
            try browser.press("Send")
            // Its signature was right, so the secret is the one that was kept.
            try browser.status("Our texts works")
            #expect(try stage.post.texts.texts.last?.receiver == "+31612345679")
            let page = try browser.run("return document.documentElement.innerHTML") as? String
            #expect(page?.contains(stage.post.texts.secret) == false)
            try delete("Our texts")
            try browser.expectQuietConsole(refusals: true)
        }

        @Test func `what a provider answers to a test message is told in words`() throws {
            try add("Text message", "Texts", uid: "texts")
            try browser.choose("An address of your own (webhook)", in: "Provider")
            try browser.type(stage.post.texts.url, into: "URL")
            try browser.type(stage.post.texts.secret, into: "Secret")
            try browser.press("Save")
            try browser.status("Texts is saved.")
            try browser.press("Send a test message by Texts")
            for (number, told) in [
                ("0612345678", "The phone number is not valid."),
                ("+31612345600", "Messages cannot be sent to this number or address."),
                ("+31612345699", "Too many messages were sent."),
            ] {
                try stage.forgetMessages()
                try browser.type(number, into: "Phone number")
                try browser.press("Send")
                try browser.alert(told)
                #expect(try browser.focused() == "Phone number" || told.hasPrefix("Too many"))
            }
            try browser.press("Cancel")

            // Another address wants the secret anew, and this one does not answer.
            try browser.press("Edit Texts")
            try browser.type("https://localhost:1/send", into: "URL")
            try browser.press("Save")
            try browser.alert("A verifier cannot work with these settings.")
            try browser.type(stage.post.texts.secret, into: "Secret")
            try browser.press("Save")
            try browser.status("Texts is saved.")
            try stage.forgetMessages()
            try browser.press("Send a test message by Texts")
            try browser.type("+31612345678", into: "Phone number")
            try browser.press("Send")
            try browser.alert("The message could not be sent.")
            try browser.press("Cancel")
            try delete("Texts")
            try browser.expectQuietConsole(refusals: true)
        }

        @Test func `e-mail is added, and a test message reaches its receiver`() throws {
            try add("E-mail", "Letters", uid: "letters")
            #expect(try value("Digits of a code") == "8")
            try browser.press("Save")
            try browser.status("Letters is saved.")
            try browser.press("Send a test message by Letters")
            try browser.type("reject@example.org", into: "E-mail address")
            try browser.press("Send")
            try browser.alert("Messages cannot be sent to this number or address.")
            try stage.forgetMessages()
            try browser.type("someone@example.org", into: "E-mail address")
            try browser.press("Send")
            try browser.status("Letters works: a test message to someone@example.org was taken")
            #expect(try stage.post.mails(to: "someone@example.org").count == 1)
            try delete("Letters")
            try browser.expectQuietConsole(refusals: true)
        }

        /// What each of the others is told, by the labels of its fields, in their order.
        static let providers: [(name: String, fields: [(label: String, value: String)])] = [
            (
                "Alibaba Cloud",
                [
                    ("AccessKey ID", "LTAI5tExample"), ("AccessKey secret", "canary-aliyun"),
                    ("Signature", "Dubbelslot"), ("Template", "SMS_1234567"),
                    ("Endpoint", "dysmsapi.aliyuncs.com"),
                ]
            ),
            (
                "Tencent Cloud",
                [
                    ("SecretId", "AKIDExample"), ("SecretKey", "canary-tencent"),
                    ("Region", "ap-guangzhou"), ("Application (SmsSdkAppId)", "1400006666"),
                    ("Signature", "Dubbelslot"), ("Template", "1110"),
                ]
            ),
            (
                "Twilio",
                [
                    ("Account SID", "AC" + String(repeating: "0a", count: 16)),
                    ("Auth token", "canary-twilio"), ("Sender's number", "+15005550006"),
                ]
            ),
        ]

        @Test func `every provider of SMS is told what it needs, and shows all but secrets`() throws
        {
            for (number, (name, fields)) in Self.providers.enumerated() {
                try add("Text message", name, uid: "provider-\(number)")
                try browser.choose(name, in: "Provider")
                for (label, value) in fields { try browser.type(value, into: label) }
                try browser.press("Save")
                try browser.status("\(name) is saved.")
                try browser.press("Edit \(name)")
                for (label, value) in fields {
                    let shown = value.hasPrefix("canary") ? "" : value
                    #expect(try self.value(label) == shown, "\(name): \(label)")
                }
                try browser.press("Cancel")
                let page = try browser.run("return document.documentElement.innerHTML") as? String
                #expect(page?.contains("canary") == false, "\(name)")
                try delete(name)
            }
            try browser.expectQuietConsole(refusals: true)
        }

        @Test func `passkeys are added with what is asked of the device`() throws {
            try add("Passkey", "Keys", uid: "keys")
            try browser.tick("The device must verify its user, by PIN or fingerprint")
            try browser.press("Save")
            try browser.status("Keys is saved.")
            #expect(try !browser.sees("Send a test message"))
            try browser.press("Edit Keys")
            let box = try browser.field("The device must verify its user, by PIN or fingerprint")
            #expect(try box.property("checked") as? Bool == true)
            try browser.press("Cancel")
            try delete("Keys")
            try browser.expectQuietConsole()
        }
    }
}
