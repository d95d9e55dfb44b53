// `Benchmarks rpc [--seconds S] [--rounds N] [--json FILE]` measures calls and latency beside a
// bare echo, all in one run, so that the ratios mean something on any machine.

import Foundation

let usage = """
    usage: Benchmarks rpc [--seconds S] [--rounds N] [--json FILE]
      rpc   calls/s and latency of RPC beside a bare epoll echo
    """

func option(_ name: String) -> String? {
    let arguments = CommandLine.arguments
    guard let at = arguments.firstIndex(of: name), at + 1 < arguments.count else { return nil }
    return arguments[at + 1]
}

guard CommandLine.arguments.count > 1 else {
    print(usage)
    exit(2)
}

switch CommandLine.arguments[1] {
case "rpc":
    let plan = RPCBenchmark.Plan(
        seconds: option("--seconds").flatMap(Double.init) ?? 0.5,
        rounds: option("--rounds").flatMap(Int.init) ?? 5,
        only: option("--only"))
    let report = try await RPCBenchmark(plan).run()
    print(report.table)
    if let path = option("--json") {
        try report.json.write(to: URL(fileURLWithPath: path))
    }
default:
    print(usage)
    exit(2)
}
