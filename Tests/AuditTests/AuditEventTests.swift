import Audit
import Testing

struct AuditEventTests {
    @Test func `words are plain and none is used twice`() {
        let words = AuditEvent.allCases.map(\.rawValue)
        #expect(Set(words).count == words.count)
        for word in words {
            #expect(word.wholeMatch(of: /[a-z]+(_[a-z]+)*/) != nil)
            #expect(word.utf8.count <= 64)
        }
    }

    @Test(arguments: AuditEvent.allCases)
    func `every event says in a sentence what happened`(_ event: AuditEvent) {
        #expect(event.sentence.wholeMatch(of: /[A-Z][^.]+\./) != nil)
    }
}
