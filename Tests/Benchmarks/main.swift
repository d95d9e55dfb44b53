// `Benchmarks rpc` measures calls and latency beside a bare echo, all in one run, so that the
// ratios mean something on any machine. `Benchmarks services` measures start and idle memory.

import Foundation

let usage = """
    usage: Benchmarks rpc [--seconds S] [--rounds N] [--only HANDLER] [--json FILE]
           Benchmarks services [--starts N] [--json FILE]
      rpc       calls/s and latency of RPC beside a bare epoll echo
      services  start time and idle memory of the services beside this executable
    """

func option(_ name: String) -> String? {
    let arguments = CommandLine.arguments
    guard let at = arguments.firstIndex(of: name), at + 1 < arguments.count else { return nil }
    return arguments[at + 1]
}

func write(_ json: Data) throws {
    if let path = option("--json") { try json.write(to: URL(fileURLWithPath: path)) }
}

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
default:
    print(usage)
    exit(2)
}
