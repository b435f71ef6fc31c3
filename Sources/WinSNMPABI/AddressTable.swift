// Layer: WinSNMPABI. Uses: nothing. Used by: DescriptorMemory.
// Two entries are made and removed for each value that a program reads, so this is a plain table with linear probing. A
// `Dictionary` hashes for hostile keys, which costs more than all the rest; these keys come from the allocator.

/// Numbers by address. No address is 0.
struct AddressTable {
    private var addresses = [UInt](repeating: 0, count: 64)
    private var numbers = [Int](repeating: 0, count: 64)
    private(set) var count = 0

    private var mask: Int { addresses.count - 1 }

    /// Where the search for an address begins: the high bits of a product, which all bits of the address reach.
    private func home(_ address: UInt) -> Int {
        Int(truncatingIfNeeded: UInt64(address) &* 0x9E37_79B9_7F4A_7C15 >> 32) & mask
    }

    /// The place of an address, or the free one where it would be.
    private func place(_ address: UInt) -> Int {
        var place = home(address)
        while addresses[place] != 0, addresses[place] != address { place = (place + 1) & mask }
        return place
    }

    func contains(_ address: UInt) -> Bool { address != 0 && addresses[place(address)] == address }

    /// Adds an address that is not in the table.
    mutating func insert(_ address: UInt, _ number: Int) {
        precondition(address != 0, "no address")
        if count * 2 >= addresses.count { grow() }
        let place = place(address)
        addresses[place] = address
        numbers[place] = number
        count += 1
    }

    /// Removes an address; nil if it is not in the table.
    mutating func remove(_ address: UInt) -> Int? {
        guard address != 0 else { return nil }
        var hole = place(address)
        guard addresses[hole] == address else { return nil }
        let number = numbers[hole]
        // What stands behind moves up, unless it would come before its home: then no search misses it.
        var next = (hole + 1) & mask
        while addresses[next] != 0 {
            if (next - home(addresses[next])) & mask >= (next - hole) & mask {
                addresses[hole] = addresses[next]
                numbers[hole] = numbers[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        addresses[hole] = 0
        count -= 1
        return number
    }

    /// Everything, in no order.
    var all: [(UInt, Int)] { addresses.indices.filter { addresses[$0] != 0 }.map { (addresses[$0], numbers[$0]) } }

    private mutating func grow() {
        let entries = all
        addresses = [UInt](repeating: 0, count: addresses.count * 2)
        numbers = [Int](repeating: 0, count: addresses.count)
        count = 0
        for (address, number) in entries { insert(address, number) }
    }
}
