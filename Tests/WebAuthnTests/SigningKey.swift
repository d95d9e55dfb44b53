import COpenSSL
import Crypto
import Testing
import Wire

@testable import WebAuthn

/// What the authenticators and vendors of the tests sign with: fixed keys, made once for this file
/// and good for nothing else.
///
/// `@unchecked Sendable`: libcrypto only reads a key while signing.
final class SigningKey: @unchecked Sendable {
    let algorithm: COSEAlgorithm
    private let key: OpaquePointer

    /// PKCS#8, base64.
    init(_ algorithm: COSEAlgorithm, _ text: String...) {
        let der = Base64.decode(text.joined().utf8) ?? []
        let key: OpaquePointer? = der.withUnsafeBufferPointer { bytes in
            var next = bytes.baseAddress
            return d2i_AutoPrivateKey(nil, &next, bytes.count)
        }
        guard let key else { preconditionFailure("a key of the tests cannot be read") }
        self.algorithm = algorithm
        self.key = key
    }

    func sign(_ message: [UInt8]) -> [UInt8] {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        let digest: String? =
            switch algorithm {
            case .es256, .rs256: "SHA256"
            case .es384: "SHA384"
            case .edDSA: nil
            }
        precondition(EVP_DigestSignInit_ex(context, nil, digest, nil, nil, key, nil) == 1)
        var count = 1024
        var signature = [UInt8](repeating: 0, count: count)
        let status = EVP_DigestSign(context, &signature, &count, message, message.count)
        precondition(status == 1)
        return Array(signature.prefix(count))
    }

    /// `4 · x · y`, or the 32 bytes of an Edwards curve.
    var point: [UInt8] {
        var count = 256
        var bytes = [UInt8](repeating: 0, count: count)
        let status =
            algorithm == .edDSA
            ? EVP_PKEY_get_raw_public_key(key, &bytes, &count)
            : EVP_PKEY_get_octet_string_param(key, "pub", &bytes, count, &count)
        precondition(status == 1)
        return Array(bytes.prefix(count))
    }

    private func number(_ name: String) -> [UInt8] {
        var number: OpaquePointer?
        precondition(EVP_PKEY_get_bn_param(key, name, &number) == 1)
        defer { BN_free(number) }
        var bytes = [UInt8](repeating: 0, count: Int(BN_num_bits(number) + 7) / 8)
        BN_bn2bin(number, &bytes)
        return bytes
    }

    /// As authenticators write it.
    var cose: [CBOR.Entry] {
        let alg = CBOR.Entry(.integer(3), .integer(algorithm.rawValue))
        switch algorithm {
        case .es256, .es384:
            let half = (point.count - 1) / 2
            return [
                .init(.integer(1), .integer(2)), alg,
                .init(.integer(-1), .integer(algorithm == .es256 ? 1 : 2)),
                .init(.integer(-2), .bytes(Array(point[1...half]))),
                .init(.integer(-3), .bytes(Array(point[(half + 1)...]))),
            ]
        case .edDSA:
            return [
                .init(.integer(1), .integer(1)), alg, .init(.integer(-1), .integer(6)),
                .init(.integer(-2), .bytes(point)),
            ]
        case .rs256:
            return [
                .init(.integer(1), .integer(3)), alg, .init(.integer(-1), .bytes(number("n"))),
                .init(.integer(-2), .bytes(number("e"))),
            ]
        }
    }
}

