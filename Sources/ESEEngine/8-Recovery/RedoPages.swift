// Layer: ESEEngine/8-Recovery. Uses: Page. Used by: PageRedo; the buffer manager comes in here.
// The seam through which redo gets at the pages of one database.

public import ESEFormat

/// The pages of a database that is redone. Calls come from one thread.
public protocol RedoPages: AnyObject {
    /// The size of pages.
    var pageSize: PageSize { get }

    /// A page, checked (rule P1) and exclusively held until `release`; asked for twice it is the same. Nil if it was
    /// never written: beyond the file's end, all zero.
    func page(_ number: PageNumber) throws(JetError) -> Page?

    /// Memory for a page whose contents will be lost, held until `release`; nothing is read. If the page is held
    /// already it is the same memory.
    func newPage(_ number: PageNumber) throws(JetError) -> Page

    /// Says that a held page was changed by the record or macro at `position`, whose log must be durable up to `end`
    /// before the page is written.
    func markChanged(_ number: PageNumber, at position: LogPosition, end: LogPosition)

    /// Lets go of all pages.
    func release()

    /// Makes the file long enough for a last page; never shorter.
    func extend(to lastPage: PageNumber) throws(JetError)

    /// Cuts the file off behind a page. Pages behind it are gone, in memory too.
    func shrink(to lastPage: PageNumber) throws(JetError)

    /// Makes pages read as zeros. There may be fewer pages than these.
    func trim(_ first: PageNumber, pageCount: UInt32) throws(JetError)
}
