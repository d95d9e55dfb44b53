import Contracts
import RPC
import Wire

extension AccountHandlers {
    func regenerateRecoveryCodes(_ request: RegenerateRecoveryCodes, _ call: Call)
        async throws(Fault) -> RecoveryCodes
    {
        throw Fault(.methodUnknown)
    }
}