extension SigningKey {
    /// The passkey of most tests.
    static let credential = SigningKey(
        .es256,
        "MHcCAQEEIBSzmbQcPxhPqB+Z/H1aE297DnoJEqFbSm08cjl6aO7+oAoGCCqGSM49AwEHoUQDQgAEZZ7IgCQr",
        "JS2PTMlsM770a/5OlnX8BRnbhvizWBdjPSgMdzu4cf0cuFGx0rYSMGVSwvMKiP9/bgrV1xKWiZRyfQ==")
    /// Somebody else's.
    static let other = SigningKey(
        .es256,
        "MHcCAQEEIH/ttu5h2BaTQrfc9sTTjvezEeA2Z9EN9zLzE53hUGNwoAoGCCqGSM49AwEHoUQDQgAEiR7OTRMp",
        "ppdEN3zYcSpob/TlmYOKpXXnxCGIxA1/Sb6ucdzHOTd+16Q13lsqh0rFGNj1QKv5TerMBS12O2DZYg==")
    /// A model's, which its certificate names.
    static let model = SigningKey(
        .es256,
        "MHcCAQEEIOKPZ2lUcw0VG0iQIvxJDtwJqCVcLeEJGvkNZCOM7KIHoAoGCCqGSM49AwEHoUQDQgAEHxhFDG9+",
        "mB4oPm+RvukZU+6NL2a8+OXL+SdkgHYzHUtc7bUrEEw1a8zP6jOt8+ByDf9+T3egL+baOiIEWlwVuQ==")
    /// A vendor's, who certifies models.
    static let authority = SigningKey(
        .es256,
        "MHcCAQEEIBmVgzuLaT8nfnDEEWQP2gneM0AdpNkpjjccmdI0JZH2oAoGCCqGSM49AwEHoUQDQgAE9ywZVWzR",
        "OBy2+QHPy5zjcAcAAL7EVMVEcE+7WRUibMs/6za84hMDYPvU4clqS7bqsN6x5oOTSJ5bdSqltkxfuw==")
    static let p384 = SigningKey(
        .es384,
        "MIGkAgEBBDB91ufNNWho6jL5VXAP6+6GdlkPa4SNGGUD0l5wx1fCsAOP99OdUh8r2a7xQd9JDP6gBwYFK4EE",
        "ACKhZANiAAQIrmVRUn3aGG0VJBEHghnQiu+uPDpukIyNY3XG/SgXUYG/8LLkcvk7SAIoGqM7U5IUQnBM6oQP",
        "R4V/vcY96DVljLvNobF0Xle6VO+fM7tcgQ0FZlHP3bql42hYKnfelA4=")
    static let edwards = SigningKey(
        .edDSA,
        "MC4CAQAwBQYDK2VwBCIEIF3GDaavw0c7c3oYaYiO4/2e16MiN9Q4mK8g/iavHyQR")
    static let rsa = SigningKey(
        .rs256,
        "MIIEowIBAAKCAQEAxOojEJCjV0+WHbuBY7CvpVFi0QwXafUiz/4htzqguhLA16A2EmIcSfmJ3qaAE76Xv9IQ",
        "STeEqASBELIvhK49MApK2KXlWF3rnc0ALy/MElrAZEasPIO3q8COpkubuVmN/G5lpliGwhg5sEvcaHsxjg+l",
        "tZHumcd3z7MQ0uv+OOkW04/SZ0rJmRopOi6ByJiolpCI2wVHE7q1UQlFaZU5IRYVR4u5Q4aVr4URrsGJ3wlV",
        "NbyqUe3eRrC7VIf3858W7UvCknOufQBWeuENzA/PLN5t/l9jWSobaDBB9ryn3QXTHPT1FICvMK4A0DY+hNYt",
        "6OQBGcivGgbZ74Vw9DLNBQIDAQABAoIBAEAXgTA8E54wfkjRJe0frhvd4I7wI5LOQfV23tx3jabiwbetIsxa",
        "+KAvQ2ufv+ItT9EUe06JbnkNdkDL7mF+INZJE1FutbZMY4sqFVxGb2Kt/R7mTdsoeBjEBOolg9sRRgCaoiVB",
        "fSMhpW03U9cB+gAmIaZ2iDWvUdTdkKVGQKmeyjGMyUtE4TYTR+R85ISnd3so4YjPNGread/CSqEXyP9RtpmS",
        "ySB1zwoBDg6/pV0BfKhlr7HzsogUPdsb2XXbs55yeTRnB66svmRm36DrAm71W/CDYkVWOZ0ikI66bXhABAG5",
        "YjnS10xkKTFDE9z+/syDD74Dy8MLtNsvi5Q5ECUCgYEA4ZM69e09ZZNmD6xHHk5pgagEpW4S4qReB9C4bROC",
        "PCMrupJron5xoUvC+X6xjZzku3SV6D8r4kxjOnIwtrVWqq5DG11zxQ8Uf07do1bSJMiToS6TN9rol+6bLKAT",
        "aWMY4Vryt0nfP88QZ9zu8tFvUHTMUBSjM0fwmh0ju6RaW+8CgYEA33lNTWJrbV8w/3RInHP0p/NOfktSghPO",
        "WGLHUT6tu2pZzKslywz1X4omNWzgbD8uMZWhaRBaT6dQ/yI9RvWc7iuvw3vN+S27ra6AG++WK8pRXbFuKoxm",
        "RjEg16LhsiMEqvorkxIDe/3tXPmEFLKo0JHq4CLnOTouQMuSdd0eAksCgYEAzEa9bTpDkHn0Qhs8aEiQKTdT",
        "xdAx0AcTlDZC3Zx+IyGilxnD2WpyUqQ+VByUg+7iAJQqsSCMCCou7h282ajMbFLVOLHfhkQKxuNPuXyFX4Q4",
        "lQ2NilZ2rigJZFcuXRC91k67YJrITougir47sa9SA+VRpO+bf3QVgisDUgkbPwcCgYBGr93tzmXgsK2VADk/",
        "k8Ydoe6AMF8m2hD5EDWv0z2s/JTvEmvf8HdlAxPW7luGoe2Ara3ix9NpQqlyKmhrm6FKDPOJyA189iRZacsI",
        "Cx7bNyHJmygXuVVYeo3C57iwWjdNxdgmqxoDDG0abaqDyYdwgddjkmbFSUv8Huhy88BcRQKBgAqC10DAbpjS",
        "X8sfe/pzUXYAdX+hoaf/I6g1kHAybuqZcj6dWHAl/ultkk/2AbEC3qQidhG0RQe0c0yWqsFdT+i2+KiKKKpN",
        "uwDipseGMD2Bsy3suAFRYX3pm8NBz3OId9I72W6k6VxjwLPlWXhSLw8I7cTTdJ8hkAFOZqTBZXAp")
}
