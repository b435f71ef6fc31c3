// Layer: HTTPService. Uses: libmicrohttpd. Used by: HTTPService.
// libmicrohttpd's calls and callbacks. The pointers it hands over are followed during the callback only: texts end with
// a zero byte, keys and values of headers come with their length. A request's context is retained when its target is
// known and released when the library says that it is over, which it does once for each target; the core is retained
// until all threads have ended. What a response holds is copied by the library.

internal import CMicrohttpd
import PlatformIO
import Primitives

/// A running server of libmicrohttpd.
struct HTTPDaemon {
    private let daemon: OpaquePointer
    private let core: Unmanaged<ServiceCore>

    /// Starts the threads, which serve on a duplicate of the listener's socket: the listener may go.
    init(listener: TCPListener, threads: Int, core: ServiceCore) throws(IOError) {
        self.core = .passRetained(core)
        var code: Int32 = 0
        let daemon = oriel_mhd_start(
            listener.descriptor, UInt32(threads), UInt32(HTTPService.connectionLimit), UInt32(HTTPService.idleSeconds),
            HTTPService.headerLimit, targetCameIn, partCameIn, requestEnded, self.core.toOpaque(), &code)
        guard let daemon else {
            self.core.release()
            throw IOError(code: code, operation: "start the threads of", subject: "libmicrohttpd")
        }
        self.daemon = daemon
    }

    /// Waits for running handlers, ends all connections and threads. Once only.
    func stop() {
        MHD_stop_daemon(daemon)
        core.release()
    }
}

/// The first news of a request, before its headers are read.
private func targetCameIn(
    _ owner: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>?, _ connection: OpaquePointer?
) -> UnsafeMutableRawPointer? {
    guard let owner else { return nil }
    let core = Unmanaged<ServiceCore>.fromOpaque(owner).takeUnretainedValue()
    var bytes: [UInt8] = []
    if var next = target {
        while next.pointee != 0 {
            bytes.append(UInt8(bitPattern: next.pointee))
            next += 1
        }
    }
    return Unmanaged.passRetained(RequestContext(core: core, target: bytes)).toOpaque()
}

/// The headers, a part of the body or the end of a request have come in.
private func partCameIn(
    _ owner: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ url: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?, _ part: UnsafePointer<CChar>?,
    _ partCount: UnsafeMutablePointer<Int>?, _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let connection, let method, let partCount, let context = context?.pointee else { return oriel_mhd_result(0) }
    let request = Unmanaged<RequestContext>.fromOpaque(context).takeUnretainedValue()
    let count = partCount.pointee
    partCount.pointee = 0
    let step = request.advance(count: count) {
        oriel_mhd_header(connection, "Content-Length").map { String(cString: $0) }
    }
    switch step {
    case .goOn: return oriel_mhd_result(1)
    case .end: return oriel_mhd_result(0)
    case .refuseBody: return send(ResponseRules.finished(RequestRules.bodyTooLarge, to: nil), connection)
    case .answer:
        let response = request.core.answer(
            method: String(cString: method), target: request.target, headers: headers(connection),
            peer: peer(connection))
        return send(response, connection)
    }
}

/// The answer was sent, or never will be.
private func requestEnded(
    _ owner: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ reason: MHD_RequestTerminationCode
) {
    guard let place = context, let context = place.pointee else { return }
    place.pointee = nil
    Unmanaged<RequestContext>.fromOpaque(context).release()
}

private func headers(_ connection: OpaquePointer) -> [(name: String, value: String)] {
    var headers: [(name: String, value: String)] = []
    withUnsafeMutablePointer(to: &headers) { list in
        oriel_mhd_headers(
            connection,
            { list, _, name, nameCount, value, valueCount in
                guard let list, let name else { return oriel_mhd_result(0) }
                func text(_ start: UnsafePointer<CChar>, _ count: Int) -> String {
                    String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
                }
                list.assumingMemoryBound(to: [(name: String, value: String)].self).pointee
                    .append((text(name, nameCount), withoutTrailingBlanks(value.map { text($0, valueCount) } ?? "")))
                return oriel_mhd_result(1)
            }, list)
    }
    return headers
}

private func peer(_ connection: OpaquePointer) -> SocketAddress? {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16) { octets in
        var port: UInt16 = 0
        let count = Int(oriel_mhd_peer(connection, octets.baseAddress, &port))
        return SocketAddress(octets: octets[..<count], port: port)
    }
}

/// Hands an answer to the library.
private func send(_ response: HTTPResponse, _ connection: OpaquePointer) -> MHD_Result {
    let handle = response.body.withUnsafeBytes { oriel_mhd_response($0.baseAddress, $0.count) }
    // No memory: without an answer the connection ends.
    guard let handle else { return oriel_mhd_result(0) }
    defer { MHD_destroy_response(handle) }
    for (name, value) in response.headers { _ = MHD_add_response_header(handle, name, value) }
    return MHD_queue_response(connection, UInt32(response.status), handle)
}
