// Layer: ESEEngine/5-Tree. Uses: Tree, 4-Version. Used by: records, indexes, space, background work.
// A place in a tree: to search, to go on from, and to read and change the node there.
//
// Between calls a cursor holds no latch (rule T1). It remembers the frame, the page's time and the line; if the page
// has changed since, it searches its bookmark again.

import ESEFormat

/// A place in a tree. One thread at a time. ESE's terms: FUCB, CSR.
public final class TreeCursor {
    /// The tree.
    public let tree: Tree
    /// Who uses it.
    public let worker: Worker

    /// What changes, in memory of its own: so that using it costs no checks of access and no counting.
    private struct State: ~Copyable {
        var isOnNode = false
        var hasBefore = false
        var line = 0
        var held: HeldPage?
        // What is remembered when the latch is let go.
        var bookmark = BookmarkBuffer()
        var hint = FrameHint()
        var time = DatabaseTime(0)
        /// Where the last insert through this cursor was.
        var insertHint = InsertHint()
        // The state that the transaction sees of a node which others changed.
        var before: UnsafeMutableRawPointer?
        var beforeCapacity = 0
        var beforeByteCount = 0
        // Where a move to the left came from.
        var bound = BookmarkBuffer()
    }

    private let state: UnsafeMutablePointer<State>

    /// How far it has gone in one direction, for reading ahead.
    var readAhead = ReadAhead()

    /// Makes a cursor that is nowhere.
    public init(_ tree: Tree, _ worker: Worker) {
        self.tree = tree
        self.worker = worker
        state = .allocate(capacity: 1)
        state.initialize(to: State())
    }

