/// How the key of a record comes from the password.
package enum PasswordDerivation: Sendable, Equatable {
    case scrypt(PasswordHash.Parameters)
    /// Of imported records only.
    case pbkdf2(PBKDF2.Parameters)

    /// Bytes needed while deriving.
    package var memory: Int {
        switch self {
        case .scrypt(let parameters): parameters.memory
        // A few blocks of the digest.
        case .pbkdf2: 4096
        }
    }

    /// The time it takes, in scrypt's N·r·p, for a key of `keySize` bytes.
    ///
    /// An iteration of PBKDF2 counts as 2/3 with SHA-1 and SHA-256 and as 4/3 with SHA-512, for
    /// every block of the key: 190, 200 and 400 ns against 290 ns for one of the standard scrypt
    /// (libcrypto 3.0 with SHA extensions; without them an iteration takes up to twice as long).
    package func cost(keySize: Int) -> Int {
        switch self {
        case .scrypt(let parameters): return parameters.cost
        case .pbkdf2(let parameters):
            let size = parameters.algorithm.size
            let thirds =
                switch parameters.algorithm {
                case .sha1, .sha256: 2
                case .sha512: 4
                }
            return parameters.iterations * ((keySize + size - 1) / size) * thirds / 3
        }
    }
}

/// What is kept of a password. Its bytes are the text `$scrypt$ln=17,r=8,p=1$salt$key` (PHC
/// string format: base64 without padding), which names algorithm and cost, so that stronger ones
/// can follow. Whoever stores it seals it with `KeyRing` first.
///
/// Records that come with imported users may be of another make (`init(importing:memoryMax:)`)
/// and last until the first right password.
package struct PasswordRecord: Sendable {
    package let derivation: PasswordDerivation
    let salt: [UInt8]
    let key: SecretBytes

    /// Bytes, of imported records too.
    static let saltRange = 8...64
    static let keyRange = 16...64

    /// Bytes needed to check it.
    package var memory: Int { derivation.memory }

    /// A new record with a random salt. Blocks.
    package init(
        of password: Password, _ parameters: PasswordHash.Parameters
    ) throws(CryptoFault) {
        derivation = .scrypt(parameters)
        salt = try Random.bytes(PasswordHash.saltSize)
        key = try PasswordHash.derive(password.utf8, salt: salt, parameters)
    }

    /// A record that no password fits and that costs as much to check as a real one: for users
    /// who do not exist. Does not block; keep one per process.
    package static func decoy(
        _ parameters: PasswordHash.Parameters
    ) throws(CryptoFault) -> PasswordRecord {
        PasswordRecord(
            derivation: .scrypt(parameters), salt: try Random.bytes(PasswordHash.saltSize),
            key: try .random(count: PasswordHash.keySize))
    }

    init(derivation: PasswordDerivation, salt: [UInt8], key: SecretBytes) {
        self.derivation = derivation
        self.salt = salt
        self.key = key
    }

    /// Whether `password` is the one recorded. Blocks, equally long for right and wrong ones.
    /// NULs at the very end do not count, since HMAC fills short keys up with them.
    package func matches(_ password: Password) throws(CryptoFault) -> Bool {
        switch derivation {
        case .scrypt(let parameters):
            try key
                == PasswordHash.derive(password.utf8, salt: salt, parameters, count: key.count)
        case .pbkdf2(let parameters):
            try key == PBKDF2.derive(password.utf8, salt: salt, parameters, count: key.count)
        }
    }

    /// True when the next right password should make a new record with `target`: this one is of
    /// foreign make or was cheaper.
    package func isWeaker(than target: PasswordHash.Parameters) -> Bool {
        guard salt.count == PasswordHash.saltSize, key.count == PasswordHash.keySize else {
            return true
        }
        return switch derivation {
        case .scrypt(let parameters): parameters.isWeaker(than: target)
        case .pbkdf2: true
        }
    }

    /// What a failed check spends on top, so that whose record is cheaper than today's is not
    /// told apart by the time: hashes that cost the difference together, and take no more memory
    /// than one of `target`. Empty when nothing is missing. This is reckoned; where it is known
    /// how long things take, `PasswordHash.Parameters.parts(after:of:)` is nearer.
    ///
    /// A right password needs none of it: it gives itself away, and pays for a new record. A
    /// record that costs more than `target` cannot be hidden: its failures take longer, up to
    /// the bound of what is imported, until its owner signs in.
    package func remainder(to target: PasswordHash.Parameters) -> [PasswordHash.Parameters] {
        target.parts(costing: target.cost - derivation.cost(keySize: key.count))
    }
}

extension PasswordRecord: CustomStringConvertible, CustomReflectable {
    package var description: String { "a password record" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
