import Contracts
import Crypto
import OTP
import RPC
import Wire

/// What users bring from another system.
extension VerificationHandlers {
    func importAuthenticators(
        _ request: ImportAuthenticators, _ call: Call
    ) async throws(Fault) -> AuthenticatorsImported {
        let users = request.users
        guard Set(users.map(\.user)).count == users.count else {
            throw Fault(.malformed, detail: "a user twice")
        }
        try await imports.require(try Self.verifiers(of: users))
        var results: [ImportResult] = []
        var brought: [Imports.Brought] = []
        for user in users {
            let parts: ImportedParts
            do throws(ImportRefusal) {
                parts = try ImportedParts(user, memoryMax: hashing.parameters.memory)
            } catch {
                results.append(ImportResult(user: user.user, refusal: error))
                continue
            }
            results.append(ImportResult(user: user.user))
            if !request.checkOnly { brought.append(try seal(parts, user)) }
        }
        guard !brought.isEmpty else { return AuthenticatorsImported(results: results) }
        let taken = try await imports.take(brought, AuditContext(call, actor: nil))
        return AuthenticatorsImported(
            results: results.map { result in
                guard let it = taken[result.user] else { return result }
                return ImportResult(
                    user: result.user, passwordSet: it.passwordSet,
                    bound: UInt32(clamping: it.bound))
            })
    }

    private static func verifiers(
        of users: [ImportedAuthenticators]
    ) throws(Fault) -> [VerifierUID: VerifierType] {
        var wanted: [VerifierUID: VerifierType] = [:]
        for user in users {
            for (uid, type, isThere) in [
                (user.totpVerifier, VerifierType.totp, !user.totp.isEmpty),
                (user.phoneVerifier, .sms, !user.phone.isEmpty),
            ] {
                guard (uid != nil) == isThere else {
                    throw Fault(.malformed, detail: "a verifier goes with what is bound under it")
                }
                guard let uid else { continue }
                guard wanted.updateValue(type, forKey: uid) ?? type == type else {
                    throw Fault(.verifierNotFound)
                }
            }
        }
        return wanted
    }

    private func seal(
        _ parts: ImportedParts, _ given: ImportedAuthenticators
    ) throws(Fault) -> Imports.Brought {
        let user = given.user
        let passwordID = try AuthenticatorID.fresh()
        let password = try parts.password.map { (record) throws(Fault) in
            try sealing.seal(record.text, authenticator: passwordID, of: user)
        }
        var factors: [Imports.Factor] = []
        if let verifier = given.totpVerifier {
            for code in parts.codes { factors.append(try factor(code, under: verifier, of: user)) }
        }
        if let phone = parts.phone, let verifier = given.phoneVerifier {
            let id = try AuthenticatorID.fresh()
            factors.append(
                Imports.Factor(
                    id: id, verifier: verifier, type: .sms,
                    sealed: try sealing.seal(
                        SecretBytes(copying: Array(phone.text.utf8)), authenticator: id, of: user),
                    parameters: "", lastStep: nil))
        }
        return Imports.Brought(
            user: user, passwordID: passwordID, password: password, factors: factors)
    }

    private func factor(
        _ code: OTPAuthURI, under verifier: VerifierUID, of user: UserID
    ) throws(Fault) -> Imports.Factor {
        let id = try AuthenticatorID.fresh()
        return Imports.Factor(
            id: id, verifier: verifier, type: .totp,
            sealed: try sealing.seal(code.seed, authenticator: id, of: user),
            parameters: code.parameters.column,
            // The counter before the next one counts as used.
            lastStep: code.nextCounter > 0 ? code.nextCounter - 1 : nil)
    }
}

/// What one user brings, read strictly: he comes whole or not at all.
private struct ImportedParts {
    let password: PasswordRecord?
    let codes: [OTPAuthURI]
    let phone: Receiver?

    /// - Parameter memoryMax: what checking a password may take here.
    init(_ given: ImportedAuthenticators, memoryMax: Int) throws(ImportRefusal) {
        do throws(CryptoFault) {
            password =
                given.password.isEmpty
                ? nil
                : try PasswordRecord(importing: Array(given.password.utf8), memoryMax: memoryMax)
        } catch {
            switch error {
            case .outOfBounds: throw .passwordCost
            case .malformed, .library, .inauthentic, .keyUnknown: throw .password
            }
        }
        var codes: [OTPAuthURI] = []
        for text in given.totp {
            do throws(OTPAuthURIRefusal) {
                codes.append(try OTPAuthURI(parsing: text.utf8))
            } catch {
                throw .totp
            }
        }
        self.codes = codes
        do throws(Fault) {
            phone = given.phone.isEmpty ? nil : try Receiver(.sms, typed: given.phone)
        } catch {
            throw .phone
        }
    }
}
