// Layer: ESEEngine/9-Session. Uses: PlatformIO (lock). Used by: the gates, the C API.
// Handles as the C API has them: integers of a pointer's size that name a place in a table and the generation of
// what is there, so that a stale, foreign or garbage value is told without being followed.

import PlatformIO
import Synchronization

/// What a handle names. The values are the handle's low four bits; odd, so that no handle looks like an aligned
/// pointer.
public enum HandleKind: UInt, Sendable, CaseIterable {
    /// C name: JET_INSTANCE.
    case instance = 0x3
    /// C name: JET_SESID.
    case session = 0x7
    /// C name: JET_TABLEID.
    case cursor = 0xB
}

/// One place of the table. Its memory lives as long as the table, whoever looks at it.
struct HandleSlot: ~Copyable {
    /// The handle that is valid now; 0: the place is free.
    let handle = Atomic<UInt>(0)
    /// A session: its handle while nobody is inside, the thread's `CallThread` while somebody is, 0 when it is over.
    /// An instance: how many calls are inside.
    let entry = Atomic<UInt>(0)
    /// An instance: see `InstanceState`. A session: how deep its transactions are nested.
    let state = Atomic<UInt>(0)
    /// A session: its instance's slot. A cursor: its session's slot.
    let owner = Atomic<UInt>(0)
    /// The object, retained by the table.
    let object = Atomic<UInt>(0)
    /// The generation that the next handle gets, and the next free slot's index + 1. Under the table's lock.
    let generation = Atomic<UInt>(0)
    let nextFree = Atomic<UInt>(0)
}

/// The handles of a process. Lookups take no lock; making and removing do.
///
/// A handle's bits: 0...3 kind, 4...27 place, 28...61 generation, 62 one, 63 zero: never 0, never -1, and no address
/// that a process can have.
public final class HandleTable: @unchecked Sendable {
    /// Gives memory that is aligned to 128 bytes, or nil if there is none.
    public typealias Memory = @Sendable (_ byteCount: Int) -> UnsafeMutableRawPointer?

    /// Slots in a piece of memory.
    static let chunkSlotCount = 1024
    /// Two cache lines, so that sessions don't disturb each other.
    static let slotByteCount = 128
    private static let chunkLimit = 4096
    private static let generationLimit: UInt = 1 << 34

    /// Chunks that were made, 0 for others. A chunk stays where it is until the table goes away.
    private let directory: UnsafeMutablePointer<Atomic<UInt>>
    /// Instances that are initialised, and in the upper half those of them that are terminating.
    /// ESE's names: g_cpinstInit, g_cTermsInProgress.
    let counts = Atomic<UInt>(0)
    private let lock = Lock()
    private let memory: Memory
    // Under the lock.
    /// A kind's first free slot, index + 1. A slot keeps its kind, so that who looks at a stale one finds the right
    /// words.
    private let free: UnsafeMutablePointer<UInt>
    private var chunkCount = 0
    private var liveCount = 0

    /// Makes an empty table. Memory it got from `memory` is given back with `deallocate`.
    public init(
        memory: @escaping Memory = {
            UnsafeMutableRawPointer.allocate(byteCount: $0, alignment: 128)
        }
    ) {
        self.memory = memory
        free = .allocate(capacity: 4)
        free.initialize(repeating: 0, count: 4)
        directory = .allocate(capacity: Self.chunkLimit)
        for index in 0..<Self.chunkLimit { (directory + index).initialize(to: Atomic(0)) }
    }

    deinit {
        for chunk in 0..<chunkCount {
            let first = UnsafeMutableRawPointer(
                bitPattern: directory[chunk].load(ordering: .relaxed)
            ).unsafelyUnwrapped
            for index in 0..<Self.chunkSlotCount {
                let slot = (first + index * Self.slotByteCount).assumingMemoryBound(to: HandleSlot.self)
                Self.releaseObject(slot)
                slot.deinitialize(count: 1)
            }
            first.deallocate()
        }
        free.deallocate()
        directory.deinitialize(count: Self.chunkLimit)
        directory.deallocate()
    }

