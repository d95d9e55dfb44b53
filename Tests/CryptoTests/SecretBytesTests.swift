import Crypto
import Testing
import Wire

@Suite struct SecretBytesTests {
    @Test func `neither printing nor dumping shows a byte`() {
        let secret = SecretBytes(copying: Array("hunter2".utf8))
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), dumped] {
            #expect(!text.contains("hunter2"))
            #expect(!text.contains("104"))
        }
        #expect("\(secret)" == "7 secret bytes")
        #expect("\(Password("hunter2"))" == "a password")
    }

    @Test func `taking leaves nothing behind`() {
        var array: [UInt8] = [1, 2, 3]
        let secret = SecretBytes(taking: &array)
        #expect(array.isEmpty)
        #expect(secret.revealed() == [1, 2, 3])
    }

    @Test func `equality is of length and contents`() {
        let secret = SecretBytes(copying: [1, 2, 3] as [UInt8])
        #expect(secret == SecretBytes(copying: [1, 2, 3] as [UInt8]))
        #expect(secret != SecretBytes(copying: [1, 2, 4] as [UInt8]))
        #expect(secret != SecretBytes(copying: [1, 2] as [UInt8]))
        #expect(SecretBytes(copying: [] as [UInt8]) == SecretBytes(copying: [] as [UInt8]))
    }

    @Test func `random values differ and have their length`() throws {
        #expect(try Random.bytes(32).count == 32)
        #expect(try Random.bytes(0) == [])
        #expect(try Random.bytes(32) != Random.bytes(32))
        #expect(try SecretBytes.random(count: 20).count == 20)
    }

    @Test func `a random identifier is a UUID of version 4`() throws {
        enum Thing: IdentifierKind { static let noun = "thing" }
        let text = try Random.identifier(Thing.self).description
        #expect(Array(text)[14] == "4")
        #expect("89ab".contains(Array(text)[19]))
    }
}
