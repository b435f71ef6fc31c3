// Layer: SNMPAgent. Uses: ObjectRegistry, View, ResponseScratch. Used by: Agent.
// GET, GETNEXT and GETBULK (RFC 3416, sections 4.2.1 to 4.2.3; RFC 1157, section 4.1, for v1). The work for one request
// is bounded by the room in its response and by a number of steps, whatever the request asks for.

import Primitives
import SNMPCodec

/// What a request comes to. Encoding is up to the caller.
enum Answer: Equatable {
    /// The bindings in the scratch, without an error.
    case bindings
    /// The request's own bindings, with this status and index.
    case error(ErrorStatus, index: Int)
    /// The response has no room for its bindings.
    case tooBig
}

/// Bounds on the work for one request.
public struct AgentLimits: Hashable, Sendable {
    /// The greatest message that is sent, in octets.
    public var maximumMessageByteCount = SNMPLimits.maximumMessageByteCount
    /// Repetitions of a GETBULK at most, whatever it asks for; it may come to fewer.
    public var maximumRepetitions = 2_048
    /// Steps from instance to instance for one request: hidden instances take steps and no room in the response.
    /// After so many, a GETBULK ends early, and a GETNEXT is answered with genErr.
    public var maximumSteps = 100_000

    /// Makes the default limits.
    public init() {}
}

/// One request while it is processed.
struct RequestProcessor {
    let registry: ObjectRegistry
    let view: View
    let isV1: Bool
    let limits: AgentLimits
    let scratch: ResponseScratch
    let now: Instant
    private var steps = 0

    init(
        registry: ObjectRegistry, view: View, isV1: Bool, limits: AgentLimits, scratch: ResponseScratch, now: Instant
    ) {
        self.registry = registry
        self.view = view
        self.isV1 = isV1
        self.limits = limits
        self.scratch = scratch
        self.now = now
    }

    /// Processes the bindings of a GET. Throws when the request is malformed.
    func get(_ bytes: RawSpan, _ bindings: Range<Int>) throws(BERError) -> Answer {
        var reader = NameReader(bindings)
        while let name = try reader.next(bytes) {
            let value: SNMPValue
            do throws(ObjectError) {
                value = view.contains(name) ? try registry.value(of: name, at: now) : .noSuchObject
            } catch {
                return .error(.genErr, index: reader.index)
            }
            // RFC 1157, 4.1.2; Counter64 is not in view of v1 (RFC 3584, 4.2.2.1).
            if isV1, value.isNewerThanV1 { return .error(.noSuchName, index: reader.index) }
            guard scratch.append(name, value) else { return .tooBig }
        }
        return .bindings
    }

    /// Processes the bindings of a GETNEXT. Throws when the request is malformed.
    mutating func getNext(_ bytes: RawSpan, _ bindings: Range<Int>) throws(BERError) -> Answer {
        var reader = NameReader(bindings)
        while let name = try reader.next(bytes) {
            let found: VarBind?
            do throws(ObjectError) {
                found = try next(after: name)
            } catch {
                return .error(.genErr, index: reader.index)
            }
            if isV1, found == nil { return .error(.noSuchName, index: reader.index) }
            guard scratch.append(found?.name ?? name, found?.value ?? .endOfMibView) else { return .tooBig }
        }
        return .bindings
    }

    /// Processes the bindings of a GETBULK: as many as there is room for. Throws when the request is malformed.
    mutating func getBulk(_ bytes: RawSpan, _ pdu: PDULayout) throws(BERError) -> Answer {
        let nonRepeaters = max(Int(pdu.errorStatusField), 0)
        let repetitions = min(max(Int(pdu.errorIndexField), 0), limits.maximumRepetitions)
        var reader = NameReader(pdu.bindings)
        var columns: [Column] = []
        while let name = try reader.next(bytes) {
            if reader.index > nonRepeaters {
                // Without repetitions the rest is only read to see that it is well-formed.
                if repetitions > 0 { columns.append(Column(name: name, index: reader.index)) }
                continue
            }
            let found: VarBind?
            do throws(ObjectError) {
                found = try next(after: name)
            } catch {
                return .error(.genErr, index: reader.index)
            }
            guard scratch.append(found?.name ?? name, found?.value ?? .endOfMibView) else { return cut }
        }
        var repetition = 0
        while repetition < repetitions, !columns.isEmpty {
            var isLast = true
            for position in columns.indices {
                do throws(ObjectError) {
                    if !columns[position].isAtEnd, let found = try next(after: columns[position].name) {
                        columns[position].name = found.name
                        guard scratch.append(found.name, found.value) else { return cut }
                        isLast = false
                        continue
                    }
                } catch {
                    // Out of steps, and something to show: the rest is for the next request.
                    if steps > limits.maximumSteps, scratch.count > 0 { return .bindings }
                    return .error(.genErr, index: columns[position].index)
                }
                columns[position].isAtEnd = true
                guard scratch.append(columns[position].name, .endOfMibView) else { return cut }
            }
            // A row of nothing but endOfMibView ends the response (RFC 3416, 4.2.3).
            if isLast { break }
            repetition += 1
        }
        return .bindings
    }

    /// The answer when there is no room for more.
    private var cut: Answer { scratch.count == 0 ? .tooBig : .bindings }

    private struct Column {
        var name: ObjectIdentifier
        let index: Int
        var isAtEnd = false
    }

    /// The first instance after `name` that is in view.
    mutating func next(after name: ObjectIdentifier) throws(ObjectError) -> VarBind? {
        var position = name
        while true {
            steps += 1
            guard steps <= limits.maximumSteps else { throw ObjectError(.genErr) }
            guard let found = try registry.next(after: position, at: now) else { return nil }
            if view.contains(found.name) {
                if isV1, found.value.isNewerThanV1 {
                    position = found.name
                    continue
                }
                return found
            }
            switch view.skip(from: found.name) {
            case .onward: position = found.name
            case .to(let start): position = max(found.name, start.lastNameBefore)
            case .end: return nil
            }
        }
    }
}

extension ObjectIdentifier {
    /// The greatest name before this one, so that a search after it finds this name too.
    var lastNameBefore: ObjectIdentifier {
        guard let last else { return self }
        var name = prefix(count - 1)
        if last > 0 {
            name.append(last - 1)
            while name.append(.max) {}
        }
        return name
    }
}

/// Reads the names of a list of bindings.
struct NameReader {
    private var reader: BERReader
    private var deviations = Deviations()
    /// The position of the binding read last, counted from 1.
    private(set) var index = 0

    init(_ bindings: Range<Int>) { reader = BERReader(bindings) }

    /// The next name; nil at the end of the list.
    mutating func next(_ bytes: RawSpan) throws(BERError) -> ObjectIdentifier? {
        guard let raw = try reader.binding(bytes, &deviations) else { return nil }
        index += 1
        guard index <= SNMPLimits.maximumVariableBindings else {
            throw BERError(.tooManyVariableBindings, at: reader.offset)
        }
        var name = ObjectIdentifier()
        try BER.objectIdentifier(bytes, raw.name, into: &name, &deviations)
        return name
    }
}