    /// How many handles are valid.
    public var count: Int { lock.withLock { liveCount } }

    /// Whether a handle is valid.
    public func isValid(_ handle: UInt, _ kind: HandleKind) -> Bool { find(handle, kind) != nil }

    /// The slot of a valid handle; nil for any other number. May be old news at once, unless the caller is inside.
    @inline(__always)
    func find(_ handle: UInt, _ kind: HandleKind) -> UnsafeMutablePointer<HandleSlot>? {
        guard handle & 0xF == kind.rawValue else { return nil }
        let index = Int(handle >> 4 & 0xFF_FFFF)
        let chunk = index / Self.chunkSlotCount
        guard chunk < Self.chunkLimit else { return nil }
        let first = directory[chunk].load(ordering: .acquiring)
        guard let base = UnsafeMutableRawPointer(bitPattern: first) else { return nil }
        // The place is inside a chunk that was made, and chunks stay.
        let slot = (base + index % Self.chunkSlotCount * Self.slotByteCount).assumingMemoryBound(to: HandleSlot.self)
        return slot.pointee.handle.load(ordering: .acquiring) == handle ? slot : nil
    }

    /// Makes a handle, which is valid from `publish` on. JET_errOutOfMemory when memory or places ran out.
    func reserve(
        _ kind: HandleKind, owner: UnsafeMutablePointer<HandleSlot>?
    ) throws(JetError) -> (slot: UnsafeMutablePointer<HandleSlot>, handle: UInt) {
        try lock.withLock { () throws(JetError) in
            let list = free + Int(kind.rawValue >> 2)
            if list.pointee == 0 { try addChunk(list) }
            let index = list.pointee - 1
            let slot = slot(at: Int(index))
            list.pointee = slot.pointee.nextFree.load(ordering: .relaxed)
            liveCount += 1
            let generation = slot.pointee.generation.load(ordering: .relaxed)
            slot.pointee.generation.store(generation + 1, ordering: .relaxed)
            slot.pointee.state.store(0, ordering: .relaxed)
            slot.pointee.owner.store(UInt(bitPattern: owner), ordering: .relaxed)
            return (slot, 1 << 62 | generation << 28 | index << 4 | kind.rawValue)
        }
    }

    /// Makes a reserved handle valid; the table retains `object`.
    func publish(_ slot: UnsafeMutablePointer<HandleSlot>, _ handle: UInt, _ object: AnyObject?) {
        let bits = object.map { UInt(bitPattern: Unmanaged.passRetained($0).toOpaque()) } ?? 0
        slot.pointee.object.store(bits, ordering: .relaxed)
        // An instance's word counts; who looked at a slot of old may be in it for a moment, so it is not set here.
        if handle & 0xF == HandleKind.session.rawValue { slot.pointee.entry.store(handle, ordering: .releasing) }
        slot.pointee.handle.store(handle, ordering: .releasing)
    }

    /// Makes a handle invalid. What it named stays until `recycle`.
    func invalidate(_ slot: UnsafeMutablePointer<HandleSlot>) {
        slot.pointee.handle.store(0, ordering: .sequentiallyConsistent)
    }

    /// Gives an invalid handle's place back and lets its object go. The caller is the last who uses either.
    func recycle(_ slot: UnsafeMutablePointer<HandleSlot>, _ handle: UInt) {
        Self.releaseObject(slot)
        lock.withLock {
            liveCount -= 1
            // A place whose generations are used up is not used again.
            guard slot.pointee.generation.load(ordering: .relaxed) < Self.generationLimit else { return }
            let list = free + Int((handle & 0xF) >> 2)
            slot.pointee.nextFree.store(list.pointee, ordering: .relaxed)
            list.pointee = Self.index(of: handle) + 1
        }
    }

