import Foundation

/// What the opening of one page has cost, as Chromium measures it.
struct PageFigures {
    /// Heads of answers among them.
    let bytes: Int
    let requests: Int
    /// Milliseconds since the navigation began: until something of the page was to be seen, and
    /// until it took input, which is when `main` was busy no more.
    let firstPaint: Double
    let ready: Double
    /// Cumulative layout shift (Layout Instability §4): 0 where nothing has moved.
    let shift: Double
    /// What has moved.
    let moved: [String]
    /// The room for what was loading was shown at the first paint.
    let isSkeletonSeen: Bool

    /// Runs in every page before its own scripts. What happens once is marked, and what breaks
    /// the content security policy is told on the console, whatever else the browser says of it.
    static let observing = """
        addEventListener("securitypolicyviolation", (it) => console.error(
          `policy: ${it.effectiveDirective} ${it.blockedURI} ${it.sourceFile}:${it.lineNumber}`));
        new MutationObserver((_, observer) => {
          const main = document.querySelector("main");
          if (!main || main.hasAttribute("aria-busy")) return;
          performance.mark("ready");
          observer.disconnect();
        }).observe(document, {
          subtree: true, childList: true, attributes: true, attributeFilter: ["aria-busy"],
        });
        new PerformanceObserver(() => {
          const main = document.querySelector("main[aria-busy=true]");
          const room = main && getComputedStyle(main, "::before");
          if (room && room.content !== "none" && parseFloat(room.height) > 0) {
            performance.mark("skeleton");
          }
        }).observe({ type: "paint", buffered: true });
        """

    private static let reading = """
        const [done] = arguments;
        let shift = 0;
        const moved = [];
        new PerformanceObserver((list) => {
          for (const it of list.getEntries()) {
            if (it.hadRecentInput) continue;
            shift += it.value;
            for (const { node, previousRect: was, currentRect: now } of it.sources) {
              const place = `${was.x} ${was.y} to ${now.x} ${now.y}`;
              moved.push(`${place}: ${node?.outerHTML?.slice(0, 80)}`);
            }
          }
        }).observe({ type: "layout-shift", buffered: true });
        const first = (name) => performance.getEntriesByName(name)[0]?.startTime ?? -1;
        setTimeout(() => done({
          paint: first("first-contentful-paint"), ready: first("ready"), shift, moved,
          skeleton: first("skeleton") >= 0,
        }), 100);
        """

    /// Of the page that the browser has opened since its traffic was last taken.
    init(_ browser: Browser) throws {
        let answer = try browser.command(
            "/execute/async", ["script": Self.reading, "args": [Any]()])
        let traffic = try browser.takeTraffic()
        guard let answer = answer as? [String: Any],
            let paint = answer["paint"] as? NSNumber, let ready = answer["ready"] as? NSNumber,
            let shift = answer["shift"] as? NSNumber
        else { throw ChromeDriver.Failed(description: "no figures: \(answer)") }
        bytes = traffic.bytes
        requests = traffic.requests.count
        firstPaint = paint.doubleValue
        self.ready = ready.doubleValue
        self.shift = shift.doubleValue
        moved = answer["moved"] as? [String] ?? []
        isSkeletonSeen = answer["skeleton"] as? Bool ?? false
    }

    static let columns =
        "| page                 |   bytes | requests | first paint, ms | ready, ms |    CLS |"

    /// A row below `columns`.
    func row(_ name: String) -> String {
        func right(_ value: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - value.count)) + value
        }
        return "| \(name.padding(toLength: 20, withPad: " ", startingAt: 0)) "
            + "| \(right(String(bytes), 7)) | \(right(String(requests), 8)) "
            + "| \(right(String(format: "%.0f", firstPaint), 15)) "
            + "| \(right(String(format: "%.0f", ready), 9)) "
            + "| \(right(String(format: "%.4f", shift), 6)) |"
    }
}
