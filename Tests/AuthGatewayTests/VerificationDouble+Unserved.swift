import Contracts
import RPC
import Wire

extension VerificationDouble {
    func makeRecoveryCodes(_ request: MakeRecoveryCodes, _ call: Call) async throws(Fault)
        -> RecoveryCodes
    {
        throw Fault(.methodUnknown)
    }
}
