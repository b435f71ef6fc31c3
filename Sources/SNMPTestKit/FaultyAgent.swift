// Layer: SNMPTestKit. Uses: SimulatedTable, SNMPCodec. Used by: simulations, live tests.
// An agent with the faults that devices in the field have. Free of sockets: bytes in, bytes with delays out.

public import Primitives
public import SNMPCodec

/// A datagram of a simulated agent on its way back.
public struct Reply: Sendable {
    /// The message.
    public var octets: [UInt8]
    /// From the arrival of the request to the sending of this.
    public var delay: Interval
    /// The host it comes from, when other than the one the request went to. The port stays the same.
    public var otherSource: SocketAddress?

    /// Makes a reply.
    public init(_ octets: [UInt8], delay: Interval = .zero, otherSource: SocketAddress? = nil) {
        self.octets = octets
        self.delay = delay
        self.otherSource = otherSource
    }
}

/// Something that answers datagrams.
public protocol DatagramAgent {
    /// The datagrams that answer `request`, which arrives at `now`.
    mutating func reply(to request: [UInt8], at now: Instant) -> [Reply]
}

/// A way in which an agent misbehaves.
public enum AgentFault: Hashable, Sendable {
    // The fault table.
    /// tooBig to a GETBULK with a greater max-repetitions.
    case tooBigAbove(repetitions: Int)
    /// genErr to all that would touch a later row.
    case errorAfter(row: Int)
    /// No answer to a GETBULK with a greater max-repetitions.
    case silentAbove(repetitions: Int)
    /// At most so many repetitions, whatever was asked for.
    case shortReplies(repetitions: Int)
    /// What follows this row and any later one is a row `back` places earlier.
    case jumpsBack(afterRow: Int, back: Int)
    /// The first two names of each response are exchanged.
    case swappedNames
    /// A Counter32 of six octets in this row.
    case longCounter(row: Int)
    /// The reply number `number`, from 1, is cut in half.
    case truncatesReply(number: Int)
    /// The reply number `number`, from 1, has a length field of nearly 2^32.
    case absurdLength(number: Int)
    /// So many of a hundred replies are lost.
    case losesReplies(percent: Int)
    /// Each reply comes twice.
    case duplicatesReplies
    /// The request-id is off by one.
    case wrongRequestID
    /// Replies come from 127.0.0.2.
    case otherSource

    // Others from the field.
    /// genErr to all that would touch this row.
    case errorAt(row: Int)
    /// What follows this row, and only this one, is a row `back` places earlier.
    case jumpsBackOnce(atRow: Int, back: Int)
    /// GETNEXT and GETBULK leave out each row whose number divides by this.
    case skipsRows(every: Int)
    /// After the table's last row more and more rows, for ever.
    case endless
    /// The last object follows itself.
    case neverEnds
    /// Responses without bindings.
    case emptyResponses
    /// Responses carry another community.
    case otherCommunity
    /// Responses carry another version.
    case wrongVersion
    /// A Counter64 in this row, in SNMPv1 too.
    case counter64(row: Int)
    /// Errors come with an error-index of 0.
    case noErrorIndex
    /// GET is answered with the names that follow.
    case otherNames
    /// No answer to anything that would touch a later row.
    case silentAfter(row: Int)
    /// Each repetition takes so long.
    case slow(milliseconds: Int)
    /// Requests are served one after the other, each for so long, and dropped when more than `queue` wait.
    case overloaded(milliseconds: Int, queue: Int)

    /// The rows of the fault table in their order; nil is the healthy agent.
    public static let table: [(name: String, fault: AgentFault?)] = [
        ("healthy", nil), ("tooBig when max-rep > 8", .tooBigAbove(repetitions: 8)),
        ("genErr after row 150", .errorAfter(row: 150)),
        ("drops GETBULK with max-rep > 8", .silentAbove(repetitions: 8)),
        ("returns only 4 of 25", .shortReplies(repetitions: 4)),
        ("OIDs jump back and repeat", .jumpsBack(afterRow: 175, back: 75)),
        ("two OIDs swapped inside one PDU", .swappedNames),
        ("value 6 bytes long with a 4-byte type", .longCounter(row: 250)),
        ("one truncated datagram, then good", .truncatesReply(number: 3)),
        ("one absurd BER length, then good", .absurdLength(number: 3)),
        ("25 % of replies lost", .losesReplies(percent: 25)), ("every reply duplicated", .duplicatesReplies),
        ("wrong request-id", .wrongRequestID), ("reply from 127.0.0.2", .otherSource),
    ]
}

/// An agent of SNMPv1 and v2c over a simulated table, with any mixture of faults.
public struct FaultyAgent: DatagramAgent, Sendable {
    /// What it has.
    public var table: SimulatedTable
    /// How it misbehaves.
    public var faults: [AgentFault]
    /// The community it answers to.
    public var community: [UInt8]
    /// From a request to its reply when no fault makes it longer.
    public var delay: Interval
    /// The greatest response that it makes, in octets.
    public var maximumReplyByteCount = 1_472
    /// Requests that arrived.
    public private(set) var requestCount = 0
    /// Replies made, lost ones included.
    public private(set) var replyCount = 0
    private var random: SeededRandom
    private var busyUntil = Instant(nanoseconds: .min)
    private var endlessCount: UInt32 = 0

