// Layer: ESEEngine/3-Buffer. Uses: BufferManager. Used by: trees that are dropped.
// Pages that nobody needs leave memory.

public import ESEFormat
import Synchronization

extension BufferManager {
    /// Says that pages will not be read before they are made anew. Their frames become free as far as nobody has them
    /// latched. No latch is needed; nobody may be going to change the pages.
    ///
    /// A page with changes that the log has stays, as the next to be written. Were it dropped, the checkpoint could go
    /// to a place between its changes, and redo would find the later ones without the earlier ones.
    public func discard(_ database: DatabaseSlot, _ pages: Extent) {
        for number in pages.pages {
            let entry = tables[Int(database.rawValue)].lookup(PageNumber(number))
            guard entry != 0 else { continue }
            let frame = pool.frame(entry - 1)
            let record = frame.pointer
            let identity = pageIdentity(database, PageNumber(number))
            guard record.pointee.latch.identity == identity, record.pointee.latch.tryAcquire(.exclusive) else {
                continue
            }
            // In this order, as in `isDroppable`.
            let isWriting = record.pointee.has(Frame.writing)
            let change = record.pointee.firstChange.load(ordering: .acquiring)
            guard record.pointee.latch.identity == identity, !isWriting, change == 0 || change == Frame.unlogged else {
                record.pointee.heat.store(0, ordering: .relaxed)
                record.pointee.latch.release(.exclusive)
                continue
            }
            record.pointee.firstChange.store(0, ordering: .relaxed)
            drop(frame)
        }
    }
}
