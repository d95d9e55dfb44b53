import Wire

/// The name and number of a service on the wire. The name is what HTTP paths carry, the number is
/// the high byte of every method number of the service.
package struct ServiceName: Sendable, Hashable {
    /// For example `dubbelslot.v1.VerificationService`.
    package let text: String
    package let number: UInt8

    package init(_ number: UInt8, _ text: String) {
        self.number = number
        self.text = text
    }
}

/// The services of this project as callers. The raw value is the last part of a certificate's
/// identity, `spiffe://<trust domain>/<raw value>`.
package enum ServiceRole: String, Sendable, CaseIterable {
    case gateway = "auth-gateway"
    case verification = "verification-service"
    case policy = "policy-service"

    /// The one URI that the certificate of this service holds in the given trust domain.
    package func identity(in trustDomain: String) -> String {
        "spiffe://\(trustDomain)/\(rawValue)"
    }
}

/// Who may call a method. The caller is the identity that mutual TLS has proved.
package enum CallerRule: Sendable, Equatable {
    /// Only these services of our own.
    case services([ServiceRole])
    /// Callers that the operator has registered, each for named methods.
    case registered
}

/// One method of a contract: said once, and from it come the dispatch, the client's call, the
/// allow-list and the document.
///
/// ```swift
/// static let checkCode = Method<CheckCode, Verdict>(
///     0x0102, "CheckCode", callers: .services([.gateway]), "Checks and consumes a code.")
/// ```
package struct Method<Request: Message, Response: Message>: Sendable {
    /// High byte: the service's number. Low byte: the method's, from 1. Never reused.
    package let number: UInt16
    /// UpperCamelCase, as in an HTTP path.
    package let name: String
    package let callers: CallerRule
    /// Whether a call whose outcome is unknown may be sent again under the same request id.
    package let idempotent: Bool
    /// One sentence for the document.
    package let about: String

    package init(
        _ number: UInt16, _ name: String, callers: CallerRule, idempotent: Bool = false,
        _ about: String
    ) {
        self.number = number
        self.name = name
        self.callers = callers
        self.idempotent = idempotent
        self.about = about
    }

    /// The method without its types, for allow-lists and documents.
    package var described: MethodDescription {
        MethodDescription(
            number: number, name: name, request: Request.self, response: Response.self,
            callers: callers, idempotent: idempotent, about: about)
    }

    /// Decodes the request, lets `handle` answer and encodes the answer: one case of a contract's
    /// dispatching switch. Throws `.malformed` when `body` is not the request.
    package func serve(
        _ coding: Coding, _ body: [UInt8], _ call: Call,
        _ handle: (Request, Call) async throws(Fault) -> Response
    ) async throws(Fault) -> [UInt8] {
        let request: Request = try coding.decode(body)
        return coding.encode(try await handle(request, call))
    }
}

/// A method as documents and allow-lists see it.
package struct MethodDescription: Sendable {
    package let number: UInt16
    package let name: String
    package let request: any Message.Type
    package let response: any Message.Type
    package let callers: CallerRule
    package let idempotent: Bool
    package let about: String
}

/// The methods of one service.
package protocol Contract {
    static var service: ServiceName { get }
    /// One sentence for the document.
    static var about: String { get }
    static var methods: [MethodDescription] { get }
}

/// How a message is written. RPC frames are always binary; JSON comes in over HTTP.
package enum Coding: Sendable {
    case binary
    case json

    /// Throws `.malformed`, with the field in the detail for the log.
    package func decode<M: Message>(_ body: [UInt8]) throws(Fault) -> M {
        do throws(WireFault) {
            switch self {
            case .binary: return try M(decoding: body)
            case .json: return try M(json: body)
            }
        } catch {
            throw Fault(.malformed, detail: "\(M.name): \(error)")
        }
    }

    package func encode(_ message: some Message) -> [UInt8] {
        switch self {
        case .binary: message.encoded()
        case .json: message.json()
        }
    }
}

/// What a server hands frames to: concrete code per contract, a switch over method numbers. A
/// server of several contracts has one dispatcher that switches over the number's high byte.
///
/// The server has checked before that the method is known, the caller allowed and the deadline
/// not over. A number outside the switch throws `.methodUnknown`.
package protocol Dispatcher: Sendable {
    /// Answers from memory, on the loop, without waiting: writes the response message at the end
    /// of `output`. `body` and `head` are borrowed and die with the call. What was written is
    /// taken back unless the answer is `.answered`.
    func answerInline(
        _ method: UInt16, _ body: UnsafeRawBufferPointer, _ head: borrowing CallHead,
        _ output: inout OutputBuffer
    ) -> InlineAnswer

    /// Answers on the loop's executor and may wait. The task is cancelled when the caller
    /// cancels, its deadline passes or its connection ends.
    func answer(
        _ method: UInt16, _ coding: Coding, _ body: [UInt8], _ call: Call
    ) async throws(Fault) -> [UInt8]
}

/// What an inline handler did.
package enum InlineAnswer: Sendable, Equatable {
    /// The response stands at the end of the output.
    case answered
    case refused(Reason, retryAfterSeconds: UInt32? = nil)
    /// Memory does not suffice; ask `answer`.
    case wait
}

extension Dispatcher {
    @inlinable
    package func answerInline(
        _ method: UInt16, _ body: UnsafeRawBufferPointer, _ head: borrowing CallHead,
        _ output: inout OutputBuffer
    ) -> InlineAnswer {
        .wait
    }
}
