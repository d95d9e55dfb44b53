// `Benchmarks rpc` measures calls and latency beside a bare echo, all in one run, so that the
// ratios mean something on any machine. `Benchmarks services` measures start and idle memory;
// `flood` and `enumeration` measure what somebody outside may notice and must not.

import Foundation

let usage = """
    usage: Benchmarks rpc [--seconds S] [--rounds N] [--only HANDLER] [--json FILE]
           Benchmarks services [--starts N] [--json FILE]
           Benchmarks flood [--rounds N] [--seconds S] [--signins N] [--limited yes] [--json FILE]
           Benchmarks enumeration [--tries N] [--hash small_memory] [--json FILE]
           Benchmarks import [--rows N] [--json FILE]
           Benchmarks sessions [--few N] [--many N] [--calls N] [--rounds N] [--json FILE]
      rpc       calls/s and latency of RPC beside a bare epoll echo
      services  start time and idle memory of the services beside this executable
      flood     latency of introspections with and without a flood of sign-ins
      enumeration  whether bytes or time tell that an account exists, or was imported
      import       bringing the users of another system
      sessions     an introspection beside few live sessions and beside many
    DUBBELSLOT_BENCHMARK_SHORT=1 runs the last four only to see that they run.
    """

func option(_ name: String) -> String? {
    let arguments = CommandLine.arguments
    guard let at = arguments.firstIndex(of: name), at + 1 < arguments.count else { return nil }
    return arguments[at + 1]
}

func write(_ json: Data) throws {
    if let path = option("--json") { try json.write(to: URL(fileURLWithPath: path)) }
}

let isShort = ProcessInfo.processInfo.environment["DUBBELSLOT_BENCHMARK_SHORT"] == "1"

switch CommandLine.arguments.dropFirst().first {
case "rpc":
    let plan = RPCBenchmark.Plan(
        seconds: option("--seconds").flatMap(Double.init) ?? 0.5,
        rounds: option("--rounds").flatMap(Int.init) ?? 5, only: option("--only"))
    let report = try await RPCBenchmark(plan).run()
    print(report.table)
    try write(report.json)
case "services":
    let starts = option("--starts").flatMap(Int.init) ?? 5
    let rows = try ServicesBenchmark(starts: starts).run()
    print(ServicesBenchmark.table(rows))
    try write(BenchmarkReport.encode(rows))
case "flood":
    let rows = try FloodBenchmark(
        rounds: option("--rounds").flatMap(Int.init) ?? (isShort ? 1 : 5),
        seconds: option("--seconds").flatMap(Double.init) ?? (isShort ? 1 : 10),
        introspectionsPerSecond: 200,
        signInsPerSecond: option("--signins").flatMap(Double.init) ?? 200,
        limited: option("--limited") == "yes"
    ).run()
    print(FloodBenchmark.table(rows))
    try write(BenchmarkReport.encode(rows))
case "enumeration":
    let rows = try EnumerationBenchmark(
        tries: option("--tries").flatMap(Int.init) ?? (isShort ? 4 : 500),
        hash: option("--hash") ?? "standard"
    ).run()
    print(EnumerationBenchmark.table(rows))
    try write(BenchmarkReport.encode(rows))
case "import":
    let row = try ImportBenchmark(
        rows: option("--rows").flatMap(Int.init) ?? (isShort ? 500 : 100_000)
    ).run()
    print(ImportBenchmark.table(row))
    try write(BenchmarkReport.encode([row]))
case "sessions":
    let rows = try SessionsBenchmark(
        few: option("--few").flatMap(Int.init) ?? (isShort ? 100 : 1_000),
        many: option("--many").flatMap(Int.init) ?? (isShort ? 2_000 : 100_000),
        calls: option("--calls").flatMap(Int.init) ?? (isShort ? 50 : 4_000),
        rounds: option("--rounds").flatMap(Int.init) ?? (isShort ? 1 : 3)
    ).run()
    print(SessionsBenchmark.table(rows))
    try write(BenchmarkReport.encode(rows))
default:
    print(usage)
    exit(2)
}
