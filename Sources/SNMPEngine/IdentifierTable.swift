// Layer: SNMPEngine. Used by: ManagerEngine.
// Open addressing over random identifiers: as they are random already, their low bits are the hash. Looked up once for
// each datagram that arrives, where a general dictionary would hash for longer than all other matching takes.

/// A table from message identifiers to slot numbers.
struct IdentifierTable {
    private var keys: [Int32]
    private var slots: [Int32]
    private var mask: Int
    private(set) var count = 0

    /// No identifier is 0.
    private static let free: Int32 = 0

    init() {
        keys = [Int32](repeating: IdentifierTable.free, count: 64)
        slots = [Int32](repeating: 0, count: 64)
        mask = 63
    }

    subscript(identifier: Int32) -> Int? {
        guard identifier != IdentifierTable.free else { return nil }
        var index = Int(identifier) & mask
        while keys[index] != IdentifierTable.free {
            if keys[index] == identifier { return Int(slots[index]) }
            index = (index + 1) & mask
        }
        return nil
    }

    /// Adds an identifier; false if it is there already, or 0.
    mutating func insert(_ identifier: Int32, slot: Int) -> Bool {
        guard identifier != IdentifierTable.free else { return false }
        if count * 2 >= keys.count { grow() }
        var index = Int(identifier) & mask
        while keys[index] != IdentifierTable.free {
            if keys[index] == identifier { return false }
            index = (index + 1) & mask
        }
        keys[index] = identifier
        slots[index] = Int32(slot)
        count += 1
        return true
    }

    mutating func remove(_ identifier: Int32) {
        guard identifier != IdentifierTable.free else { return }
        var hole = Int(identifier) & mask
        while keys[hole] != identifier {
            guard keys[hole] != IdentifierTable.free else { return }
            hole = (hole + 1) & mask
        }
        count -= 1
        // Later entries of the same run move back, so that no lookup stops short of them.
        var index = (hole + 1) & mask
        while keys[index] != IdentifierTable.free {
            let home = Int(keys[index]) & mask
            if (index - home) & mask >= (index - hole) & mask {
                keys[hole] = keys[index]
                slots[hole] = slots[index]
                hole = index
            }
            index = (index + 1) & mask
        }
        keys[hole] = IdentifierTable.free
    }

    private mutating func grow() {
        let oldKeys = keys
        let oldSlots = slots
        keys = [Int32](repeating: IdentifierTable.free, count: oldKeys.count * 2)
        slots = [Int32](repeating: 0, count: oldKeys.count * 2)
        mask = keys.count - 1
        count = 0
        for index in oldKeys.indices where oldKeys[index] != IdentifierTable.free {
            _ = insert(oldKeys[index], slot: Int(oldSlots[index]))
        }
    }
}