    /// Makes an agent.
    public init(
        _ faults: [AgentFault] = [], table: SimulatedTable = SimulatedTable(), community: String = "public",
        delay: Interval = .milliseconds(1), seed: UInt64 = 1
    ) {
        self.table = table
        self.faults = faults
        self.community = Array(community.utf8)
        self.delay = delay
        random = SeededRandom(seed: seed)
        for fault in faults {
            if case .longCounter(let row) = fault {
                self.table.setRow(row, .other(tag: BERTag.counter32, content: [1, 2, 3, 4, 5, 6]))
            }
            if case .counter64(let row) = fault { self.table.setRow(row, .counter64(1 << 40)) }
        }
    }

    /// Answers a v1 or v2c message; nothing to anything else, or to another community.
    public mutating func reply(to request: [UInt8], at now: Instant) -> [Reply] {
        requestCount += 1
        var deviations = Deviations()
        guard let message = try? CommunityMessage(decoding: request.span.bytes, &deviations),
            message.community == community, case .pdu(let pdu) = message.pdu,
            var answer = respond(to: pdu, message.version)
        else { return [] }
        if faults.contains(.wrongRequestID) { answer.requestID = answer.requestID &+ 1 }
        if faults.contains(.emptyResponses) { answer.variableBindings = [] }
        var response = CommunityMessage(version: message.version, community: community, pdu: .pdu(answer))
        if faults.contains(.otherCommunity) { response.community = Array("private".utf8) }
        if faults.contains(.wrongVersion) { response.version = message.version == .v1 ? .v2c : .v1 }
        guard let octets = encoded(&response, pdu), let delay = serviceTime(of: pdu, at: now) else { return [] }
        return damaged(octets, delay)
    }

    /// Shortens a response to GETBULK until it fits, or says that it is too big (RFC 3416, section 4.2.3).
    private func encoded(_ response: inout CommunityMessage, _ request: PDU) -> [UInt8]? {
        guard case .pdu(var answer) = response.pdu else { return nil }
        while true {
            response.pdu = .pdu(answer)
            if let octets = try? response.encoded(limit: maximumReplyByteCount) { return octets }
            guard !answer.variableBindings.isEmpty, answer.errorStatus == .noError else { return nil }
            if request.type == .getBulk, answer.variableBindings.count > 1 {
                answer.variableBindings.removeLast(max(1, answer.variableBindings.count / 8))
            } else {
                answer = PDU(
                    .response, requestID: answer.requestID, errorStatus: .tooBig,
                    response.version == .v1 ? request.variableBindings : [])
            }
        }
    }

    /// How long a request takes; nil if it is dropped.
    private mutating func serviceTime(of pdu: PDU, at now: Instant) -> Interval? {
        var total = delay
        for fault in faults {
            switch fault {
            case .slow(let milliseconds):
                let repetitions = pdu.type == .getBulk ? Int64(max(1, pdu.maxRepetitions)) : 1
                total = total + .milliseconds(Int64(milliseconds)) * repetitions
            case .overloaded(let milliseconds, let queue):
                let service = Interval.milliseconds(Int64(milliseconds))
                let start = max(busyUntil, now)
                guard start - now <= service * Int64(queue) else { return nil }
                busyUntil = start + service
                total = total + (busyUntil - now)
            default: break
            }
        }
        return total
    }

    /// The datagrams that carry a response, after what happens to it on its way out.
    private mutating func damaged(_ octets: [UInt8], _ delay: Interval) -> [Reply] {
        replyCount += 1
        var replies = [Reply(octets, delay: delay)]
        for fault in faults {
            switch fault {
            case .truncatesReply(let number) where number == replyCount:
                replies[0].octets.removeLast(octets.count / 2)
            case .absurdLength(let number) where number == replyCount:
                replies[0].octets.replaceSubrange(1..<2, with: [0x84, 0xFF, 0xFF, 0xFF, 0xF0])
            case .losesReplies(let percent) where random.next() % 100 < UInt64(percent): return []
            case .duplicatesReplies:
                var second = replies[0]
                second.delay = second.delay + .milliseconds(1)
                replies.append(second)
            case .otherSource: replies[0].otherSource = SocketAddress(ipv4: 127, 0, 0, 2, port: 0)
            default: break
            }
        }
        return replies
    }
}

