/// A QR code (ISO/IEC 18004:2015) of bytes: byte mode, error correction level M, so that 15 % of
/// it may be unreadable, the smallest version that holds them, and the mask that disturbs readers
/// least. Its cost grows with the bytes alone: `bytesMax` of them take some milliseconds.
package struct QRCode: Sendable, Equatable {
    /// Bytes that the largest version holds at level M.
    package static let bytesMax = 2331

    /// 1 to 40.
    package let version: Int
    /// 0 to 7.
    package let mask: Int
    private let matrix: QRMatrix

    /// Nil for more than `bytesMax` bytes.
    package init?(_ bytes: [UInt8]) {
        guard let layout = QRLayout.smallest(for: bytes.count) else { return nil }
        let codewords = layout.interleaved(layout.dataCodewords(bytes))
        let blank = QRMatrix(version: layout.version, codewords)
        let masked = (0..<8).map(blank.masked)
        let penalties = masked.map(\.penalty)
        let best = penalties.indices.min { penalties[$0] < penalties[$1] } ?? 0
        version = layout.version
        mask = best
        matrix = masked[best]
    }

    /// Modules a side, without the quiet zone: 21 to 177.
    package var size: Int { matrix.size }

    /// True for a dark module; both from 0 to `size - 1`.
    package func isDark(_ column: Int, _ row: Int) -> Bool { matrix[column, row] }
}

extension QRCode {
    /// Light modules that must surround the symbol (§6.3.8).
    private static let quietZone = 4

    /// An SVG image, dark on light whatever is around it, with the quiet zone, one unit a module.
    /// At most 60 kB for 1,024 bytes: each run of modules is one step of one path, and a row has
    /// no more runs than half its modules.
    package var svg: String {
        let side = size + 2 * Self.quietZone
        var path = ""
        for row in 0..<size {
            var end: Int?
            for run in darkRuns(row) {
                if let end {
                    path += "m\(run.lowerBound - end) 0"
                } else {
                    path += "M\(run.lowerBound + Self.quietZone) \(row + Self.quietZone).5"
                }
                path += "h\(run.count)"
                end = run.upperBound
            }
        }
        return "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 \(side) \(side)'"
            + " shape-rendering='crispEdges'><path fill='#fff' d='M0 0h\(side)v\(side)H0z'/>"
            + "<path stroke='#000' d='\(path)'/></svg>"
    }

    private func darkRuns(_ row: Int) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var column = 0
        while column < size {
            let start = column
            while column < size, isDark(column, row) { column += 1 }
            if column > start { runs.append(start..<column) }
            while column < size, !isDark(column, row) { column += 1 }
        }
        return runs
    }
}

/// How a version divides its modules: data and error correction codewords, in blocks (§7.5.1,
/// table 9, level M).
struct QRLayout: Sendable {
    let version: Int
    /// Codewords of data and of error correction together.
    let codewordCount: Int
    let blockCount: Int
    let correctionPerBlock: Int

    private static let correction = [
        10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26,
        26, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    ]
    private static let blocks = [
        1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16,
        17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49,
    ]

    init(version: Int) {
        self.version = version
        codewordCount = QRMatrix.dataModules(version) / 8
        blockCount = Self.blocks[version - 1]
        correctionPerBlock = Self.correction[version - 1]
    }

    static func smallest(for byteCount: Int) -> QRLayout? {
        for version in 1...40 {
            let layout = QRLayout(version: version)
            if byteCount <= layout.byteCapacity { return layout }
        }
        return nil
    }

    var dataCount: Int { codewordCount - blockCount * correctionPerBlock }

    /// Bits of the count that stands before the bytes (§7.4.1, table 3).
    private var countBits: Int { version < 10 ? 8 : 16 }

    /// Mode and count take 12 or 20 bits, so the last half codeword holds no byte.
    var byteCapacity: Int { (dataCount * 8 - 4 - countBits) / 8 }

    /// Mode, count, bytes, terminator and padding (§7.4). At most `byteCapacity` bytes.
    func dataCodewords(_ bytes: [UInt8]) -> [UInt8] {
        var nibbles: [UInt8] = [0b0100]
        for shift in stride(from: countBits - 4, through: 0, by: -4) {
            nibbles.append(UInt8(bytes.count >> shift & 15))
        }
        for byte in bytes { nibbles += [byte >> 4, byte & 15] }
        nibbles.append(0)
        var codewords = stride(from: 0, to: nibbles.count, by: 2).map {
            nibbles[$0] << 4 | nibbles[$0 + 1]
        }
        let filled = codewords.count
        while codewords.count < dataCount {
            codewords.append((codewords.count - filled).isMultiple(of: 2) ? 0xec : 0x11)
        }
        return codewords
    }

    /// The blocks' data codewords in turn, then their error correction codewords (§7.6). The
    /// first blocks may be one codeword shorter than the others.
    func interleaved(_ data: [UInt8]) -> [UInt8] {
        let short = dataCount / blockCount
        let longCount = dataCount % blockCount
        var blocks: [ArraySlice<UInt8>] = []
        var rest = data[...]
        for number in 0..<blockCount {
            let count = number < blockCount - longCount ? short : short + 1
            blocks.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        let divisor = ReedSolomon(degree: correctionPerBlock)
        let corrections = blocks.map { divisor.remainder(of: $0) }
        var output: [UInt8] = []
        for index in 0...short {
            for block in blocks where index < block.count {
                output.append(block[block.startIndex + index])
            }
        }
        for index in 0..<correctionPerBlock {
            output += corrections.map { $0[index] }
        }
        return output
    }
}

/// Reed-Solomon error correction over GF(2^8) with x^8 + x^4 + x^3 + x^2 + 1 (§7.5.2).
struct ReedSolomon: Sendable {
    /// The generator's coefficients from the second highest down; the highest is 1.
    private let divisor: [UInt8]

    init(degree: Int) {
        var divisor = [UInt8](repeating: 0, count: degree)
        divisor[degree - 1] = 1
        var root: UInt8 = 1
        for _ in 0..<degree {
            for index in 0..<degree {
                divisor[index] = Self.product(divisor[index], root)
                if index + 1 < degree { divisor[index] ^= divisor[index + 1] }
            }
            root = Self.product(root, 2)
        }
        self.divisor = divisor
    }

    func remainder(of data: some Sequence<UInt8>) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: divisor.count)
        for byte in data {
            let factor = byte ^ result.removeFirst()
            result.append(0)
            for index in result.indices {
                result[index] ^= Self.product(divisor[index], factor)
            }
        }
        return result
    }

    private static func product(_ left: UInt8, _ right: UInt8) -> UInt8 {
        var result: UInt8 = 0
        for bit in stride(from: 7, through: 0, by: -1) {
            result = result << 1 ^ (result >> 7) &* 0x1d
            result ^= (right >> UInt8(bit) & 1) &* left
        }
        return result
    }
}
