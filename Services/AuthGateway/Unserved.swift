import Contracts
import RPC
import Wire

extension SignInHandlers {
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
    func regenerateRecoveryCodes(_ request: RegenerateRecoveryCodes, _ call: Call)
        async throws(Fault) -> RecoveryCodes
    {
        throw Fault(.methodUnknown)
    }
}

extension AdminHandlers {
    func testVerifier(_ request: TestVerifier, _ call: Call) async throws(Fault) -> TestSent {
        throw Fault(.methodUnknown)
    }
}
