// Layer: SNMP. Uses: SNMPManager. Used by: applications.
// One device, with the operations of SNMP as async functions.

import PlatformIO
public import Primitives
public import SNMPCodec
public import SNMPEngine

/// A device that a manager talks to. Released targets are removed from their manager.
///
/// All functions may be called from any task, and cancelling the task cancels the request.
public final class SNMPTarget: Sendable {
    /// The manager.
    public let manager: SNMPManager
    /// The target's name for the callback-level API.
    public let id: TargetID
    /// How it was added.
    public let configuration: TargetConfiguration

    init(manager: SNMPManager, id: TargetID, configuration: TargetConfiguration) {
        self.manager = manager
        self.id = id
        self.configuration = configuration
    }

    deinit { manager.remove(id) }

    /// The version spoken with the device.
    public var version: SNMPVersion { configuration.security.version }

    /// What was learned about the device, to be saved and given back when it is added again.
    public var profile: TargetProfile { manager.withEngine { engine, _ in engine.profile(of: id) } ?? TargetProfile() }

    /// What was counted.
    public var statistics: TargetStatistics {
        manager.withEngine { engine, _ in engine.statistics(of: id) } ?? TargetStatistics()
    }

    /// The ID of the device's SNMPv3 engine; empty before discovery and in v1 and v2c.
    public var engineID: EngineID { manager.withEngine { engine, _ in engine.engineID(of: id) } ?? .empty }

    func updateProfile(_ change: (inout TargetProfile) -> Void) {
        manager.withEngine { engine, _ in engine.updateProfile(of: id, change) }
    }

    // MARK: Requests

    /// Sends a request and waits for its response, whatever its error-status.
    ///
    /// Throws `request` when there is none, `malformed`, and `closed`.
    public func exchange(_ request: Request) async throws(SNMPError) -> SNMPResponse {
        guard !manager.isClosed else { throw .closed }
        let cancellation = Cancellation(manager)
        let result: Result<SNMPResponse, SNMPError> = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let token = manager.submit(request, to: id) { outcome, message in
                    continuation.resume(returning: SNMPResponse.result(outcome, message))
                }
                cancellation.set(token)
            }
        } onCancel: {
            cancellation.cancel()
        }
        return try result.get()
    }

    /// The values of the names, in their order. A name that the agent does not have comes back with an exception
    /// (`noSuchObject`, `noSuchInstance`) as its value, in v1 too.
    ///
    /// Long lists are sent in parts, and smaller ones when the agent says that the response would be too big.
    /// Throws `request`, `agent`, `malformed`, `unencodable`.
    public func get(_ names: [ObjectIdentifier]) async throws(SNMPError) -> [VarBind] {
        try await inParts(names) { part throws(SNMPError) in Request.get(try part.encoded()) }
    }

    /// The value of one name, or the exception that the agent has instead. Throws as `get` of several names.
    public func get(_ name: ObjectIdentifier) async throws(SNMPError) -> SNMPValue {
        try await get([name]).first?.value ?? .noSuchInstance
    }

    /// What follows each of the names, in their order; `endOfMibView` where nothing does. Throws as `get`.
    public func getNext(_ names: [ObjectIdentifier]) async throws(SNMPError) -> [VarBind] {
        try await inParts(names) { part throws(SNMPError) in Request.getNext(try part.encoded()) }
    }

    /// What follows the first `nonRepeaters` names once, and up to `maxRepetitions` successors of each of the others,
    /// as the agent sent them: its response may hold fewer. In v1 a GETNEXT. Throws `request`, `agent`, `malformed`,
    /// `unencodable`.
    public func getBulk(
        _ names: [ObjectIdentifier], nonRepeaters: Int = 0, maxRepetitions: Int = 10
    ) async throws(SNMPError) -> [VarBind] {
        try await exchange(
            .getBulk(try names.encoded(), nonRepeaters: nonRepeaters, maxRepetitions: maxRepetitions)
        ).checked().variableBindings
    }

    /// Sets values, all or none, and returns the bindings of the response. Throws `request`, `agent` with the binding
    /// that was refused, `malformed`, `unencodable`.
    @discardableResult
    public func set(_ bindings: [VarBind]) async throws(SNMPError) -> [VarBind] {
        try await exchange(.set(try bindings.encoded())).checked().variableBindings
    }

    /// Sends a trap, which nobody confirms: in v1 a Trap-PDU made from the notification (RFC 3584, section 3.2), else
    /// an SNMPv2-Trap. `upTime` is in hundredths of a second. Returns when it was handed to the network.
    public func trap(
        _ trapOID: ObjectIdentifier, upTime: UInt32, _ bindings: [VarBind] = []
    ) async throws(SNMPError) {
        let pdu = PDU.notification(.trap, requestID: 0, NotificationHead(upTime: upTime, trapOID), bindings)
        guard version == .v1 else {
            _ = try await exchange(.trap(try pdu.variableBindings.encoded()))
            return
        }
        guard let trap = try? TrapV1PDU(notification: pdu) else { throw .request(.notExpressible(.trap, .v1)) }
        try await self.trap(trap)
    }

    /// Sends a trap of SNMPv1; the target's version must be v1.
    public func trap(_ trap: TrapV1PDU) async throws(SNMPError) {
        let request: Request
        do throws(BERError) { request = try .trapV1(trap) } catch { throw .unencodable(error) }
        _ = try await exchange(request)
    }

    /// Sends an inform and waits until the receiver confirms it. Throws `request` when it does not.
    public func inform(
        _ trapOID: ObjectIdentifier, upTime: UInt32, _ bindings: [VarBind] = []
    ) async throws(SNMPError) {
        let pdu = PDU.notification(.inform, requestID: 0, NotificationHead(upTime: upTime, trapOID), bindings)
        _ = try await exchange(.inform(try pdu.variableBindings.encoded())).checked()
    }

    // MARK: Parts

    /// Asks in parts of what the agent takes, halves what is too big for it, and remembers how much works.
    private func inParts(
        _ names: [ObjectIdentifier], _ request: ([ObjectIdentifier]) throws(SNMPError) -> Request
    ) async throws(SNMPError) -> [VarBind] {
        var limit = max(profile.maximumBindings ?? 64, 1)
        var results: [VarBind] = []
        results.reserveCapacity(names.count)
        var rest = names[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(limit))
            let response: SNMPResponse
            do throws(SNMPError) {
                response = try await exchange(try request(part))
            } catch {
                // A message too long for the target's limit: in smaller parts it may fit.
                guard case .request(.tooLarge) = error, part.count > 1 else { throw error }
                limit = part.count / 2
                continue
            }
            if response.errorStatus == .tooBig, part.count > 1 {
                limit = part.count / 2
                updateProfile { $0.maximumBindings = limit }
                continue
            }
            if version == .v1, response.errorStatus == .noSuchName {
                results += try await withoutMissing(part, response, request)
            } else {
                results += try response.checked().variableBindings
            }
            rest = rest.dropFirst(part.count)
        }
        return results
    }

    /// In v1 one missing name fails the whole request: asks for the others again, and fills the gap with what later
    /// versions say (RFC 3584, section 4.2.2.1).
    private func withoutMissing(
        _ names: [ObjectIdentifier], _ first: SNMPResponse, _ request: ([ObjectIdentifier]) throws(SNMPError) -> Request
    ) async throws(SNMPError) -> [VarBind] {
        var missing = Set<Int>()
        var present = Array(names.indices)
        var response = first
        while response.errorStatus == .noSuchName {
            guard response.errorIndex >= 1, response.errorIndex <= present.count else {
                // Without a useful index all that can be said is that the names are not all there.
                return try response.checked().variableBindings
            }
            missing.insert(present.remove(at: response.errorIndex - 1))
            if present.isEmpty { break }
            response = try await exchange(try request(present.map { names[$0] }))
        }
        var found = present.isEmpty ? [] : try response.checked().variableBindings[...]
        return names.indices.map { index in
            if missing.contains(index) { return VarBind(names[index], .noSuchObject) }
            return found.popFirst() ?? VarBind(names[index], .noSuchObject)
        }
    }
}

