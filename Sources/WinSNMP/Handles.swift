// Layer: WinSNMP. Used by: all of the module, the C library.
// A handle is a number: kind in the low three bits, then the slot's index, then the slot's generation. The generation
// grows with each use of a slot, so a freed handle never comes to life again. As long as generations are small the
// number fits into 31 bits, which programs that keep handles in an `int` get away with.

/// The five kinds of handles. None is 0, so that no handle is.
enum HandleKind: UInt64 {
    case session = 1
    case entity = 2
    case context = 3
    case pdu = 4
    case vbl = 5
}

/// A session (HSNMP_SESSION).
public struct SessionHandle: RawRepresentable, Hashable, Sendable {
    /// The number that C programs see; 0 is no session.
    public let rawValue: UInt64
    /// Wraps any number; using one that is no live handle is an error, not a crash.
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// An entity: an SNMP agent or manager at an address (HSNMP_ENTITY).
public struct EntityHandle: RawRepresentable, Hashable, Sendable {
    /// The number that C programs see; 0 is no entity.
    public let rawValue: UInt64
    /// Wraps any number; using one that is no live handle is an error, not a crash.
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// A context: a community, or the user and context of SNMPv3 (HSNMP_CONTEXT).
public struct ContextHandle: RawRepresentable, Hashable, Sendable {
    /// The number that C programs see; 0 is no context.
    public let rawValue: UInt64
    /// Wraps any number; using one that is no live handle is an error, not a crash.
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// A protocol data unit (HSNMP_PDU).
public struct PDUHandle: RawRepresentable, Hashable, Sendable {
    /// The number that C programs see; 0 is no PDU.
    public let rawValue: UInt64
    /// Wraps any number; using one that is no live handle is an error, not a crash.
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// A variable binding list (HSNMP_VBL).
public struct VBLHandle: RawRepresentable, Hashable, Sendable {
    /// The number that C programs see; 0 is no list.
    public let rawValue: UInt64
    /// Wraps any number; using one that is no live handle is an error, not a crash.
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// The live handles of one kind: numbers to records, counted references, and the lists of what each session owns.
struct HandleTable<Record: AnyObject> {
    private struct Slot {
        var record: Record?
        var generation: UInt64 = 0
        var references: Int32 = 0
        /// Slot of the session that owns it.
        var owner: Int32 = -1
        /// Neighbours in the owner's list; `next` links the free list of unused slots.
        var next: Int32 = -1
        var previous: Int32 = -1
    }

    /// Most slots that a table can have.
    static var maximumCount: Int { 1 << 20 }
    /// Freed slots rest until so many are free, so that a stale handle meets an empty slot, not a new object.
    private static var restingCount: Int { 1_024 }

    private let kind: UInt64
    private var slots: [Slot] = []
    private var freeHead: Int32 = -1
    private var freeTail: Int32 = -1
    private var freeCount = 0
    /// First of each session's list.
    private var heads: [Int32] = []
    /// Live handles.
    private(set) var count = 0

    init(_ kind: HandleKind) { self.kind = kind.rawValue }

    /// Makes a handle with one reference; nil when `limit` are alive.
    mutating func insert(_ record: Record, owner: Int, limit: Int) -> UInt64? {
        guard count < min(limit, HandleTable.maximumCount) else { return nil }
        let index: Int
        if freeCount > HandleTable.restingCount || slots.count >= HandleTable.maximumCount {
            index = Int(freeHead)
            freeHead = slots[index].next
            if freeHead < 0 { freeTail = -1 }
            freeCount -= 1
        } else {
            index = slots.count
            slots.append(Slot())
        }
        while heads.count <= owner { heads.append(-1) }
        let head = heads[owner]
        slots[index].record = record
        slots[index].references = 1
        slots[index].owner = Int32(owner)
        slots[index].previous = -1
        slots[index].next = head
        if head >= 0 { slots[Int(head)].previous = Int32(index) }
        heads[owner] = Int32(index)
        count += 1
        return slots[index].generation << 23 | UInt64(index) << 3 | kind
    }

    /// The slot of a live handle; nil for any other number.
    func index(_ handle: UInt64) -> Int? {
        guard handle & 7 == kind else { return nil }
        let index = Int(handle >> 3 & UInt64(HandleTable.maximumCount - 1))
        guard index < slots.count, slots[index].references > 0, slots[index].generation == handle >> 23 else {
            return nil
        }
        return index
    }

    subscript(handle: UInt64) -> Record? {
        guard let index = index(handle) else { return nil }
        return slots[index].record
    }

    /// The slot of the session that owns a live handle.
    func owner(_ handle: UInt64) -> Int? { index(handle).map { Int(slots[$0].owner) } }

    /// Adds a reference to a live handle; false if it is not alive.
    mutating func retain(_ handle: UInt64) -> Bool {
        guard let index = index(handle), slots[index].references < .max else { return false }
        slots[index].references += 1
        return true
    }

    /// Takes a reference away. The record if it was the last, and the handle is dead now.
    /// `isLive` is false when the handle was dead before.
    mutating func release(_ handle: UInt64) -> (isLive: Bool, last: Record?) {
        guard let index = index(handle) else { return (false, nil) }
        slots[index].references -= 1
        guard slots[index].references == 0 else { return (true, nil) }
        return (true, remove(index))
    }

    /// Kills all handles of a session, whatever their references, and hands over their records.
    mutating func removeAll(owner: Int, _ body: (Record) -> Void) {
        guard owner < heads.count else { return }
        while heads[owner] >= 0 {
            let index = Int(heads[owner])
            slots[index].references = 0
            if let record = remove(index) { body(record) }
        }
    }

    private mutating func remove(_ index: Int) -> Record? {
        let (previous, next) = (slots[index].previous, slots[index].next)
        if previous >= 0 { slots[Int(previous)].next = next } else { heads[Int(slots[index].owner)] = next }
        if next >= 0 { slots[Int(next)].previous = previous }
        slots[index].generation += 1
        slots[index].next = -1
        if freeTail >= 0 { slots[Int(freeTail)].next = Int32(index) } else { freeHead = Int32(index) }
        freeTail = Int32(index)
        freeCount += 1
        count -= 1
        return slots[index].record.take()
    }
}