    /// The place that a handle of this table names.
    static func index(of handle: UInt) -> UInt { handle >> 4 & 0xFF_FFFF }

    /// Makes a cursor's handle. JET_errOutOfMemory. `session` is valid, and the caller inside.
    public func makeCursor(_ object: AnyObject, session: SessionEntry) throws(JetError) -> UInt {
        let (slot, handle) = try reserve(.cursor, owner: session.slot)
        publish(slot, handle, object)
        return handle
    }

    /// The object of a cursor's handle, if it is one of this session; nil is JET_errInvalidTableId. The caller is
    /// inside the session, which keeps the cursor.
    @inline(__always)
    public func cursor(_ handle: UInt, session: SessionEntry) -> AnyObject? {
        guard let slot = find(handle, .cursor),
            slot.pointee.owner.load(ordering: .relaxed) == UInt(bitPattern: session.slot)
        else { return nil }
        return Self.object(slot)
    }

    /// The same, not retained: valid while the caller is inside and the cursor open.
    @inline(__always)
    public func cursorPointer(_ handle: UInt, session: SessionEntry) -> UnsafeRawPointer? {
        guard let slot = find(handle, .cursor),
            slot.pointee.owner.load(ordering: .relaxed) == UInt(bitPattern: session.slot)
        else { return nil }
        return UnsafeRawPointer(bitPattern: slot.pointee.object.load(ordering: .acquiring))
    }

    /// Ends a cursor's handle. False if it was none of this session.
    public func endCursor(_ handle: UInt, session: SessionEntry) -> Bool {
        guard let slot = find(handle, .cursor),
            slot.pointee.owner.load(ordering: .relaxed) == UInt(bitPattern: session.slot)
        else { return false }
        invalidate(slot)
        recycle(slot, handle)
        return true
    }

    /// A slot's object. The caller keeps the slot from being recycled.
    @inline(__always)
    static func object(_ slot: UnsafeMutablePointer<HandleSlot>) -> AnyObject? {
        UnsafeRawPointer(bitPattern: slot.pointee.object.load(ordering: .acquiring))
            .map { Unmanaged<AnyObject>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func releaseObject(_ slot: UnsafeMutablePointer<HandleSlot>) {
        let bits = slot.pointee.object.exchange(0, ordering: .acquiringAndReleasing)
        if let pointer = UnsafeRawPointer(bitPattern: bits) { Unmanaged<AnyObject>.fromOpaque(pointer).release() }
    }

    private func slot(at index: Int) -> UnsafeMutablePointer<HandleSlot> {
        let base = directory[index / Self.chunkSlotCount].load(ordering: .relaxed)
        return
            (UnsafeMutableRawPointer(bitPattern: base).unsafelyUnwrapped
            + index % Self.chunkSlotCount * Self.slotByteCount)
            .assumingMemoryBound(to: HandleSlot.self)
    }

    private func addChunk(_ list: UnsafeMutablePointer<UInt>) throws(JetError) {
        guard chunkCount < Self.chunkLimit, let base = memory(Self.chunkSlotCount * Self.slotByteCount) else {
            throw .outOfMemory
        }
        let firstIndex = chunkCount * Self.chunkSlotCount
        for index in (0..<Self.chunkSlotCount).reversed() {
            let slot = (base + index * Self.slotByteCount).bindMemory(to: HandleSlot.self, capacity: 1)
            slot.initialize(to: HandleSlot())
            // Generations start apart, so that one handle with a wrong bit is not its neighbour.
            let start = (UInt(firstIndex + index + 1) &* 0x9E37_79B9_7F4A_7C15) >> 34
            slot.pointee.generation.store(start, ordering: .relaxed)
            slot.pointee.nextFree.store(list.pointee, ordering: .relaxed)
            list.pointee = UInt(firstIndex + index + 1)
        }
        directory[chunkCount].store(UInt(bitPattern: base), ordering: .releasing)
        chunkCount += 1
    }
}
