// Layer: StationPoller/Plan. Uses: DevicePlan. Used by: PlanBuilder.
// Which of the objects that were known is which of those that were found. Indexes may change when a device restarts;
// history is to follow the port, so names come first.

/// A row that was found, as far as it tells who it is.
struct ObjectClue {
    var index: UInt32
    /// ifName, hrStorageDescr.
    var name: String
    /// ifDescr.
    var secondName: String
    /// ifPhysAddress; may be shared by many.
    var address: String
}

/// Finds the known object of each row.
struct ObjectMatch {
    private let known: [ObjectClue]
    private let found: [ObjectClue]
    /// For each row the place of its known object.
    private(set) var result: [Int?]
    private var taken: [Bool]

    /// Matches by name, then by second name, `known` in the order of preference; a name that appears twice counts only
    /// together with its index.
    init(found: [ObjectClue], known: [ObjectClue]) {
        self.found = found
        self.known = known
        result = Array(repeating: nil, count: found.count)
        taken = Array(repeating: false, count: known.count)
        match { $0.name.isEmpty ? nil : $0.name }
        match { $0.secondName.isEmpty ? nil : $0.secondName }
    }

    /// What is left and has the same index is the same object under another name, if `isLike` finds nothing against it.
    mutating func matchRenamed(isLike: (_ found: ObjectClue, _ known: ObjectClue) -> Bool) {
        var places: [UInt32: Int] = [:]
        // What is there comes before what is gone: the caller has put it first.
        for place in known.indices.reversed() where !taken[place] { places[known[place].index] = place }
        for row in found.indices where result[row] == nil {
            guard let place = places[found[row].index], isLike(found[row], known[place]) else { continue }
            take(row, place)
        }
    }

    private mutating func match(by name: (ObjectClue) -> String?) {
        var rows: [String: [Int]] = [:]
        for row in found.indices where result[row] == nil {
            if let name = name(found[row]) { rows[name, default: []].append(row) }
        }
        var places: [String: [Int]] = [:]
        for place in known.indices where !taken[place] {
            if let name = name(known[place]), rows[name] != nil { places[name, default: []].append(place) }
        }
        for (name, places) in places {
            guard let rows = rows[name] else { continue }
            if rows.count == 1, places.count == 1 {
                take(rows[0], places[0])
                continue
            }
            var byIndex: [UInt32: Int] = [:]
            for place in places { byIndex[known[place].index] = place }
            for row in rows {
                if let place = byIndex[found[row].index], !taken[place] { take(row, place) }
            }
        }
    }

    private mutating func take(_ row: Int, _ place: Int) {
        result[row] = place
        taken[place] = true
    }
}
