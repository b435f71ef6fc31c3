// Layer: HTTPService. Uses: RequestRules, ResponseRules. Used by: HTTPDaemon, HTTPService.
// What requests of one service share, and what is kept of a request while it comes in.

import PlatformIO
import Primitives

/// The handler, and who is in it.
final class ServiceCore: Sendable {
    private let handler: @Sendable (HTTPRequest) -> HTTPResponse
    private let servingThreads = Locked<[UInt]>([])

    init(_ handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse) { self.handler = handler }

    /// Whether the caller is, directly or not, the handler.
    var isServingOnThisThread: Bool {
        let thread = Thread.currentID
        return servingThreads.withLock { $0.contains(thread) }
    }

    /// The answer to a complete request, as it is sent.
    func answer(
        method: String, target: [UInt8], headers: [(name: String, value: String)], peer: SocketAddress?
    ) -> HTTPResponse {
        switch RequestRules.check(method: method, target: target, headers: headers, peer: peer) {
        case .refuse(let response): return ResponseRules.finished(response, to: nil)
        case .handle(let request):
            let thread = Thread.currentID
            servingThreads.withLock { $0.append(thread) }
            defer { servingThreads.withLock { $0.removeAll { $0 == thread } } }
            return ResponseRules.finished(handler(request), to: request)
        }
    }
}

/// A request that comes in. It belongs to its connection's thread.
final class RequestContext {
    /// The service.
    let core: ServiceCore
    /// What stands between method and version.
    let target: [UInt8]
    private var hasHeaders = false
    private var bodyCount = 0

    init(core: ServiceCore, target: [UInt8]) {
        self.core = core
        self.target = target
    }

    /// What is to be done about a part that came in.
    enum Step {
        /// Wait for more.
        case goOn
        /// Answer now.
        case answer
        /// Refuse the body, now.
        case refuseBody
        /// End the connection.
        case end
    }

    /// Takes note of a call: the first comes after the headers, then one for each part of the body, then a last one.
    /// - Parameters:
    ///   - count: bytes of the body in this part.
    ///   - contentLength: the header of this name.
    func advance(count: Int, contentLength: () -> String?) -> Step {
        if !hasHeaders {
            hasHeaders = true
            // Later, in the middle of a body, libmicrohttpd takes no answer.
            return contentLength().map(RequestRules.isTooLong) == true ? .refuseBody : .goOn
        }
        if count > 0 {
            bodyCount += min(count, RequestRules.bodyReadLimit)
            return bodyCount > RequestRules.bodyReadLimit ? .end : .goOn
        }
        return bodyCount > RequestRules.bodyLimit ? .refuseBody : .answer
    }
}
