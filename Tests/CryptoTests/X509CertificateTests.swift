import Testing
import Wire

@testable import Crypto

/// Certificates made once for this file by two other implementations, with keys that were thrown
/// away.
@Suite struct X509CertificateTests {
    /// 2026-09-21.
    private let now = Timestamp(seconds: 1_790_000_000)

    @Test func `a certificate says what it is`() throws {
        let model = try certificate(Self.model)
        #expect(model.version == 3)
        #expect(model.isEndEntity)
        #expect(model.subject(.country) == Array("NL".utf8))
        #expect(model.subject(.organization) == Array("Vendor".utf8))
        #expect(model.subject(.organizationalUnit) == Array("Authenticator Attestation".utf8))
        #expect(model.subject(.commonName) == Array("Model 1".utf8))
        let value = [4, 16] + Array(0..<16) as [UInt8]
        #expect(
            model.extensions("1.3.6.1.4.1.45724.1.1.4") == [.init(value: value, isCritical: false)])
        #expect(model.extensions("2.5.29.19").map(\.isCritical) == [true])
        #expect(model.extensions("1.2.3") == [])
        #expect(model.extensions("not a number") == [])
    }

    @Test func `what certifies others, or does not say, is no end entity`() throws {
        let authority = try certificate(Self.authority)
        #expect(!authority.isEndEntity)
        #expect(authority.subject(.country) == nil)
        #expect(!(try certificate(Self.p384).isEndEntity))
    }

    @Test func `the key is one by the rules of public keys, or none`() throws {
        let algorithms: [(String, PublicKey.Algorithm?)] = [
            (Self.model, .es256), (Self.p384, .es384), (Self.edwards, .ed25519), (Self.rsa, .rs256),
            (Self.spelledOut, nil),
        ]
        for (text, algorithm) in algorithms {
            #expect(try certificate(text).publicKey()?.algorithm == algorithm)
        }
    }

    @Test func `a certificate is valid between its dates`() throws {
        let model = try certificate(Self.model)
        for (seconds, isValid) in [
            (0, false), (1_704_067_199, false), (1_704_067_201, true), (1_790_000_000, true),
            (2_493_072_000 - 1, true), (2_493_072_001, false), (Timestamp.secondsMax, false),
            (Timestamp.secondsMin, false),
        ] as [(Int64, Bool)] {
            #expect(model.isValid(at: Timestamp(seconds: seconds)) == isValid, "\(seconds)")
        }
    }

    @Test func `trust comes from an anchor at that time, and from nothing else`() throws {
        let authority = try certificate(Self.authority)
        let model = try certificate(Self.model)
        #expect(model.isTrusted(by: [authority], through: [], at: now))
        #expect(model.isTrusted(by: [authority], through: [authority, model], at: now))
        #expect(model.isTrusted(by: [model], through: [], at: now))
        #expect(!model.isTrusted(by: [], through: [authority], at: now))
        #expect(!model.isTrusted(by: [try certificate(Self.p384)], through: [], at: now))
        #expect(!model.isTrusted(by: [authority], through: [], at: Timestamp(seconds: 0)))
        #expect(
            !model.isTrusted(
                by: [authority], through: [], at: Timestamp(seconds: Timestamp.secondsMax)))
    }

    @Test func `what is not exactly one certificate is refused`() throws {
        let der = try #require(Base64.decode(Self.model.utf8))
        for bytes in [[], [0], [0x30, 0], Array(der.dropLast()), der + [0], der + der] {
            #expect(throws: CryptoFault.malformed) { try X509Certificate(der: bytes) }
        }
        #expect(Libcrypto.fault("looking") == .library(operation: "looking", detail: ""))
    }

    @Test func `octets changed never make a trusted certificate, and never a trap`() throws {
        let der = try #require(Base64.decode(Self.model.utf8))
        let authority = try certificate(Self.authority)
        var trusted: [Int] = []
        for index in der.indices {
            var changed = der
            changed[index] ^= 1 << (index % 8)
            do throws(CryptoFault) {
                let other = try X509Certificate(der: changed)
                _ = X509Certificate.Attribute.allCases.map { other.subject($0) }
                _ = other.extensions("1.3.6.1.4.1.45724.1.1.4")
                _ = (other.isEndEntity, other.publicKey(), other.version)
                if other.isTrusted(by: [authority], through: [], at: now) { trusted.append(index) }
            } catch {
                #expect(error == .malformed)
            }
        }
        #expect(trusted == [])
    }

    private func certificate(_ text: String) throws -> X509Certificate {
        try X509Certificate(der: try #require(Base64.decode(text.utf8)))
    }

    private static let authority =
        "MIIBLDCB1KADAgECAgEBMAoGCCqGSM49BAMCMBYxFDASBgNVBAMMC1ZlbmRvciByb290MB4XDTI0MDEw"
        + "MTAwMDAwMFoXDTQ5MDEwMTAwMDAwMFowFjEUMBIGA1UEAwwLVmVuZG9yIHJvb3QwWTATBgcqhkjOPQIB"
        + "BggqhkjOPQMBBwNCAAT5n0yvID9LFdWQnRWKMoyIkpoo7Qz9ffiVhass6baoE/ilEXtUL0NWTu1P5M+J"
        + "wOxVXMg8G/qVNEb2TGC0AWsIoxMwETAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIFqL"
        + "coLduq19HPz9fpdUO9KUtzVWRDjqecadLBZ8ktU7AiAnSDYCVFw1X24B7ZCd7JeEZQ9yXTWNk6U7Q/3r"
        + "xrYHBQ=="
    private static let model =
        "MIIBjDCCATKgAwIBAgIBAjAKBggqhkjOPQQDAjAWMRQwEgYDVQQDDAtWZW5kb3Igcm9vdDAeFw0yNDAx"
        + "MDEwMDAwMDBaFw00OTAxMDEwMDAwMDBaMFQxCzAJBgNVBAYTAk5MMQ8wDQYDVQQKDAZWZW5kb3IxIjAg"
        + "BgNVBAsMGUF1dGhlbnRpY2F0b3IgQXR0ZXN0YXRpb24xEDAOBgNVBAMMB01vZGVsIDEwWTATBgcqhkjO"
        + "PQIBBggqhkjOPQMBBwNCAASZkkYJ3tEh8ULmmRDwU3XQ7reVkbB2/V+Bc9sRIrF+We+NYvxz1HRJx4/x"
        + "9JEZh2zPeBKY3aV6BRBZeUHxKFt3ozMwMTAMBgNVHRMBAf8EAjAAMCEGCysGAQQBguUcAQEEBBIEEAAB"
        + "AgMEBQYHCAkKCwwNDg8wCgYIKoZIzj0EAwIDSAAwRQIhAMeGo0TeCVXglO/fdXnl4XsrSKdjrU6/4XIr"
        + "ejXfZuyRAiAk3sc5VoemC1Kj/Dv43OyW+wpXBrHv1NKrOUJxnXHhQg=="
    private static let p384 =
        "MIIBLjCB1qADAgECAgEDMAoGCCqGSM49BAMCMBYxFDASBgNVBAMMC1ZlbmRvciByb290MB4XDTI0MDEw"
        + "MTAwMDAwMFoXDTQ5MDEwMTAwMDAwMFowEDEOMAwGA1UEAwwFUC0zODQwdjAQBgcqhkjOPQIBBgUrgQQA"
        + "IgNiAATF/UCrDvRUqfc6PS0l0t4DxAO6M6Hzg9jVUT9FR8G4SLpQCUVqX4MLtPBl1Gb8m8Pt26HS5DSc"
        + "1L1FAveZN/s1mw4aIL7XImeKdChpeLklZepXNodYYOfbixD/Q9VWf7YwCgYIKoZIzj0EAwIDRwAwRAIg"
        + "E0k87ia0/mfKkb2Qb+LLySFMbjvr/yG0LLDT3DHWS40CIF1SL/uwtpiO3UdMd6b80nhMLMNR7fkzDwkh"
        + "hW0J0VEW"
    private static let edwards =
        "MIHlMIGMoAMCAQICAQQwCgYIKoZIzj0EAwIwFjEUMBIGA1UEAwwLVmVuZG9yIHJvb3QwHhcNMjQwMTAx"
        + "MDAwMDAwWhcNNDkwMTAxMDAwMDAwWjASMRAwDgYDVQQDDAdFZDI1NTE5MCowBQYDK2VwAyEAtwQuZib/"
        + "PnzykMqiIbESXNryRdKK9Z7cGAErXlAoTMwwCgYIKoZIzj0EAwIDSAAwRQIhANQvAdLUtKJ3LBjcx/Np"
        + "8FmdJzTcirXi4L2T96UR5BtYAiBWLo+zv1hM62Y7yugF0yRidStAdaA9iQebiSC8JQ0TpQ=="
    private static let rsa =
        "MIIB3DCCAYKgAwIBAgIBBTAKBggqhkjOPQQDAjAWMRQwEgYDVQQDDAtWZW5kb3Igcm9vdDAeFw0yNDAx"
        + "MDEwMDAwMDBaFw00OTAxMDEwMDAwMDBaMA4xDDAKBgNVBAMMA1JTQTCCASIwDQYJKoZIhvcNAQEBBQAD"
        + "ggEPADCCAQoCggEBALCNkImqvmdnv5IBihLAWtwv+AzZfyeJmASW2JY/PT3sXi6pKwJCpw5jFHG9NKB9"
        + "miVr8+seuVq1iDhbZvNXt3RG+U4kkrhzjJX2dp9dTS/nORl4asrBcaGdNlXHayZuFWIPmqm2fxzjJc17"
        + "Uz6zB856bGjPvtq9IswGu6dD3vmK2sgJl2XNwIUZRPzNoAaDxwUnBoR6mf1BW6b6bzgKyuz45CQ9G2sI"
        + "q7E5n3T7cuAGBzE+TIs+FSGRtvpDKO3zsmPluG4mwm/Cit1OwH6TZ7Ez0QEN2WJ2RdDAfSKMp6D7I5zS"
        + "g02k2jQJ/Sr+llsJJUOX4YO2nQscAqy6o2XwmM0CAwEAATAKBggqhkjOPQQDAgNIADBFAiAkQGpJ75Rq"
        + "tSYXWihVmXhM4vPCgwwiL5OnN7tvUpSlXQIhAIk0AdGgdsuBMnUG2TsNjX4WSEpvqjatfOrY8XduiF4n"
    private static let spelledOut =
        "MIICcDCCAhegAwIBAgIUeDTnHXw3DDCtNoNmRysO7QnKBmowCgYIKoZIzj0EAwIwEzERMA8GA1UEAwwI"
        + "RXhwbGljaXQwIBcNMjYxMTIzMDU1NzU1WhgPMjA1MTA3MTUwNTU3NTVaMBMxETAPBgNVBAMMCEV4cGxp"
        + "Y2l0MIIBSzCCAQMGByqGSM49AgEwgfcCAQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAAAAAAAAAAAAAA"
        + "////////////////MFsEIP////8AAAABAAAAAAAAAAAAAAAA///////////////8BCBaxjXYqjqT57Pr"
        + "vVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMVAMSdNgiG5wSTamZ44ROdJreBn36QBEEEaxfR8uEsQkf4vObl"
        + "Y6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9QIhAP////8A"
        + "AAAA//////////+85vqtpxeehPO5ysL8YyVRAgEBA0IABCh9zoLtvgnFYhcX3phpjKWCCR3m07whBNTM"
        + "+JaYwxUo2VC40zBjrzP8cdkEvwGnMqe00NVBaVIb8o27RLIU6vGjUzBRMB0GA1UdDgQWBBTEhf4UyLLd"
        + "Rzrp5zM41hsyFybT6DAfBgNVHSMEGDAWgBTEhf4UyLLdRzrp5zM41hsyFybT6DAPBgNVHRMBAf8EBTAD"
        + "AQH/MAoGCCqGSM49BAMCA0cAMEQCIHMCBWQtbnRcy3GY+ZIIPko25kbGmD0jKD9NJdSoVnFrAiA9dv4N"
        + "LxEpOME/wgtAflmiCvBCSO6UaOaHRrtNfIrP9A=="
}
