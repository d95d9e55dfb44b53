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
                try browser.see(person.name)

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

        @Test func `a passkey that stands in the field for the name signs in without a button`()
            throws
        {
            try stage.withPasskeys {
                try browser.addAuthenticator(inFields: true)
                try bind()
                // The user of this device takes what is offered as soon as it is.
                try browser.press("Sign out")
                try browser.wait("sign-in", "return location.pathname === '/'")
                try browser.page("/account")
                try browser.see(person.name)
                try browser.expectQuietConsole()
            }
        }

        @Test func `W-145 keys of every algorithm that the browser makes are bound and sign in`()
            throws
        {
            try stage.withPasskeys {
                for algorithm in [-7, -8, -257] { _ = try ceremonies(algorithm) }
                try browser.expectQuietConsole()
            }
        }

        /// What we accept from the browser, judged once more from the same octets.
        @Test(.enabled(if: foreignJudge != nil, "webauthn of PyPI is not installed"))
        func `W-145 a library of foreign making accepts what we accept`() throws {
            let python = try #require(Self.foreignJudge)
            let algorithms = [-7, -8, -257]
            var taken: [String] = []
            try stage.withPasskeys {
                for algorithm in algorithms { taken.append(try ceremonies(algorithm)) }
            }
            let folder = TemporaryFolder("passkeys")
            let file = try folder.write("ceremonies", "[\(taken.joined(separator: ","))]")
            let judged = try ChildProcess.run(
                python,
                [
                    RepositoryRoot.path("Tests/BrowserTests/Python/check_passkeys.py"),
                    try #require(browser.run("return location.origin") as? String), file,
                ])
            #expect(judged.status == 0, "\(judged.output)")
            let told = judged.output.split(separator: "\n").map(String.init)
            #expect(told == algorithms.map(\.description))
        }

        /// A Python with webauthn; `Tests/run` installs one.
        private static let foreignJudge = ProcessInfo.processInfo.environment["TEST_PASSKEY_PYTHON"]

        /// Binds a passkey of one algorithm and signs in with it: `registration` and
        /// `authentication` as the browser gave them.
        private func ceremonies(_ algorithm: Int) throws -> String {
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
                  window.algorithm = made.response.getPublicKeyAlgorithm();
                  window.made = JSON.stringify(made.toJSON());
                  return made;
                };
                """.replacing("arguments[0]", with: "\(algorithm)"))
            try browser.press("Create the passkey")
            try browser.status("Passkey is bound.")
            #expect(try browser.run("return window.algorithm") as? Int == algorithm)
            let made = try #require(browser.run("return window.made") as? String)
            // It warns that one algorithm is few.
            _ = try browser.takeLog()
            try signOut()
            try browser.run(
                """
                const get = navigator.credentials.get.bind(navigator.credentials);
                navigator.credentials.get = async (options) => {
                  const given = await get(options);
                  sessionStorage.setItem("given", JSON.stringify(given.toJSON()));
                  return given;
                };
                """)
            try browser.press("Sign in with a passkey")
            try browser.heading("Your account")
            let given = try #require(
                browser.run("return sessionStorage.getItem('given')") as? String)
            return #"{"registration":\#(made),"authentication":\#(given)}"#
        }

        @Test func `a device that holds a passkey of the account makes no other`() throws {
            try stage.withPasskeys {
                try browser.addAuthenticator()
                try bind()
                try browser.press("Bind Passkey")
                try browser.press("Create the passkey")
                try browser.alert("This device already has a passkey for your account.")
                try browser.expectQuietConsole()
            }
        }
    }
}
