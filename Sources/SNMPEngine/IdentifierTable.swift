// Layer: SNMPEngine. Used by: ManagerEngine, RequestIDTable.
// Open addressing over identifiers: as most are random already, their low bits are the hash. Looked up once for each
// datagram that arrives, where a general dictionary would hash for longer than all other matching takes.

/// A table from message identifiers to slot numbers. Any identifier may be in it, 0 and negative ones included.
struct IdentifierTable {
    private struct Entry {
        var identifier: Int32
        /// Negative where the entry is free.
        var slot: Int32

        static let free = Entry(identifier: 0, slot: -1)
    }

    private var entries: [Entry]
    private var mask: Int
    private(set) var count = 0

    init() {
        entries = [Entry](repeating: .free, count: 64)
        mask = 63
    }

    subscript(identifier: Int32) -> Int? {
        var index = Int(identifier) & mask
        while true {
            let entry = entries[index]
            if entry.slot < 0 { return nil }
            if entry.identifier == identifier { return Int(entry.slot) }
            index = (index + 1) & mask
        }
    }

    /// Adds an identifier for a slot, which is 0 or more; false if the identifier is there already.
    mutating func insert(_ identifier: Int32, slot: Int) -> Bool {
        if count * 2 >= entries.count { grow() }
        var index = Int(identifier) & mask
        while entries[index].slot >= 0 {
            if entries[index].identifier == identifier { return false }
            index = (index + 1) & mask
        }
        entries[index] = Entry(identifier: identifier, slot: Int32(slot))
        count += 1
        return true
    }

    /// Gives an identifier to another slot; nothing happens if it is not there.
    mutating func reassign(_ identifier: Int32, to slot: Int) {
        if let index = index(of: identifier) { entries[index].slot = Int32(slot) }
    }

    mutating func remove(_ identifier: Int32) {
        guard var hole = index(of: identifier) else { return }
        count -= 1
        // Later entries of the same run move back, so that no lookup stops short of them.
        var index = (hole + 1) & mask
        while entries[index].slot >= 0 {
            let home = Int(entries[index].identifier) & mask
            if (index - home) & mask >= (index - hole) & mask {
                entries[hole] = entries[index]
                hole = index
            }
            index = (index + 1) & mask
        }
        entries[hole] = .free
    }

    private func index(of identifier: Int32) -> Int? {
        var index = Int(identifier) & mask
        while entries[index].slot >= 0 {
            if entries[index].identifier == identifier { return index }
            index = (index + 1) & mask
        }
        return nil
    }

    private mutating func grow() {
        let old = entries
        entries = [Entry](repeating: .free, count: old.count * 2)
        mask = entries.count - 1
        count = 0
        for entry in old where entry.slot >= 0 { _ = insert(entry.identifier, slot: Int(entry.slot)) }
    }
}
