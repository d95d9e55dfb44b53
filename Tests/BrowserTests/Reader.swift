import Fixtures
import Foundation
import Testing

/// A page as somebody reads it: by labels, headings and names of buttons, never by identifiers.
/// What lies behind an open dialog is out of reach, as it is for people.
extension Browser {
    /// `near` is the open dialog or the page; `seen` what is neither hidden nor behind.
    private static let sight = """
        const near = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document;
        const seen = (it) => it.checkVisibility({ visibilityProperty: true });
        const all = (tags) => [...near.querySelectorAll(tags)].filter(seen);
        const name = (it) => it.getAttribute("aria-label") ?? it.textContent.trim();

        """

    /// A field by its label, or a box or button to tick.
    func field(_ label: String) throws -> Element {
        try element(
            "field \(label)",
            Self.sight + """
                const found = all("label").find((it) => it.textContent.trim() === arguments[0]);
                return found?.control
                  ?? all("input, select")
                    .find((it) => it.getAttribute("aria-label") === arguments[0])
                  ?? null;
                """, [label])
    }

    /// A button or link by its name.
    func button(_ name: String) throws -> Element {
        try element(
            "button \(name)",
            Self.sight + """
                return all("button, a").find((it) => name(it) === arguments[0]) ?? null;
                """, [name])
    }

    func type(_ text: String, into label: String) throws { try field(label).type(text) }
    func press(_ name: String) throws { try button(name).click() }
    func tick(_ label: String) throws { try field(label).click() }

    /// Chooses one of what a field offers.
    func choose(_ option: String, in label: String) throws {
        let options = try field(label).json
        try element(
            "option \(option)",
            "return [...arguments[0].options].find((it) => it.text === arguments[1]) ?? null;",
            [options, option]
        ).click()
    }

    /// Waits until a heading is to be seen.
    func heading(_ text: String) throws {
        try wait(
            "heading \(text)",
            Self.sight + """
                return all("h1, h2, h3").some((it) => it.textContent.trim() === arguments[0]);
                """, [text])
    }

    /// Waits until a page of ours is there, and what it shows.
    func page(_ path: String) throws {
        try wait(
            "page \(path)",
            """
            return location.pathname + location.search === arguments[0]
              && !document.querySelector("main[aria-busy]");
            """, [path])
    }

    /// Waits until a text is to be seen.
    func see(_ text: String) throws {
        try wait(
            "text \(text)",
            Self.sight + "return (near.body ?? near).innerText.includes(arguments[0]);", [text])
    }

    func sees(_ text: String) throws -> Bool {
        try run(
            Self.sight + "return (near.body ?? near).innerText.includes(arguments[0]);", [text])
            as? Bool ?? false
    }

    /// Waits until an alert, which a screen reader reads out, says this.
    func alert(_ text: String) throws {
        try wait(
            "alert \(text)",
            Self.sight + """
                return all("[role=alert]").some((it) => it.textContent.includes(arguments[0]));
                """, [text])
    }

    /// Waits until the page's status, which a screen reader reads out, says this.
    func status(_ text: String) throws {
        try wait(
            "status \(text)",
            "return document.querySelector('#status').textContent.includes(arguments[0]);", [text])
    }

    /// What the keyboard's place is called.
    func focused() throws -> String {
        try run(
            """
            const it = document.activeElement;
            const label = it.labels?.[0]?.textContent;
            return (it.getAttribute("aria-label") ?? label ?? it.textContent).trim();
            """) as? String ?? ""
    }

    /// Lets the page's clock go on at once, for what counts seconds.
    func passTime(seconds: Int) throws {
        try run("const now = Date.now; Date.now = () => now() + arguments[0] * 1000", [seconds])
    }

    /// Presses keys where the keyboard is; special keys by their code points in WebDriver.
    func keys(_ text: String) throws {
        let presses = text.flatMap { key in
            [["type": "keyDown", "value": String(key)], ["type": "keyUp", "value": String(key)]]
        }
        try command(
            "/actions", ["actions": [["type": "key", "id": "keyboard", "actions": presses]]])
    }

