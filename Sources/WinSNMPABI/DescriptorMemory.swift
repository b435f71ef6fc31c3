// Layer: WinSNMPABI. Uses: PlatformIO. Used by: what hands out octets and identifiers, SnmpFreeDescriptor.
// Programs free descriptors with the wrong syntax, twice, or memory of their own, and expect an error for it. So what
// was handed out is kept in a table, and only an address that is found there is freed. Descriptors belong to no
// session: they live until they are freed, or until SnmpCleanup.

import CWinSNMP
import PlatformIO

/// The memory behind the descriptors that callers hold. Any thread may use it.
final class DescriptorMemory: Sendable {
    static let shared = DescriptorMemory()

    /// Addresses are spread over several tables, each with its lock: threads that unpack values don't meet.
    private let shards = (0..<16).map { _ in Shard() }

    private func shard(_ address: UInt) -> Shard { shards[Int((address >> 4 ^ address >> 10) & 15)] }

    /// Memory of at least one octet, to be filled by the caller at once.
    private func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 8)
        let address = UInt(bitPattern: memory)
        shard(address).insert(address, byteCount)
        return memory
    }

    /// Memory for octets.
    func allocateOctets(_ count: Int) -> UnsafeMutablePointer<UInt8> {
        allocate(byteCount: count).bindMemory(to: UInt8.self, capacity: count)
    }

    /// Memory for arcs.
    func allocateArcs(_ count: Int) -> UnsafeMutablePointer<UInt32> {
        allocate(byteCount: count * MemoryLayout<UInt32>.stride).bindMemory(to: UInt32.self, capacity: count)
    }

    /// Frees memory that was handed out; false, and nothing done, for any other address. Of several threads that free
    /// the same memory one succeeds.
    func free(_ address: UInt) -> Bool {
        guard let byteCount = shard(address).remove(address) else { return false }
        DescriptorMemory.release(address, byteCount)
        return true
    }

    /// Whether the address was handed out and not freed.
    func isLive(_ address: UInt) -> Bool { shard(address).contains(address) }

    /// Frees everything.
    func freeAll() {
        for shard in shards {
            for (address, byteCount) in shard.removeAll() { DescriptorMemory.release(address, byteCount) }
        }
    }

    /// Wipes and frees: communities and keys are among what is handed out.
    @inline(never)
    private static func release(_ address: UInt, _ byteCount: Int) {
        // An address of the table is never 0.
        guard let memory = UnsafeMutableRawPointer(bitPattern: address) else { return }
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        memory.deallocate()
    }

    /// Addresses and sizes under a lock.
    private final class Shard: @unchecked Sendable {
        private let lock = Lock()
        @exclusivity(unchecked) private var live = AddressTable()

        func insert(_ address: UInt, _ byteCount: Int) { lock.withLock { live.insert(address, byteCount) } }
        func remove(_ address: UInt) -> Int? { lock.withLock { live.remove(address) } }
        func contains(_ address: UInt) -> Bool { lock.withLock { live.contains(address) } }

        func removeAll() -> [(UInt, Int)] {
            lock.withLock {
                defer { live = AddressTable() }
                return live.all
            }
        }
    }
}

/// The syntaxes that SnmpFreeDescriptor takes. Which of them comes with which memory doesn't matter: programs mix them
/// up.
func isDescriptor(_ syntax: smiUINT32) -> Bool {
    switch Int32(truncatingIfNeeded: syntax) {
    case SNMP_SYNTAX_OCTETS, SNMP_SYNTAX_BITS, SNMP_SYNTAX_OID, SNMP_SYNTAX_OPAQUE, SNMP_SYNTAX_IPADDR,
        SNMP_SYNTAX_NSAPADDR:
        true
    default: false
    }
}
