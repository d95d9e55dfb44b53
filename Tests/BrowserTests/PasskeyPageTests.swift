import Fixtures
import Foundation
import Testing

extension BrowserTests {
    /// Chromium's own WebAuthn with a device that the driver makes.
    @Suite struct PasskeyPageTests {
        private let stage: Stage
        private let browser: Browser
        private let person: Person

        init() throws {
            stage = try Stage.shared()
            browser = try stage.browser()
            person = try stage.person(browser)
        }

        private static let name = "Passkey (Grey laptop)"

        private func bind() throws {
            try browser.open("/account")
            try browser.press("Bind Passkey")
            try browser.heading("Bind: Passkey")
            try browser.type("Grey laptop", into: "Name")
            try browser.press("Create the passkey")
            try browser.status("Passkey is bound.")
            try browser.see(Self.name)
        }

        private func signOut() throws {
            try browser.press("Sign out")
            try browser.heading("Sign in")
        }

        @Test func `W-145 a passkey is bound, proves beside a password, and signs in alone`()
            throws
        {
            try stage.withPasskeys {
                try browser.addAuthenticator()
                try bind()
                try signOut()
                try Person.enter(person.name, person.password, browser)
                try browser.heading("Two-factor authentication")
                try browser.tick(Self.name)
                #expect(try !browser.sees("The six digits"))
                try browser.press("Verify")
                try browser.heading("Your account")
                try signOut()
                try browser.press("Sign in with a passkey")
                try browser.heading("Your account")
                try browser.see("Signed in as \(person.name)")

                try browser.press("Unbind " + Self.name)
                try browser.tick(Self.name)
                try browser.press("Unbind")
                try browser.status("is unbound.")
                try signOut()
                // The device keeps what nobody here knows any more.
                try browser.press("Sign in with a passkey")
                try browser.alert("The passkey was refused.")
                try browser.expectQuietConsole(refusals: true)
            }
        }

        @Test func `W-145 keys of every algorithm that the browser makes are bound and sign in`()
            throws
        {
            try stage.withPasskeys {
                for algorithm in [-7, -8, -257] {
                    try browser.addAuthenticator()
                    try browser.open("/account")
                    try browser.press("Bind Passkey")
                    try browser.heading("Bind: Passkey")
                    try browser.run(
                        """
                        const create = navigator.credentials.create.bind(navigator.credentials);
                        navigator.credentials.create = async ({ publicKey }) => {
                          publicKey.pubKeyCredParams =
                            publicKey.pubKeyCredParams.filter((it) => it.alg === arguments[0]);
                          const made = await create({ publicKey });
                          window.made = made.response.getPublicKeyAlgorithm();
                          return made;
                        };
                        """.replacing("arguments[0]", with: "\(algorithm)"))
                    try browser.press("Create the passkey")
                    try browser.status("Passkey is bound.")
                    #expect(try browser.run("return window.made") as? Int == algorithm)
                    // It warns that one algorithm is few.
                    _ = try browser.takeLog()
                    try signOut()
                    try browser.press("Sign in with a passkey")
                    try browser.heading("Your account")
                }
                try browser.expectQuietConsole()
            }
        }

        @Test func `a device that holds a passkey of the account makes no other`() throws {
            try stage.withPasskeys {
                try browser.addAuthenticator()
                try bind()
                try browser.press("Bind Passkey")
                try browser.press("Create the passkey")
                try browser.alert("This device holds a passkey of your account already.")
                try browser.expectQuietConsole()
            }
        }
    }
}
