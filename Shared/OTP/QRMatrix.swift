/// The modules of a QR code: the patterns that readers look for, and the codewords around them
/// (ISO/IEC 18004:2015, §6.3 and §7.7 to §7.10).
struct QRMatrix: Sendable, Equatable {
    let size: Int
    private let version: Int
    /// Row by row; true is dark.
    private var modules: [Bool]
    /// Modules that hold no data, so that no mask touches them.
    private var fixed: [Bool]

    /// Draws everything but the mask and the format that names it.
    init(version: Int, _ codewords: [UInt8]) {
        self.version = version
        size = version * 4 + 17
        modules = Array(repeating: false, count: size * size)
        fixed = modules
        drawTiming()
        for (column, row) in [(3, 3), (size - 4, 3), (3, size - 4)] { drawFinder(column, row) }
        drawAlignment()
        drawFormat(mask: 0)
        drawVersion()
        place(codewords)
    }

    subscript(column: Int, row: Int) -> Bool { modules[row * size + column] }

    /// Modules left for data and error correction (§7.1, table 1).
    static func dataModules(_ version: Int) -> Int {
        var count = (16 * version + 128) * version + 64
        if version >= 2 {
            let side = version / 7 + 2
            count -= (25 * side - 10) * side - 55
        }
        return version >= 7 ? count - 36 : count
    }

    private mutating func fix(_ column: Int, _ row: Int, _ isDark: Bool) {
        modules[row * size + column] = isDark
        fixed[row * size + column] = true
    }

    private mutating func drawTiming() {
        for index in 0..<size {
            fix(6, index, index.isMultiple(of: 2))
            fix(index, 6, index.isMultiple(of: 2))
        }
    }

    /// With its light separator, as far as that lies inside.
    private mutating func drawFinder(_ column: Int, _ row: Int) {
        for down in -4...4 {
            for right in -4...4 {
                let (x, y) = (column + right, row + down)
                guard (0..<size).contains(x), (0..<size).contains(y) else { continue }
                let distance = max(abs(down), abs(right))
                fix(x, y, distance != 2 && distance != 4)
            }
        }
    }

    /// Annex E: evenly spaced between the timing pattern and the opposite side; none where a
    /// finder is.
    private mutating func drawAlignment() {
        guard version > 1 else { return }
        let count = version / 7 + 2
        let step = (version * 8 + count * 3 + 5) / (count * 4 - 4) * 2
        let places = [6] + (0..<(count - 1)).map { size - 7 - $0 * step }.reversed()
        for (index, row) in places.enumerated() {
            for (other, column) in places.enumerated() {
                let corners = [(0, 0), (0, count - 1), (count - 1, 0)]
                if !corners.contains(where: { $0 == (index, other) }) { drawAlignment(column, row) }
            }
        }
    }

    private mutating func drawAlignment(_ column: Int, _ row: Int) {
        for down in -2...2 {
            for right in -2...2 {
                fix(column + right, row + down, max(abs(down), abs(right)) != 1)
            }
        }
    }

    /// Level M and the mask with a BCH(15, 5) code, twice, and the dark module (§7.9.1).
    private mutating func drawFormat(mask: Int) {
        let bits = Self.formatBits(mask: mask)
        func isDark(_ bit: Int) -> Bool { bits >> bit & 1 == 1 }
        for bit in 0...5 { fix(8, bit, isDark(bit)) }
        fix(8, 7, isDark(6))
        fix(8, 8, isDark(7))
        fix(7, 8, isDark(8))
        for bit in 9...14 { fix(14 - bit, 8, isDark(bit)) }
        for bit in 0...7 { fix(size - 1 - bit, 8, isDark(bit)) }
        for bit in 8...14 { fix(8, size - 15 + bit, isDark(bit)) }
        fix(8, size - 8, true)
    }

    static func formatBits(mask: Int) -> Int {
        let levelM = 0b00
        let data = levelM << 3 | mask
        return (data << 10 | remainder(of: data << 10, by: 0b101_0011_0111)) ^ 0b101_0100_0001_0010
    }

