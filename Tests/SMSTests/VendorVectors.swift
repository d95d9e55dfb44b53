import Fixtures
import Foundation
import Testing

@testable import HTTP
@testable import SMS

/// One request that a vendor's own SDK has sent, with what it says of it: see the folder `sms` of
/// the test vectors.
struct VendorVector {
    let name: String
    let meta: [String: Any]
    let target: String
    let fields: [(name: String, value: String)]
    let body: [UInt8]
    let answer: [UInt8]

    var path: String { String(target.prefix { $0 != "?" }) }
    var query: String { String(target.drop { $0 != "?" }.dropFirst()) }
    var method: HTTPMethod

    init(_ name: String) throws {
        self.name = name
        func file(_ ending: String) throws -> Data {
            try #require(Vectors.data("sms/\(name).\(ending)"))
        }
        meta = try #require(
            try JSONSerialization.jsonObject(with: file("meta.json")) as? [String: Any])
        answer = Array(try file("response.json"))
        let request = Array(try file("request.http"))
        let separator = Array("\r\n\r\n".utf8)
        let end = try #require(
            request.indices.first { request[$0...].starts(with: separator) })
        body = Array(request[(end + separator.count)...])
        let lines = String(decoding: request[..<end], as: UTF8.self)
            .components(separatedBy: "\r\n")
        let first = lines[0].split(separator: " ")
        method = try #require(HTTPMethod(rawValue: String(first[0])))
        target = String(first[1])
        fields = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces))
        }
    }

    func text(_ key: String) throws -> String { try #require(meta[key] as? String) }
    func number(_ key: String) throws -> Int64 { try #require(meta[key] as? NSNumber).int64Value }

    func field(_ name: String) throws -> String {
        try #require(fields.first { $0.name.lowercased() == name.lowercased() }?.value)
    }

    /// The fields that the signature names, in lower case.
    func signedFields() throws -> [(name: String, value: String)] {
        let names = try field("Authorization").components(separatedBy: "SignedHeaders=")[1]
            .prefix { $0 != "," }.split(separator: ";")
        return try names.map { (String($0), try field(String($0))) }
    }

    /// The status is not in the files: errors of Aliyun and Twilio come with 400, all else of
    /// success.
    func response(status: Int) -> HTTPResponse { HTTPResponse(HTTPStatus(status), body: answer) }
}
