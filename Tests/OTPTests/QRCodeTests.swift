import Crypto
import Fixtures
import Foundation
import Testing

@testable import OTP

@Suite struct QRCodeTests {
    /// Bytes that fill a version, and no two versions alike.
    private static func sample(_ count: Int, _ version: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: index * 7 + version)) }
        return bytes
    }

    private static func rows(_ matrix: QRMatrix, _ light: Character, _ dark: Character) -> [String]
    {
        (0..<matrix.size).map { row in
            String((0..<matrix.size).map { matrix[$0, row] ? dark : light })
        }
    }

    @Test func `error correction is that of the standard's example`() {
        // ISO/IEC 18004, annex I: "01234567" as 1-M.
        let data: [UInt8] = [
            0x10, 0x20, 0x0c, 0x56, 0x61, 0x80, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11,
            0xec, 0x11,
        ]
        #expect(
            ReedSolomon(degree: 10).remainder(of: data)
                == [0xa5, 0x24, 0xd4, 0xc1, 0xed, 0x36, 0xc7, 0x87, 0x2c, 0x55])
    }

    @Test func `format and version are coded as in the standard's examples`() {
        #expect(QRMatrix.formatBits(mask: 5) == 0b100_0000_1100_1110)
        #expect(QRMatrix.versionBits(7) == 0b00_0111_1100_1001_0100)
        #expect(QRMatrix.versionBits(40) == 0b10_1000_1100_0110_1001)
    }

    @Test func `a symbol of version 1 is what another library draws`() {
        let layout = QRLayout(version: 1)
        let codewords = layout.interleaved(layout.dataCodewords(Array("double lock".utf8)))
        let expected = """
            #######.#.###.#######
            #.....#.#..##.#.....#
            #.###.#..##...#.###.#
            #.###.#.#.###.#.###.#
            #.###.#..###..#.###.#
            #.....#..####.#.....#
            #######.#.#.#.#######
            ........#.###........
            #.##.###.#.##.#..#.##
            #...##.#.#.#######..#
            ##.######..#..##..###
            .#......#..#....##.#.
            #.#...#.##..#.##.#.#.
            ........#..#.#..#....
            #######.#..##.#.##...
            #.....#.#.#..#...####
            #.###.#..#..#..#.##..
            #.###.#.##...#.....#.
            #.###.#.###.###......
            #.....#..##.###.....#
            #######.###.####..#..
            """
        let drawn = Self.rows(QRMatrix(version: 1, codewords).masked(3), ".", "#")
        #expect(drawn.joined(separator: "\n") == expected)
    }

    /// Of the Python library `qrcode` 8.2, full symbols with mask `version % 8`, row by row.
    @Test func `all forty versions are what another library draws`() {
        var drawn: [UInt8] = []
        for version in 1...40 {
            let layout = QRLayout(version: version)
            let bytes = Self.sample(layout.byteCapacity, version)
            let codewords = layout.interleaved(layout.dataCodewords(bytes))
            let matrix = QRMatrix(version: version, codewords).masked(version % 8)
            for row in 0..<matrix.size {
                for column in 0..<matrix.size {
                    drawn.append(UInt8(ascii: matrix[column, row] ? "1" : "0"))
                }
            }
        }
        let digest = Digest.sha256(drawn).map { String($0, radix: 16) }
        #expect(
            digest.map { $0.count == 1 ? "0" + $0 : $0 }.joined()
                == "1ba68749f8ba559830a62152f6828215504442771068371487a7541678661c55")
    }

    @Test(arguments: [(0, 1), (14, 1), (15, 2), (213, 10), (214, 11), (1024, 26), (2331, 40)])
    func `the smallest version that holds the bytes is taken`(count: Int, version: Int) throws {
        let code = try #require(QRCode(Self.sample(count, 0)))
        #expect(code.version == version)
        #expect(code.size == version * 4 + 17)
    }

    @Test func `more than the largest version holds is refused`() {
        #expect(QRCode(Self.sample(QRCode.bytesMax + 1, 0)) == nil)
    }

    @Test func `the mask with the lowest penalty is taken`() throws {
        let code = try #require(QRCode(Array("double lock".utf8)))
        let layout = QRLayout(version: 1)
        let codewords = layout.interleaved(layout.dataCodewords(Array("double lock".utf8)))
        let penalties = (0..<8).map { QRMatrix(version: 1, codewords).masked($0).penalty }
        #expect(penalties[code.mask] == penalties.min())
        #expect(Set(penalties).count > 4)
    }

    @Test func `an image of the longest URI stays within its field`() throws {
        // The worst a row can hold: a step for every second module.
        let code = try #require(QRCode(Self.sample(1024, 0)))
        #expect(code.svg.utf8.count < 40_000)
        #expect(code.size * (code.size / 2 + 1) * "m1 0h1".count < 65_536)
    }

    private static let reads = ["rsvg-convert", "zbarimg"].allSatisfy { program in
        ["/usr/bin/", "/usr/local/bin/"].contains {
            FileManager.default.isExecutableFile(atPath: $0 + program)
        }
    }

    @Test(
        .enabled(if: reads, "wants rsvg-convert (librsvg2-bin) and zbarimg (zbar-tools)"),
        arguments: [
            "a", "otpauth://totp/Dubbelslot:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
            String(repeating: "otpauth://totp/", count: 14),
            String(repeating: "0123456789abcdef", count: 18), String(repeating: "%E5", count: 341),
        ])
    func `a camera's reader reads the image`(text: String) throws {
        let code = try #require(QRCode(Array(text.utf8)))
        let folder = TemporaryFolder()
        let image = try folder.write("code.svg", code.svg)
        let drawn = try ChildProcess.run(
            "rsvg-convert",
            ["-w", String((code.size + 8) * 4), "-o", folder.file("code.png"), image])
        #expect(drawn.status == 0, "\(drawn.output)")
        let read = try ChildProcess.run(
            "zbarimg",
            ["--nodbus", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", folder.file("code.png")])
        #expect(read.output == text + "\n")
    }
}
