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
    func beginPasswordReset(_ request: BeginPasswordReset, _ call: Call) async throws(Fault)
        -> PasswordResetSent
    {
        throw Fault(.methodUnknown)
    }
    func completePasswordReset(_ request: CompletePasswordReset, _ call: Call) async throws(Fault)
        -> PasswordWasReset
    {
        throw Fault(.methodUnknown)
    }
}

extension AccountHandlers {
    func beginProof(_ request: BeginProof, _ call: Call) async throws(Fault) -> ChallengeStarted {
        throw Fault(.methodUnknown)
    }
}

extension AdminHandlers {
    func testVerifier(_ request: TestVerifier, _ call: Call) async throws(Fault) -> TestSent {
        throw Fault(.methodUnknown)
    }
}