    /// From version 7 on: its number with a BCH(18, 6) code, twice (§7.10).
    private mutating func drawVersion() {
        guard version >= 7 else { return }
        let bits = Self.versionBits(version)
        for bit in 0..<18 {
            let isDark = bits >> bit & 1 == 1
            fix(size - 11 + bit % 3, bit / 3, isDark)
            fix(bit / 3, size - 11 + bit % 3, isDark)
        }
    }

    static func versionBits(_ version: Int) -> Int {
        version << 12 | remainder(of: version << 12, by: 0b1_1111_0010_0101)
    }

    private static func remainder(of value: Int, by divisor: Int) -> Int {
        let width = Int.bitWidth - divisor.leadingZeroBitCount
        var rest = value
        while Int.bitWidth - rest.leadingZeroBitCount >= width {
            rest ^= divisor << (divisor.leadingZeroBitCount - rest.leadingZeroBitCount)
        }
        return rest
    }

    /// In pairs of columns from the right, up and down in turn (§7.7.3). What the last codeword
    /// does not fill stays light.
    private mutating func place(_ codewords: [UInt8]) {
        var bit = 0
        var right = size - 1
        var isUpwards = true
        while right >= 1 {
            if right == 6 { right = 5 }
            for step in 0..<size {
                let row = isUpwards ? size - 1 - step : step
                for column in [right, right - 1] where !fixed[row * size + column] {
                    guard bit < codewords.count * 8 else { return }
                    modules[row * size + column] =
                        codewords[bit >> 3] >> UInt8(7 - bit & 7) & 1 == 1
                    bit += 1
                }
            }
            isUpwards.toggle()
            right -= 2
        }
    }
}

extension QRMatrix {
    /// With one of the eight masks over the data, and named (§7.8.2, table 10).
    func masked(_ mask: Int) -> QRMatrix {
        var result = self
        for row in 0..<size {
            for column in 0..<size where !fixed[row * size + column] {
                if Self.inverts(mask, column, row) { result.modules[row * size + column].toggle() }
            }
        }
        result.drawFormat(mask: mask)
        return result
    }

    private static func inverts(_ mask: Int, _ column: Int, _ row: Int) -> Bool {
        let product = column * row
        let value =
            switch mask {
            case 0: (row + column) % 2
            case 1: row % 2
            case 2: column % 3
            case 3: (row + column) % 3
            case 4: (row / 2 + column / 3) % 2
            case 5: product % 2 + product % 3
            case 6: (product % 2 + product % 3) % 2
            case _: ((row + column) % 2 + product % 3) % 2
            }
        return value == 0
    }

    /// What disturbs readers (§7.8.3): long runs, blocks, what looks like a finder, imbalance.
    var penalty: Int {
        var result = blockPenalty + balancePenalty
        for line in 0..<size {
            result += linePenalty(from: line * size, by: 1)
            result += linePenalty(from: line, by: size)
        }
        return result
    }

    /// A row or a column: 3 for a run of five and 1 for each module more, 40 for each
    /// 1:1:3:1:1 beside four light modules.
    private func linePenalty(from start: Int, by step: Int) -> Int {
        let (finderThenLight, lightThenFinder) = (0b101_1101_0000, 0b000_0101_1101)
        var result = 0
        var run = 0
        var window = 0
        var previous = false
        for index in 0..<size {
            let isDark = modules[start + index * step]
            run = isDark == previous ? run + 1 : 1
            previous = isDark
            if run == 5 { result += 3 } else if run > 5 { result += 1 }
            window = (window << 1 | (isDark ? 1 : 0)) & 0b111_1111_1111
            if index >= 10, window == finderThenLight || window == lightThenFinder {
                result += 40
            }
        }
        return result
    }

    /// 3 for each square of two by two.
    private var blockPenalty: Int {
        var count = 0
        for row in 1..<size {
            for column in 1..<size {
                let isDark = self[column, row]
                if isDark == self[column - 1, row], isDark == self[column, row - 1],
                    isDark == self[column - 1, row - 1]
                {
                    count += 1
                }
            }
        }
        return 3 * count
    }

    /// 10 for each 5 % that the dark modules are away from one half.
    private var balancePenalty: Int {
        let dark = modules.count { $0 }
        return abs(dark * 20 - modules.count * 10) / modules.count * 10
    }
}
