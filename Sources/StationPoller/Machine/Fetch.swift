// Layer: StationPoller/Machine. Uses: SNMP. Used by: DeviceMachine.
// Many names by GET, as many in one request as the device takes, and around whatever it refuses. Each answer settles a
// name or counts against a limit, so that no device can keep a fetch going.

import SNMP
import SNMPCodec
import SNMPEngine

/// A number of names that are asked for.
struct Fetch: Sendable {
    /// What is known of a name.
    enum Status: UInt8, Sendable {
        /// Not asked for, or not answered yet.
        case open
        /// There is a value.
        case value
        /// The device doesn't have it.
        case missing
        /// The device has an error for it, or the answer was lost.
        case failed
    }

    /// Error-statuses that are worked around.
    static let maximumTroubles = 64
    /// Requests without an answer, while others were answered, after which the rest is not asked for.
    static let maximumSilences = 3
    /// Octets of a string that are kept.
    static let maximumOctets = 1_024

    /// The names, without repetition.
    let names: [ObjectIdentifier]
    /// Names in one request, at most; falls with what the device refuses.
    private(set) var limit: Int
    /// Whether only numbers are kept.
    private let wantsSamples: Bool
    private let window: Int

    private(set) var status: [Status]
    private(set) var values: [SNMPValue?]
    /// Whether there was an answer to anything.
    private(set) var hasAnswer = false
    /// Whether the first request had no answer, so that nothing else is asked for: see `resume`.
    private(set) var isSilent = false
    /// The last failure that was more than an error-status.
    private(set) var failure: SNMPError?
    /// The last error-status.
    private(set) var refusal: ErrorStatus?
    /// Requests sent.
    private(set) var requests = 0

    private var cursor = 0
    private var again: [[Int]] = []
    private var underWay: [Int: [Int]] = [:]
    private var troubles = 0
    private var silences = 0
    private var hasGivenUp = false

    /// - Parameters:
    ///   - limit: names in one request to begin with.
    ///   - window: requests at once, after the first was answered.
    init(_ names: [ObjectIdentifier], limit: Int, window: Int, wantsSamples: Bool) {
        precondition(limit > 0 && window > 0, "a fetch asks for something")
        self.names = names
        self.limit = limit
        self.window = window
        self.wantsSamples = wantsSamples
        status = Array(repeating: .open, count: names.count)
        values = Array(repeating: nil, count: names.count)
    }

    /// Whether nothing is under way and nothing will be asked for.
    var isDone: Bool {
        underWay.isEmpty && (hasGivenUp || isSilent || (again.isEmpty && cursor == names.count))
    }

    /// Whether no request is under way.
    var isQuiet: Bool { underWay.isEmpty }

    /// Names that the silent request asked for.
    private(set) var silentCount = 0

    /// The names of the next request, which is under way from here on as `number`; nil if none may be sent now.
    mutating func next(_ number: Int) -> [ObjectIdentifier]? {
        guard !hasGivenUp, !isSilent, underWay.count < (hasAnswer ? window : 1) else { return nil }
        var group: [Int]
        if let last = again.popLast() {
            group = last
        } else if cursor < names.count {
            let end = min(cursor + limit, names.count)
            group = Array(cursor..<end)
            cursor = end
        } else {
            return nil
        }
        if group.count > limit {
            again.append(Array(group.dropFirst(limit)))
            group = Array(group.prefix(limit))
        }
        underWay[number] = group
        requests += 1
        return group.map { names[$0] }
    }

    /// Asks for nothing more; what is under way is waited for.
    mutating func giveUp() { hasGivenUp = true }

    /// Goes on after silence, with fewer names in a request.
    mutating func resume(limit: Int) {
        isSilent = false
        self.limit = max(1, limit)
    }

    // MARK: Answers

    /// Takes a response. False when `number` is none of this fetch's.
    mutating func receive(_ number: Int, _ error: ErrorStatus, index: Int, _ bindings: [VarBind]) -> Bool {
        guard let group = underWay.removeValue(forKey: number) else { return false }
        hasAnswer = true
        switch error {
        case .noError: take(group, bindings)
        case .tooBig:
            refusal = error
            limit = max(1, min(limit, group.count / 2))
            split(group, .failed)
        default:
            refusal = error
            let outcome: Status = error == .noSuchName ? .missing : .failed
            guard index >= 1, index <= group.count else {
                split(group, outcome)
                break
            }
            status[group[index - 1]] = outcome
            var rest = group
            rest.remove(at: index - 1)
            retry([rest])
        }
        return true
    }

    /// Takes note of a request without a usable answer. False when `number` is none of this fetch's.
    mutating func receive(_ number: Int, _ error: SNMPError) -> Bool {
        guard let group = underWay.removeValue(forKey: number) else { return false }
        failure = error
        switch error {
        case .request(.tooLarge), .unencodable:
            limit = max(1, min(limit, group.count / 2))
            split(group, .failed)
        case .request(.timeout), .request(.transport), .request(.refused), .malformed:
            guard hasAnswer else {
                isSilent = true
                silentCount = group.count
                again.append(group)
                break
            }
            silences += 1
            if silences >= Self.maximumSilences { hasGivenUp = true }
            // Some devices are silent where others say tooBig.
            limit = max(1, min(limit, group.count / 2))
            split(group, .failed)
        case .request, .agent, .closed:
            // Something on our side: it would be the same for the rest.
            mark(group, .failed)
            hasGivenUp = true
        }
        return true
    }

    private mutating func take(_ group: [Int], _ bindings: [VarBind]) {
        var places: [ObjectIdentifier: Int] = [:]
        for (number, binding) in bindings.enumerated() {
            var place: Int?
            if number < group.count, binding.name == names[group[number]] {
                place = group[number]
            } else if number < 4 * group.count {
                // Out of order, or names that nobody asked for.
                if places.isEmpty { for position in group { places[names[position]] = position } }
                place = places[binding.name]
            }
            if let place, status[place] == .open { settle(place, binding.value) }
        }
        for position in group where status[position] == .open { status[position] = .failed }
    }

    private mutating func settle(_ position: Int, _ value: SNMPValue) {
        switch value {
        case .noSuchObject, .noSuchInstance, .endOfMibView: status[position] = .missing
        case .octetString, .opaque, .other, .objectIdentifier, .null, .ipAddress:
            status[position] = .value
            guard !wantsSamples else { break }
            if case .octetString(let octets) = value, octets.count > Self.maximumOctets {
                values[position] = .octetString(Array(octets.prefix(Self.maximumOctets)))
            } else if case .octetString = value {
                values[position] = value
            } else if case .objectIdentifier = value {
                values[position] = value
            }
        default:
            status[position] = .value
            values[position] = value
        }
    }

    /// Asks for the halves of a group; `outcome` is what becomes of a single name.
    private mutating func split(_ group: [Int], _ outcome: Status) {
        guard group.count > 1 else { return mark(group, outcome) }
        let half = group.count / 2
        retry([Array(group.suffix(from: half)), Array(group.prefix(half))])
    }

    private mutating func retry(_ groups: [[Int]]) {
        troubles += 1
        if troubles > Self.maximumTroubles { hasGivenUp = true }
        guard !hasGivenUp else { return }
        for group in groups where !group.isEmpty { again.append(group) }
    }

    private mutating func mark(_ group: [Int], _ outcome: Status) {
        for position in group { status[position] = outcome }
    }
}
