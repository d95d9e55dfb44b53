import RPC

/// The methods that a door serves, in rows for figures about them: known at the start, so that
/// whatever number a caller sends, it has a row already.
package struct MethodRows: Sendable {
    /// What stands for everything that is no method of ours.
    private static let unknown = "other"

    /// By row: `SignInService/Start`.
    package let names: [String]
    /// By number; 0 for those that are none.
    private let rows: [UInt16]

    package init(_ contracts: [any Contract.Type]) {
        var names = [Self.unknown]
        var rows: [UInt16] = []
        for contract in contracts {
            let service = contract.service.text.split(separator: ".").last ?? ""
            for method in contract.methods {
                let number = Int(method.number)
                if rows.count <= number {
                    rows += [UInt16](repeating: 0, count: number + 1 - rows.count)
                }
                rows[number] = UInt16(names.count)
                names.append("\(service)/\(method.name)")
            }
        }
        self.names = names
        self.rows = rows
    }

    /// For a log: the name, or the number of what is no method of ours.
    package func text(of number: UInt16) -> String {
        let row = row(of: number)
        return row == 0 ? "0x" + String(number, radix: 16) : names[row]
    }

    package func row(of number: UInt16) -> Int {
        Int(number) < rows.count ? Int(rows[Int(number)]) : 0
    }
}
