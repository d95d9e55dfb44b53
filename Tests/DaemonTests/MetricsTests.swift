import Reactor
import Testing

@testable import Daemon

@Suite struct MetricsTests {
    private static let calls = MetricFamily(
        "test_calls_total", .counter, by: ["method", "outcome"], "Calls answered.")
    private static let times = MetricFamily(
        "test_call_seconds", .histogram(TimeBuckets(microseconds: [1000, 2_500_000])),
        by: ["method"], "Times of calls.")

    private func withLoops(
        _ body: @escaping @Sendable ([EventLoop]) async throws -> Void
    ) async throws {
        let loops = try (0..<2).map { try EventLoop(name: "metrics-\($0)") }
        for loop in loops { loop.start() }
        defer {
            for loop in loops { loop.stop() }
            for loop in loops { loop.join() }
        }
        try await body(loops)
    }

    private func text(_ metrics: Metrics) async -> String {
        String(decoding: await metrics.text(), as: UTF8.self)
    }

    @Test(arguments: [true, false])
    func `counts of all loops are added up, and what never happened has no line where few do`(
        isSparse: Bool
    )
        async throws
    {
        try await withLoops { loops in
            let metrics = Metrics()
            let cells = [["Start", "ok"], ["Start", "failed"], ["Get", "ok"]]
            let series = MetricSeries(
                Self.calls, cells: cells, isSparse: isSparse, loops: loops)
            metrics.add(series)
            for (number, loop) in loops.enumerated() {
                try await loop.run {
                    series.tally(on: loop).add(to: 0)
                    series.tally(on: loop).add(UInt64(number) * 5, to: 2)
                }
            }
            let never = isSparse ? "" : "test_calls_total{method=\"Start\",outcome=\"failed\"} 0\n"
            #expect(
                await text(metrics) == """
                    # HELP test_calls_total Calls answered.
                    # TYPE test_calls_total counter
                    test_calls_total{method="Start",outcome="ok"} 2
                    \(never)test_calls_total{method="Get",outcome="ok"} 5

                    """)
        }
    }

    @Test func `a bucket counts all that is below its bound, and the bound itself`() async throws {
        try await withLoops { loops in
            let metrics = Metrics()
            let series = MetricSeries(Self.times, cells: [["Start"]], loops: loops)
            metrics.add(series)
            let times: [Duration] = [
                .zero, .milliseconds(-3), .milliseconds(1), .nanoseconds(1_000_001),
                .microseconds(2_500_000), .seconds(9),
            ]
            for (number, time) in times.enumerated() {
                let loop = loops[number % 2]
                try await loop.run { series.tally(on: loop).observe(time, in: 0) }
            }
            #expect(
                await text(metrics) == """
                    # HELP test_call_seconds Times of calls.
                    # TYPE test_call_seconds histogram
                    test_call_seconds_bucket{method="Start",le="0.001"} 3
                    test_call_seconds_bucket{method="Start",le="2.5"} 5
                    test_call_seconds_bucket{method="Start",le="+Inf"} 6
                    test_call_seconds_sum{method="Start"} 11.502000001
                    test_call_seconds_count{method="Start"} 6

                    """)
        }
    }

    @Test func `a family without labels is there before anything happens`() async throws {
        try await withLoops { loops in
            let metrics = Metrics()
            metrics.add(
                MetricSeries(
                    MetricFamily("test_things_total", .counter, "Things."), loops: loops))
            #expect(await text(metrics).hasSuffix("\ntest_things_total 0\n"))
        }
    }

    @Test func `readings are added up over loops, told in seconds, or left out`() async throws {
        try await withLoops { loops in
            let metrics = Metrics()
            metrics.add(
                MetricReading(
                    MetricFamily("test_open", .gauge, by: ["state"], "Open."),
                    cells: [["in_use"], ["waiting"]], ofEach: loops, on: { $0 }
                ) { _ in [3, 0] })
            metrics.add(
                MetricReading(MetricFamily("test_skew_seconds", .secondsGauge, "Skew.")) {
                    [-1_500]
                })
            metrics.add(MetricReading(MetricFamily("test_away", .gauge, "Away.")) { nil })
            #expect(
                await text(metrics) == """
                    # HELP test_open Open.
                    # TYPE test_open gauge
                    test_open{state="in_use"} 6
                    test_open{state="waiting"} 0
                    # HELP test_skew_seconds Skew.
                    # TYPE test_skew_seconds gauge
                    test_skew_seconds -0.0015

                    """)
        }
    }

    @Test func `values of labels and helps cannot end their line`() {
        var text = MetricText()
        let family = MetricFamily("test_open", .gauge, by: ["what"], "A \\ and\na \"word\".")
        text.append(family, [["a\\b\"c\nd é"]], [Int64(1)])
        #expect(
            String(decoding: text.octets, as: UTF8.self) == """
                # HELP test_open A \\\\ and\\na "word".
                # TYPE test_open gauge
                test_open{what="a\\\\b\\"c\\nd é"} 1

                """)
    }

    @Test(
        arguments: [
            (0, 6, "0"), (1, 6, "0.000001"), (-1, 6, "-0.000001"), (1_000_000, 6, "1"),
            (-12_345_000, 6, "-12.345"), (10, 0, "10"),
            (.max, 9, "9223372036.854775807"), (.min, 6, "-9223372036854.775808"),
        ] as [(Int64, Int, String)])
    func `fractions are exact`(_ number: Int64, _ places: Int, _ text: String) {
        #expect(MetricText.decimal(number, places: places) == text)
    }

    @Test func `a loop that has ended keeps nobody from an answer`() async throws {
        let loop = try EventLoop(name: "metrics")
        loop.start()
        let metrics = Metrics()
        metrics.add(
            MetricSeries(MetricFamily("test_things_total", .counter, "Things."), loops: [loop]))
        loop.stop()
        loop.join()
        #expect(await text(metrics).hasSuffix("\ntest_things_total 0\n"))
    }
}
