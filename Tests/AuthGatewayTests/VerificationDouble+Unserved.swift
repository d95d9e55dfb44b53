import Contracts
import RPC
import Wire

extension VerificationDouble {
    func beginChallenge(_ request: BeginChallenge, _ call: Call) async throws(Fault)
        -> ChallengeStarted
    {
        throw Fault(.methodUnknown)
    }
    func beginPasskeyChallenge(_ request: BeginPasskeyChallenge, _ call: Call) async throws(Fault)
        -> PasskeyChallenge
    {
        throw Fault(.methodUnknown)
    }
    func checkPasskey(_ request: CheckPasskey, _ call: Call) async throws(Fault) -> PasskeyVerdict {
        throw Fault(.methodUnknown)
    }
    func makeRecoveryCodes(_ request: MakeRecoveryCodes, _ call: Call) async throws(Fault)
        -> RecoveryCodes
    {
        throw Fault(.methodUnknown)
    }
}