/// A response, decoded.
public struct SNMPResponse: Hashable, Sendable {
    /// The error-status.
    public var errorStatus: ErrorStatus
    /// The error-index, from 1; 0 when it points at nothing.
    public var errorIndex: Int
    /// The bindings.
    public var variableBindings: [VarBind]
    /// From the last sending to the arrival.
    public var roundTrip: Interval
    /// Attempts it took, from 1.
    public var attempts: Int
    /// Where it came from.
    public var source: SocketAddress?
    /// What was tolerated.
    public var deviations: Deviations

    static func result(_ outcome: RequestOutcome, _ message: RawSpan) -> Result<SNMPResponse, SNMPError> {
        switch outcome {
        case .failure(let failure): return .failure(.request(failure))
        case .sent:
            return .success(
                SNMPResponse(
                    errorStatus: .noError, errorIndex: 0, variableBindings: [], roundTrip: .zero, attempts: 1,
                    source: nil, deviations: []))
        case .response(let response):
            var deviations = response.deviations
            do throws(BERError) {
                let bindings = try response.pdu.variableBindings(message, &deviations)
                return .success(
                    SNMPResponse(
                        errorStatus: response.pdu.errorStatus, errorIndex: Int(response.pdu.errorIndexField),
                        variableBindings: bindings, roundTrip: response.roundTrip, attempts: response.attempts,
                        source: response.source, deviations: deviations))
            } catch {
                return .failure(.malformed(error))
            }
        }
    }

    /// The response itself, if its error-status is noError; throws `agent` otherwise.
    public func checked() throws(SNMPError) -> SNMPResponse {
        guard errorStatus != .noError else { return self }
        let name =
            errorIndex >= 1 && errorIndex <= variableBindings.count ? variableBindings[errorIndex - 1].name : nil
        throw .agent(errorStatus, index: errorIndex, name: name)
    }
}

extension [ObjectIdentifier] {
    func encoded() throws(SNMPError) -> EncodedBindings {
        do throws(BERError) { return try EncodedBindings(names: self) } catch { throw .unencodable(error) }
    }
}

extension [VarBind] {
    func encoded() throws(SNMPError) -> EncodedBindings {
        do throws(BERError) { return try EncodedBindings(self) } catch { throw .unencodable(error) }
    }
}

/// Lets a task's cancellation reach a request whose token comes later.
final class Cancellation: Sendable {
    private struct State {
        var token: RequestToken?
        var isCancelled = false
    }
    private let manager: SNMPManager
    private let state = Locked(State())

    init(_ manager: SNMPManager) { self.manager = manager }

    func set(_ token: RequestToken?) {
        let isCancelled = state.withLock { state in
            state.token = token
            return state.isCancelled
        }
        if isCancelled, let token { manager.cancel(token) }
    }

    func cancel() {
        let token = state.withLock { state in
            state.isCancelled = true
            return state.token
        }
        if let token { manager.cancel(token) }
    }
}
