import Contracts
import RPC
import Wire

extension SignInHandlers {
    func beginVerification(_ request: BeginVerification, _ call: Call) async throws(Fault)
        -> ChallengeStarted
    {
        throw Fault(.methodUnknown)
    }
    func beginPasskey(_ request: BeginPasskeySignIn, _ call: Call) async throws(Fault)
        -> PasskeySignIn
    {
        throw Fault(.methodUnknown)
    }
    func completePasskey(_ request: CompletePasskeySignIn, _ call: Call) async throws(Fault)
        -> NextStep
    {
        throw Fault(.methodUnknown)
    }
}

extension AccountHandlers {
    func beginProof(_ request: BeginProof, _ call: Call) async throws(Fault) -> ChallengeStarted {
        throw Fault(.methodUnknown)
    }
    func regenerateRecoveryCodes(_ request: RegenerateRecoveryCodes, _ call: Call)
        async throws(Fault) -> RecoveryCodes
    {
        throw Fault(.methodUnknown)
    }
}
