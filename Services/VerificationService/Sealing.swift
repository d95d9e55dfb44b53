import Contracts
import Crypto
import Reactor
import Wire

/// A value sealed for its row, with the name of the key, so that an operator sees which keys are
/// still needed.
struct SealedValue: Sendable {
    let sealed: Bytes
    let keyName: String
}

/// Sealing and opening what the tables hold. Every value is bound to its table, column, row and
/// user; what does not open where it stands was moved or changed, and nothing is decided on it.
///
/// Copies share the keys, which can be replaced while they are used.
struct Sealing: Sendable {
    private let ring: Guarded<KeyRing>

    init(keys: KeyRing) { ring = Guarded(keys) }

    /// Those of this moment; who takes two steps takes them both with the same.
    var keys: KeyRing { ring.withLock { $0 } }

    /// From now on these seal and open.
    func replace(keys: KeyRing) { ring.withLock { $0 = keys } }

    func seal(
        _ plaintext: SecretBytes, authenticator: AuthenticatorID, of user: UserID
    ) throws(Fault) -> SealedValue {
        do throws(CryptoFault) {
            let keys = keys
            let sealed = try keys.seal(plaintext, for: Self.place(authenticator, user))
            return SealedValue(sealed: sealed, keyName: keys.primaryName)
        } catch {
            throw error.fault
        }
    }

    func open(
        _ sealed: Bytes, authenticator: AuthenticatorID, of user: UserID
    ) throws(Fault) -> SecretBytes {
        do throws(CryptoFault) {
            return try keys.open(sealed, for: Self.place(authenticator, user))
        } catch {
            throw error.fault
        }
    }

    /// The value under today's key; nil when it is under it already.
    func renewed(
        _ sealed: Bytes, _ plaintext: SecretBytes, authenticator: AuthenticatorID, of user: UserID
    ) throws(Fault) -> SealedValue? {
        do throws(CryptoFault) {
            guard try keys.isOutdated(sealed) else { return nil }
        } catch {
            throw error.fault
        }
        return try seal(plaintext, authenticator: authenticator, of: user)
    }

    func seal(
        _ seed: SecretBytes, binding: AuthenticatorID, of user: UserID
    ) throws(Fault) -> Bytes {
        do throws(CryptoFault) {
            return try keys.seal(seed, for: Self.bindingPlace(binding, user))
        } catch {
            throw error.fault
        }
    }

    func open(
        _ sealed: Bytes, binding: AuthenticatorID, of user: UserID
    ) throws(Fault) -> SecretBytes {
        do throws(CryptoFault) {
            return try keys.open(sealed, for: Self.bindingPlace(binding, user))
        } catch {
            throw error.fault
        }
    }

    func seal(
        _ plaintext: SecretBytes, settingsOf uid: VerifierUID
    ) throws(Fault) -> SealedValue {
        do throws(CryptoFault) {
            let keys = keys
            let sealed = try keys.seal(plaintext, for: Self.settingsPlace(uid))
            return SealedValue(sealed: sealed, keyName: keys.primaryName)
        } catch {
            throw error.fault
        }
    }

    func open(_ sealed: Bytes, settingsOf uid: VerifierUID) throws(Fault) -> SecretBytes {
        do throws(CryptoFault) {
            return try keys.open(sealed, for: Self.settingsPlace(uid))
        } catch {
            throw error.fault
        }
    }

    func seal(
        _ plaintext: SecretBytes, message: MessageID, of user: UserID
    ) throws(Fault) -> Bytes {
        do throws(CryptoFault) {
            return try keys.seal(plaintext, for: Self.messagePlace(message, user))
        } catch {
            throw error.fault
        }
    }

    func open(
        _ sealed: Bytes, message: MessageID, of user: UserID
    ) throws(Fault) -> SecretBytes {
        do throws(CryptoFault) {
            return try keys.open(sealed, for: Self.messagePlace(message, user))
        } catch {
            throw error.fault
        }
    }

    private static func messagePlace(_ id: MessageID, _ user: UserID) -> SealedPlace {
        SealedPlace(table: "outbox", column: "sealed", row: id, user: user)
    }

    private static func settingsPlace(_ uid: VerifierUID) -> SealedPlace {
        SealedPlace(table: "verifiers", column: "settings", row: uid.text)
    }

    private static func place(_ id: AuthenticatorID, _ user: UserID) -> SealedPlace {
        SealedPlace(table: "authenticators", column: "sealed", row: id, user: user)
    }

    private static func bindingPlace(_ id: AuthenticatorID, _ user: UserID) -> SealedPlace {
        SealedPlace(table: "bindings", column: "sealed", row: id, user: user)
    }
}

extension CryptoFault {
    /// A caller learns only that something is wrong on this side.
    var fault: Fault { Fault(.internal, detail: "cryptography: \(self)") }
}

extension Identifier {
    static func fresh() throws(Fault) -> Identifier {
        do throws(CryptoFault) {
            return try Random.identifier()
        } catch {
            throw error.fault
        }
    }
}
