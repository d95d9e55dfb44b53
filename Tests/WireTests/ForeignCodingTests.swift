import Fixtures
import Foundation
import Testing
import Wire

/// Google's own tools on the same machine, if they are there.
private enum Foreign {
    static let hasProtoc = succeeds("protoc", ["--version"])
    static let hasPython = hasProtoc && succeeds("python3", ["-c", "import google.protobuf"])

    private static func succeeds(_ program: String, _ arguments: [String]) -> Bool {
        do {
            return try ChildProcess.run(program, arguments).status == 0
        } catch {
            return false
        }
    }

    /// Reads lines of a message's name, binary and JSON (hexadecimal); parses both, insists that
    /// they are equal, and writes its own binary and JSON.
    static let script = """
        import sys
        from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
        from google.protobuf import timestamp_pb2
        files = descriptor_pb2.FileDescriptorSet()
        files.ParseFromString(open(sys.argv[1], 'rb').read())
        pool = descriptor_pool.DescriptorPool()
        for file in files.file:
            pool.Add(file)
        for line in open(sys.argv[2]):
            name, binary, text = line.rstrip('\\n').split(' ')
            kind = message_factory.GetMessageClass(pool.FindMessageTypeByName('samples.v1.' + name))
            first = kind.FromString(bytes.fromhex(binary))
            second = json_format.Parse(bytes.fromhex(text), kind())
            assert first == second, (name, first, second)
            text = json_format.MessageToJson(first, indent=None, descriptor_pool=pool)
            print(first.SerializeToString().hex() + ' ' + text.encode().hex())
        """
}

/// Our binary and our JSON are those of proto3: a foreign implementation reads what we write, and
/// we read what it writes.
@Suite struct ForeignCodingTests {
    private static let noProtoc: Comment = "protoc is not installed."
    private static let noPython: Comment = "protoc or Python's protobuf is not installed."

    private func folderWithDocument() throws -> TemporaryFolder {
        let folder = TemporaryFolder("schema")
        try folder.write("samples.proto", SampleDocument.protoText)
        return folder
    }

    @Test(.enabled(if: Foreign.hasProtoc, noProtoc))
    func `protoc accepts the document without a warning`() throws {
        let folder = try folderWithDocument()
        let run = try ChildProcess.run(
            "protoc",
            ["--proto_path=\(folder.path)", "--descriptor_set_out=/dev/null", "samples.proto"])
        #expect(run.status == 0 && run.output.isEmpty, "\(run.output)")
    }

    @Test(.enabled(if: Foreign.hasProtoc, noProtoc))
    func `protoc reads our bytes and we read its own`() throws {
        let folder = try folderWithDocument()
        for seed in UInt64(0)..<5 {
            let message: Choices = try RandomCoder.message(seed: seed)
            try Data(message.encoded()).write(to: URL(fileURLWithPath: folder.file("ours")))
            let codec = "protoc --proto_path=. samples.proto"
            let run = try ChildProcess.run(
                "sh",
                [
                    "-e", "-c",
                    """
                    \(codec) --decode=samples.v1.Choices < ours > text
                    \(codec) --encode=samples.v1.Choices < text > theirs
                    """,
                ], workingFolder: folder.path)
            #expect(run.status == 0, "seed \(seed): \(run.output)")
            // A number in front of the text would be a field that protoc does not know.
            let text = try folder.read("text")
            #expect(!text.split(separator: "\n").contains { $0.first?.isNumber == true })
            let theirs = Array(try Data(contentsOf: URL(fileURLWithPath: folder.file("theirs"))))
            #expect(try Choices(decoding: theirs) == message, "seed \(seed)")
        }
    }

    @Test(.enabled(if: Foreign.hasPython, noPython))
    func `Python's protobuf agrees on both codings`() throws {
        let folder = try folderWithDocument()
        let compiled = try ChildProcess.run(
            "protoc",
            [
                "--proto_path=\(folder.path)", "--include_imports",
                "--descriptor_set_out=\(folder.file("set"))", "samples.proto",
            ])
        try #require(compiled.status == 0, "\(compiled.output)")
        var ours: [(name: String, check: (_ binary: [UInt8], _ json: [UInt8]) throws -> Void)] = []
        var lines = ""
        try forEachSample { type in
            func add<M: Message>(_: M.Type) throws {
                for seed in UInt64(0)..<60 {
                    let message: M = try RandomCoder.message(seed: seed)
                    let binary = Base16.encode(message.encoded())
                    lines += "\(M.name) \(binary) \(Base16.encode(message.json()))\n"
                    ours.append(
                        (
                            "\(M.name), seed \(seed)",
                            { binary, json in
                                #expect(
                                    try M(decoding: binary) == message, "\(M.name), seed \(seed)")
                                let readJSON = try M(json: json)
                                #expect(readJSON == message, "\(M.name), seed \(seed)")
                            }
                        ))
                }
            }
            try add(type)
        }
        try folder.write("lines", lines)
        try folder.write("check.py", Foreign.script)
        let run = try ChildProcess.run(
            "python3", [folder.file("check.py"), folder.file("set"), folder.file("lines")])
        try #require(run.status == 0, "\(run.output)")
        let theirs = run.output.split(separator: "\n")
        try #require(theirs.count == ours.count)
        for (line, own) in zip(theirs, ours) {
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            let binary = try #require(Base16.decode(parts[0].utf8))
            let json = try #require(Base16.decode(parts[1].utf8))
            try own.check(binary, json)
        }
    }
}