    /// Reads the QR code on the screen as a camera does.
    func scan() throws -> String {
        try wait(
            "QR code",
            """
            const image = document.querySelector("img.qr");
            image?.scrollIntoView({ block: "center" });
            return Boolean(image?.complete && image.naturalWidth > 0);
            """)
        let folder = TemporaryFolder()
        try screenshot().write(to: URL(fileURLWithPath: folder.file("screen.png")))
        let read = try ChildProcess.run(
            "zbarimg",
            ["--nodbus", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", folder.file("screen.png")])
        return read.output.trimmingCharacters(in: .newlines)
    }

    /// What the console shows that is wrong. `refusals`: but for refused calls, which Chromium
    /// lists by their HTTP status.
    func complaints(refusals: Bool = false) throws -> [String] {
        try takeLog().filter { entry in
            // Chromium tells that the sign-out has cleared what it should, and would have a user
            // name beside every password, also where a link alone says whose it is.
            !(entry.hasPrefix("INFO ") && entry.contains("Clear-Site-Data header"))
                && !entry.hasPrefix("DEBUG recommendation:")
                && !(refusals && entry.contains(" network: ") && entry.contains("/dubbelslot.v1."))
        }
    }

    /// Fails when the console shows anything; `refusals` as for `complaints`.
    func expectQuietConsole(
        refusals: Bool = false, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let told = try complaints(refusals: refusals)
        #expect(told.isEmpty, "\(told.joined(separator: "\n"))", sourceLocation: sourceLocation)
    }

    /// Goes through what can be used by the Tab key alone: all of it is reached, from the top to
    /// the bottom, and shows that the keyboard is there (WCAG 2.2, 2.1.1, 2.4.3 and 2.4.7).
    func expectKeyboardEverywhere(
        _ place: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let count = try run(Self.beginWalk) as? Int ?? 0
        #expect(count > 0, "\(place)", sourceLocation: sourceLocation)
        // What is scrolled by itself has a stop too, and a date one for each of its parts.
        for _ in 0..<8 {
            try keys(String(repeating: Key.tab, count: count + 3))
            if try run("return window.isWalkDone()") as? Bool == true { break }
        }
        let wrong = try run("return window.endWalk()") as? [String]
        #expect(wrong == [], "\(place)", sourceLocation: sourceLocation)
    }

    /// Of radio buttons the keyboard reaches one, and arrows lead to the others. The walk goes
    /// round, so that the first is reached by a key too: a page that was not in front hears only
    /// then of the focus that the script asked for, which need not be shown.
    private static let beginWalk = """
        const near = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document;
        const usable = [...near.querySelectorAll(
          "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]")]
          .filter((it) => it.tabIndex >= 0 && !it.disabled)
          .filter((it) => it.checkVisibility({ visibilityProperty: true }));
        const group = (it) => usable.filter((other) =>
          other.type === "radio" && other.name === it.name && other.form === it.form);
        const wanted = usable.filter((it) => it.type !== "radio" || it.checked
          || (!group(it).some((other) => other.checked) && group(it)[0] === it));
        const reached = [];
        const marked = new Set();
        const isMarked = (it) => {
          const { outlineStyle, outlineWidth } = getComputedStyle(it);
          return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
        };
        const told = (it) => it.outerHTML.slice(0, 150);
        const note = ({ target }) => {
          reached.push(target);
          const around = [target, target.parentElement, target.closest("label")];
          if (around.some((it) => it && isMarked(it))) marked.add(target);
        };
        wanted[0]?.focus();
        document.addEventListener("focusin", note);
        window.isWalkDone = () => wanted.every((it) => marked.has(it));
        window.endWalk = () => {
          document.removeEventListener("focusin", note);
          const missed = wanted.filter((it) => !reached.includes(it));
          const unmarked = reached.filter((it, place) =>
            !marked.has(it) && reached.indexOf(it) === place);
          const order = reached.map((it) => wanted.indexOf(it)).filter((place) => place > 0)
            .slice(0, wanted.length - 1);
          const isInOrder = order.every((place, index) => place === index + 1);
          return [...unmarked.map((it) => `unmarked: ${told(it)}`),
            ...missed.map((it) => `missed: ${told(it)}`),
            ...(isInOrder ? [] : [`in the order ${order}`])];
        };
        return wanted.length;
        """
}

/// Keys that are no characters (W3C WebDriver 2, §17.4.2).
enum Key {
    static let tab = "\u{E004}"
    static let enter = "\u{E007}"
    static let space = " "
    static let escape = "\u{E00C}"
}
