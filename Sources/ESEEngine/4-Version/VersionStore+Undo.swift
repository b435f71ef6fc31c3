// Layer: ESEEngine/4-Version. Uses: ESEFormat. Used by: the buffer manager's write path, the log layer, splits.
// Undo information that the log must have before a page is written: which revisions a page waits for.

public import ESEFormat
import Synchronization

// Links of a page's list change under the list's lock. A list is shared by pages with the same hash.
extension VersionStore {
    /// Calls `body` with each revision whose undo information the log does not have and that `page` waits for. The page
    /// is latched. A revision for which it returns true is logged; at the first for which it returns false this ends,
    /// and returns false too.
    ///
    /// `body` is called with the list locked: it appends to the log if that goes without waiting, and calls nothing of
    /// the version store.
    public func logUndo(database: UInt8, page: PageNumber, _ body: (Revision) -> Bool) -> Bool {
        let head = undoHead(database, page.rawValue)
        if head.pointee.isEmpty { return true }
        var first = head.pointee.lock()
        var next = first
        var isComplete = true
        while let this = next {
            next = this.pointee.undoNext.value
            guard this.pointee.undoPage.load(ordering: .relaxed) == page.rawValue, this.pointee.database == database
            else { continue }
            guard body(Revision(this)) else {
                isComplete = false
                break
            }
            first = takeUndoLink(this, first)
            this.pointee.undoIsLogged.set(true)
            this.pointee.undoPage.store(0, ordering: .releasing)
        }
        head.pointee.unlock(first)
        return isComplete
    }

    /// Whether the page waits for undo information.
    public func needsUndo(database: UInt8, page: PageNumber) -> Bool {
        let head = undoHead(database, page.rawValue)
        if head.pointee.isEmpty { return false }
        let first = head.pointee.lock()
        var next = first
        var isFound = false
        while let this = next, !isFound {
            isFound =
                this.pointee.undoPage.load(ordering: .relaxed) == page.rawValue && this.pointee.database == database
            next = this.pointee.undoNext.value
        }
        head.pointee.unlock(first)
        return isFound
    }

    @inline(__always)
    private func undoHead(_ database: UInt8, _ page: UInt32) -> UnsafeMutablePointer<LockedHead> {
        let mixed = (page ^ UInt32(database) << 24) &* 0x9E37_79B1
        return undoHeads + Int(mixed >> 24)
    }

    func addUndoLink(_ header: UnsafeMutablePointer<RevisionHeader>, _ page: UInt32) {
        let head = undoHead(header.pointee.database, page)
        let first = head.pointee.lock()
        header.pointee.undoPage.store(page, ordering: .relaxed)
        head.pointee.unlock(putUndoLink(header, first))
    }

    /// Takes a revision out of the list of its page, if it is in one.
    @inline(__always)
    func removeUndoLink(_ header: UnsafeMutablePointer<RevisionHeader>) {
        while true {
            let page = header.pointee.undoPage.load(ordering: .acquiring)
            if page == 0 { return }
            let head = undoHead(header.pointee.database, page)
            var first = head.pointee.lock()
            // A write may have logged it meanwhile.
            let isThere = header.pointee.undoPage.load(ordering: .relaxed) == page
            if isThere {
                first = takeUndoLink(header, first)
                header.pointee.undoPage.store(0, ordering: .relaxed)
            }
            head.pointee.unlock(first)
            if isThere { return }
        }
    }

    private func putUndoLink(
        _ header: UnsafeMutablePointer<RevisionHeader>, _ first: UnsafeMutablePointer<RevisionHeader>?
    ) -> UnsafeMutablePointer<RevisionHeader>? {
        header.pointee.undoNext.set(first)
        header.pointee.undoPrevious.set(nil)
        first?.pointee.undoPrevious.set(header)
        return header
    }

    private func takeUndoLink(
        _ header: UnsafeMutablePointer<RevisionHeader>, _ first: UnsafeMutablePointer<RevisionHeader>?
    ) -> UnsafeMutablePointer<RevisionHeader>? {
        let next = header.pointee.undoNext.value
        let previous = header.pointee.undoPrevious.value
        next?.pointee.undoPrevious.set(previous)
        previous?.pointee.undoNext.set(next)
        header.pointee.undoNext.set(nil)
        header.pointee.undoPrevious.set(nil)
        return previous == nil ? next : first
    }
}
