// Layer: SNMPAgent. Uses: OIDMap. Used by: StoredSubtree, SnapshotSubtree.
// A walk asks for the name after the one it was given last, in each of its columns in turn. Remembering where those
// were spares the binary search: it was half of the time of a GETBULK over 20,000 objects.

import SNMPCodec

/// Positions at which the last searches ended. Hints only: each is compared with the map before it is believed, so the
/// map may change in between.
struct WalkHints {
    /// More columns than this in one GETBULK search anew each time; a search without luck looks at all of them.
    private static let capacity = 16

    private var positions: [Int] = []
    /// The hint to try first: the one behind the last hit, as columns take turns.
    private var turn = 0

    /// The first entry after `name`; nil at the end.
    mutating func next(after name: ObjectIdentifier, in map: OIDMap<SNMPValue>) -> VarBind? {
        let index = position(after: name, in: map)
        return index < map.count ? VarBind(map.keys[index], map.values[index]) : nil
    }

    private mutating func position(after name: ObjectIdentifier, in map: OIDMap<SNMPValue>) -> Int {
        for _ in 0..<positions.count {
            let slot = turn
            turn = turn + 1 == positions.count ? 0 : turn + 1
            let position = positions[slot]
            if position < map.count, map.keys[position] == name {
                positions[slot] = position + 1
                return position + 1
            }
        }
        let index = map.upperBound(name)
        if positions.count < WalkHints.capacity {
            positions.append(index)
        } else {
            positions[turn] = index
            turn = turn + 1 == positions.count ? 0 : turn + 1
        }
        return index
    }
}