extension FaultyAgent {
    /// The response to a PDU, before anything happens to its message; nil if there is none.
    public mutating func respond(to request: PDU, _ version: SNMPVersion) -> PDU? {
        let isBulk = request.type == .getBulk
        let repetitions = isBulk ? Int(max(0, request.maxRepetitions)) : 1
        var limit = repetitions
        for fault in faults {
            switch fault {
            case .tooBigAbove(let most) where isBulk && repetitions > most:
                return PDU(.response, requestID: request.requestID, errorStatus: .tooBig, [])
            case .silentAbove(let most) where isBulk && repetitions > most: return nil
            case .shortReplies(let most) where isBulk: limit = min(limit, most)
            default: break
            }
        }
        var answer = PDU(.response, requestID: request.requestID, [])
        switch request.type {
        case .get where faults.contains(.otherNames), .getNext:
            for (index, binding) in request.variableBindings.enumerated() {
                guard let next = step(from: binding.name, version, column: index, &answer) else { return nil }
                answer.variableBindings.append(next)
            }
        case .get:
            for (index, binding) in request.variableBindings.enumerated() {
                guard let found = exact(binding.name, version, column: index, &answer) else { return nil }
                answer.variableBindings.append(found)
            }
        case .getBulk:
            guard version != .v1, appendBulk(request, limit, version, &answer) else { return nil }
        case .set: answer.variableBindings = request.variableBindings
        default: return nil
        }
        if answer.errorStatus != .noError { answer.variableBindings = request.variableBindings }
        if faults.contains(.swappedNames), answer.variableBindings.count > 1, request.type != .get {
            answer.variableBindings.swapAt(0, 1)
        }
        return answer
    }

    private mutating func appendBulk(
        _ request: PDU, _ limit: Int, _ version: SNMPVersion, _ answer: inout PDU
    ) -> Bool {
        var names = request.variableBindings.map(\.name)
        let single = min(max(0, Int(request.nonRepeaters)), names.count)
        for column in 0..<single {
            guard let next = step(from: names[column], version, column: column, &answer) else { return false }
            answer.variableBindings.append(next)
        }
        // More than this never fits into a response.
        let rounds = min(limit, 1 + maximumReplyByteCount / (8 * max(1, names.count - single)))
        for _ in 0..<rounds where answer.errorStatus == .noError {
            for column in single..<names.count {
                guard let next = step(from: names[column], version, column: column, &answer) else { return false }
                answer.variableBindings.append(next)
                names[column] = next.name
            }
        }
        return true
    }

    /// What follows a name. Errors go into `answer`; nil means that the agent does not answer at all.
    private mutating func step(
        from name: ObjectIdentifier, _ version: SNMPVersion, column: Int, _ answer: inout PDU
    ) -> VarBind? {
        var place = table.place(after: name)
        for fault in faults {
            switch fault {
            case .jumpsBack(let row, let back):
                if let next = table.rowNumber(place), next > row { place -= back }
            case .jumpsBackOnce(let row, let back):
                if let next = table.rowNumber(place), next == row + 1 { place -= back }
            case .skipsRows(let every):
                if let next = table.rowNumber(place), next % every == 0 { place += 1 }
            case .endless:
                let tail = SimulatedTable.root.appending(9)
                if name.starts(with: tail) || place == table.rowRange.upperBound {
                    endlessCount += 1
                    return VarBind(tail.appending(endlessCount), .integer(1))
                }
            case .neverEnds where place == table.objects.count: place -= 1
            default: break
            }
        }
        while version == .v1, place < table.objects.count, isHiddenFromV1(place) { place += 1 }
        guard place < table.objects.count else {
            if version == .v1 { refuse(.noSuchName, column, &answer) }
            return VarBind(name, .endOfMibView)
        }
        return touch(place, column, &answer)
    }

    private mutating func exact(
        _ name: ObjectIdentifier, _ version: SNMPVersion, column: Int, _ answer: inout PDU
    ) -> VarBind? {
        guard let place = table.place(of: name), version != .v1 || !isHiddenFromV1(place) else {
            if version == .v1 { refuse(.noSuchName, column, &answer) }
            return VarBind(name, .noSuchInstance)
        }
        return touch(place, column, &answer)
    }

    /// Counter64 does not exist in v1 (RFC 3584, section 4.2.2.1).
    private func isHiddenFromV1(_ place: Int) -> Bool {
        guard case .counter64 = table.objects[place].value else { return false }
        return !faults.contains { if case .counter64 = $0 { true } else { false } }
    }

    private mutating func touch(_ place: Int, _ column: Int, _ answer: inout PDU) -> VarBind? {
        // What lies behind the table counts as later than its last row.
        let row = place < table.rowRange.lowerBound ? 0 : place - table.rowRange.lowerBound + 1
        for fault in faults {
            switch fault {
            case .errorAfter(let last) where row > last: refuse(.genErr, column, &answer)
            case .errorAt(let bad) where row == bad: refuse(.genErr, column, &answer)
            case .silentAfter(let last) where row > last: return nil
            default: break
            }
        }
        return table.objects[place]
    }

    private func refuse(_ status: ErrorStatus, _ column: Int, _ answer: inout PDU) {
        guard answer.errorStatus == .noError else { return }
        answer.errorStatusField = status.rawValue
        answer.errorIndexField = faults.contains(.noErrorIndex) ? 0 : Int32(column + 1)
    }
}