    deinit {
        if let held { tree.database.release(held) }
        state.pointee.before?.deallocate()
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// Whether it stands on a node, or where one was.
    @inline(__always)
    public private(set) var isOnNode: Bool {
        get { state.pointee.isOnNode }
        set { state.pointee.isOnNode = newValue }
    }

    /// The page of the node, while it is latched.
    @inline(__always)
    private(set) var held: HeldPage? {
        get { state.pointee.held }
        set { state.pointee.held = newValue }
    }

    /// The line on it.
    @inline(__always)
    private(set) var line: Int {
        get { state.pointee.line }
        set { state.pointee.line = newValue }
    }

    /// Whether the transaction sees an older state of the node: then it is in `before`.
    @inline(__always)
    var hasBefore: Bool {
        get { state.pointee.hasBefore }
        set { state.pointee.hasBefore = newValue }
    }

    // MARK: The node.

    /// The page, which is latched.
    @inline(__always)
    var page: Page {
        guard let held else { preconditionFailure("the cursor's page is latched") }
        return held.page
    }

    /// The page's number.
    var heldNumber: PageNumber {
        guard let held else { preconditionFailure("the cursor's page is latched") }
        return held.number
    }

    /// The key of the node. Lent until the latch is let go.
    public var key: BytePieces { page.node(line).key }

    /// The data of the node as the transaction sees it. Lent until the latch is let go or the cursor moves.
    @inline(__always)
    public var data: Bytes {
        if hasBefore, let before = state.pointee.before { return Bytes(before, state.pointee.beforeByteCount) }
        return page.node(line).data
    }

    /// The bookmark of the node, whether it is latched or not. Lent until the cursor moves.
    public func currentBookmark() -> Bookmark {
        precondition(isOnNode, "the cursor is on a node")
        if held != nil {
            let node = page.node(line)
            state.pointee.bookmark.set(key: node.key, data: tree.isUnique ? Bytes.empty : node.data)
        }
        return state.pointee.bookmark.bookmark
    }

    /// Latches the node again after `release`.
    /// - Throws: `noCurrentRecord` if the cursor is nowhere, `recordDeleted` if the transaction sees no node there any
    ///   more.
    @inline(__always)
    public func latch() throws(JetError) {
        guard isOnNode else { throw .noCurrentRecord }
        if held != nil { return }
        guard try restore(.shared) else {
            // Not `release`: the place is that of the node that is gone, not of what is there now.
            letGo()
            throw .recordDeleted
        }
        if page.nodeFlags(line).isDisjoint(with: [.deleted, .versioned]) {
            hasBefore = false
        } else if !isVisible() {
            release()
            throw .recordDeleted
        }
    }

    // MARK: Latches.

    /// Lets go of the latch; remembers the place.
    @inline(__always)
    public func release() {
        guard let held else { return }
        if isOnNode, line >= 0, line < held.page.nodeCount {
            let node = held.page.node(line)
            state.pointee.bookmark.set(key: node.key, data: tree.isUnique ? Bytes.empty : node.data)
            state.pointee.hint = held.latched.hint
            state.pointee.time = held.page.databaseTime
        }
        tree.database.release(held)
        self.held = nil
    }

    /// Lets go of the latch and of the place.
    public func reset() {
        letGo()
        isOnNode = false
    }

    /// Lets go of the latch without remembering anything.
    func letGo() {
        if let held { tree.database.release(held) }
        held = nil
    }

    /// Stands on a line of a latched page; the old page is let go of.
    @inline(__always)
    func stand(_ page: HeldPage, _ line: Int) {
        held = page
        self.line = line
        hasBefore = false
        isOnNode = true
    }

    /// Stands where it was, by a copy of `currentBookmark`: the node is looked for when it is needed.
    func stand(at bookmark: Bookmark) {
        letGo()
        state.pointee.bookmark.set(key: BytePieces(bookmark.key), data: bookmark.data)
        state.pointee.hint = FrameHint()
        isOnNode = true
    }

    /// Stands where the last search ended.
    func stand() { isOnNode = true }

    @inline(__always)
    func step(_ distance: Int) {
        line &+= distance
        hasBefore = false
    }

    /// Goes over to another page.
    func replaceHeld(by new: HeldPage, line: Int) {
        letGo()
        take(new, line: line)
    }

    func take(_ new: HeldPage, line: Int) {
        held = new
        self.line = line
        hasBefore = false
    }

    /// Takes the latch again where the cursor is.
    /// - Returns: Whether the node is still there, be it deleted or not. If not, the line is that of the next greater.
    @inline(__always)
    func restore(_ mode: LatchMode) throws(JetError) -> Bool {
        guard isOnNode else { throw .noCurrentRecord }
        if let held {
            if held.latched.mode == mode { return true }
            release()
        }
        if let latched = tree.database.buffers.latchAgain(state.pointee.hint, mode) {
            let again = HeldPage(latched, tree.database.pageSize)
            if again.page.databaseTime == state.pointee.time {
                held = again
                return true
            }
            tree.database.release(again)
        }
        return try search(state.pointee.bookmark.bookmark, mode)
    }

    /// Latches the leaf of a bookmark and finds its line.
    func search(_ bookmark: Bookmark, _ mode: LatchMode) throws(JetError) -> Bool {
        let leaf = try tree.leaf(for: bookmark.bytes, mode)
        let found = tree.find(bookmark, on: leaf.page)
        held = leaf
        line = found.line
        return found.isExact
    }

    // MARK: Memory.

    func setBefore(_ data: UnsafeRawBufferPointer) {
        if data.count > state.pointee.beforeCapacity {
            state.pointee.before?.deallocate()
            state.pointee.beforeCapacity = max(4_096, data.count)
            state.pointee.before = .allocate(byteCount: state.pointee.beforeCapacity, alignment: 8)
        }
        state.pointee.beforeByteCount = data.count
        if let before = state.pointee.before, let source = data.baseAddress {
            before.copyMemory(from: source, byteCount: data.count)
        }
    }

    func rememberBound(_ node: PageNode) {
        state.pointee.bound.set(key: node.key, data: tree.isUnique ? Bytes.empty : node.data)
    }

    var bound: Bookmark { state.pointee.bound.bookmark }

    // MARK: Changes.

    /// Inserts a node in the transaction; the cursor stays where it is. See `Tree.insert`.
    public func insert(_ bookmark: Bookmark, data: Bytes, update: UInt32 = 0) throws(JetError) {
        precondition(held == nil, "no latch is held while another is taken")
        try tree.insert(bookmark, data: data, update: update, &state.pointee.insertHint, worker)
    }

    /// Replaces the data of the node in the transaction.
    /// - Throws: `writeConflict`, `recordDeleted`, `recordTooBig`, what version store, log and space throw.
    public func replace(_ data: Bytes, update: UInt32 = 0) throws(JetError) {
        release()
        try tree.database.versions.reserve(worker.transaction, byteCount: 2 * data.byteCount + 512)
        while true {
            guard try restoreForChange() else { throw .recordDeleted }
            let change = NodeChange(
                kind: .replace, bookmark: currentBookmark(), data: data, isVersioned: true, update: update)
            guard let held else { preconditionFailure("the page is latched") }
            let isDone: Bool
            do throws(JetError) {
                isDone = try tree.change(held, line, change, worker)
            } catch {
                release()
                throw error
            }
            release()
            if isDone { return }
            if try tree.split(for: change, worker) { return }
        }
    }

    /// Deletes the node in the transaction: it is flagged, and removed when nobody can see it any more.
    /// - Throws: `writeConflict`, `recordDeleted`, what version store and log throw.
    public func delete(update: UInt32 = 0) throws(JetError) {
        release()
        try tree.database.versions.reserve(worker.transaction)
        guard try restoreForChange(), let held else { throw .recordDeleted }
        defer { release() }
        let versions = tree.database.versions
        let name = tree.name(held.page.node(line))
        let revision = try versions.modify(worker.transaction, name, .flagDelete.of(update: update))
        do throws(JetError) {
            try tree.flagDelete(held, at: line, revision: revision.id, isVersioned: true, worker)
        } catch {
            versions.cancel(revision)
            throw error
        }
        versions.confirm(
            worker.transaction, revision, page: tree.database.log == nil ? .none : held.number)
    }

    /// Makes sure that nobody else changes the node before the transaction ends.
    /// - Parameter kind: `writeLock`, or `readLock`, which several may have.
    /// - Throws: `writeConflict`, `recordDeleted`, what the version store throws.
    public func lock(_ kind: Modification) throws(JetError) {
        release()
        try tree.database.versions.reserve(worker.transaction)
        try latch()
        defer { release() }
        // Whoever sees an older state is too late.
        if hasBefore || page.nodeFlags(line).contains(.deleted) { throw .writeConflict }
        let revision = try tree.database.versions.modify(worker.transaction, tree.name(page.node(line)), kind)
        tree.database.versions.confirm(worker.transaction, revision)
    }

    /// Latches the node exclusively if the transaction may change it: if it sees it as it is on the page. Whoever sees
    /// an older state learns of the conflict from the version store.
    private func restoreForChange() throws(JetError) -> Bool {
        guard try restore(.exclusive) else {
            letGo()
            return false
        }
        let node = page.node(line)
        if node.isVersioned, tree.database.versions.hasActiveOther(tree.name(node), worker.transaction) {
            release()
            throw .writeConflict
        }
        if node.isDeleted {
            release()
            return false
        }
        return true
    }
}
