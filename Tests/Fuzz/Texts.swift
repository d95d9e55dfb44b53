import Contracts
import Reactor
import Wire

/// Short texts that are parsed into a type: what is accepted is written as it was read, or reads
/// back as the same.
func fuzz(_ input: UnsafeRawBufferPointer) {
    guard let text = String(validating: input, as: UTF8.self) else { return }
    if let id = UserID(text) {
        must(id.description.utf8.elementsEqual(text.utf8), "a second text for \(id)")
    }
    if let moment = Timestamp(text) {
        must(Timestamp(moment.text) == moment, "\(moment.text) is another moment")
        let seconds = Timestamp.secondsMin...Timestamp.secondsMax
        must(seconds.contains(moment.seconds), "\(moment.text) is out of bounds")
    }
    if let uid = VerifierUID(text) {
        must((1...64).contains(uid.text.utf8.count), "a uid over its limit")
    }
    if let address = SocketAddress(text) {
        must(SocketAddress(address.description) == address, "\(address) is another address")
        _ = address.network
    }
    if let identity = ServiceIdentity(text) {
        must(identity.text.utf8.elementsEqual(text.utf8), "a second text for \(identity)")
        let path = text.dropFirst("spiffe://".count + identity.trustDomain.count)
        must(!(path + "/").contains("/../"), "a name that leads elsewhere")
    }
    do throws(ScalarRefusal) {
        let ticket = try Ticket(raw: text)
        must(ticket.text.utf8.elementsEqual(text.utf8), "a second text for a ticket")
    } catch {
        return
    }
}
