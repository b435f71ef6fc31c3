// Layer: ESEEngine/5-Tree. Uses: 1-Page, 2-Log, 3-Buffer, 4-Version. Used by: trees, space, sessions.
// A database as trees see it: its pages, its log, its clock of changes.

public import ESEFormat
import Synchronization

/// A database whose pages are in the buffer manager. ESE's terms: FMP, IFMP.
public final class Database: @unchecked Sendable {  // everything that changes is atomic or has its own lock
    /// Its number in the buffer manager and in the log. ESE's term: dbid.
    public let slot: DatabaseSlot
    /// The size of its pages.
    public let pageSize: PageSize
    /// Where its pages are cached.
    let buffers: BufferManager
    /// Where its changes are logged; nil: they are not (temporary databases, recovery off).
    let log: LogStream?
    /// Where older states of its nodes are.
    let versions: VersionStore
    /// The file, which only space makes longer.
    let file: any StorageFile
    /// Pages that an extension of the file adds at least, and rounds to. C name: JET_paramDbExtensionSize.
    let extensionPageCount: UInt32

    /// The last page that the root of the database owns. Under the lock of the root's space. ESE: pgnoLast.
    var lastPage: UInt32

    /// The last page that it may have; see `limit(toPageCount:)`.
    private let greatestPage = Atomic<UInt32>(PageNumber.greatest.rawValue)
    private let time: Atomic<UInt64>
    private let lastObject: Atomic<UInt32>

    /// Puts a database together.
    /// - Parameters:
    ///   - lastPage: The last page that belongs to it.
    ///   - lastTime: The highest database time of any page. ESE: dbtimeDirtied.
    ///   - lastObject: The highest object ID that was given away. ESE: objidLast.
    public init(
        slot: DatabaseSlot, pageSize: PageSize, buffers: BufferManager, log: LogStream?, versions: VersionStore,
        file: any StorageFile, lastPage: PageNumber, lastTime: DatabaseTime, lastObject: ObjectID,
        extensionPageCount: UInt32 = 256
    ) {
        self.slot = slot
        self.pageSize = pageSize
        self.buffers = buffers
        self.log = log
        self.versions = versions
        self.file = file
        self.lastPage = lastPage.rawValue
        self.extensionPageCount = extensionPageCount
        time = Atomic(lastTime.rawValue)
        self.lastObject = Atomic(lastObject.rawValue)
    }

    /// Says to how many pages its file may grow, without the two of its header; 0: as many as there can be.
    /// C name: JET_dbparamDbSizeMaxPages.
    func limit(toPageCount count: UInt32) {
        let greatest = PageNumber.greatest.rawValue
        greatestPage.store(count == 0 ? greatest : min(count, greatest), ordering: .relaxed)
    }

    /// The last page that it may have, whatever it has.
    var pageLimit: UInt32 { greatestPage.load(ordering: .relaxed) }

    /// The highest time that was given to a page.
    public var lastTime: DatabaseTime { DatabaseTime(time.load(ordering: .acquiring)) }

    /// The highest object ID that was given away.
    public var lastObjectID: ObjectID { ObjectID(lastObject.load(ordering: .acquiring)) }

    /// A new time, greater than all before. All pages it is for are exclusively latched (rule L3).
    @inline(__always)
    func nextTime() -> DatabaseTime { DatabaseTime(time.add(1, ordering: .acquiringAndReleasing).newValue) }

    /// A new object ID.
    func nextObjectID() -> ObjectID { ObjectID(lastObject.add(1, ordering: .acquiringAndReleasing).newValue) }

    /// Numbers up to `number` are given away.
    func passObjectIDs(through number: ObjectID) { lastObject.max(number.rawValue, ordering: .acquiringAndReleasing) }

    // MARK: Pages.

    /// Latches a page.
    @inline(__always)
    func latch(_ number: PageNumber, _ mode: LatchMode) throws(JetError) -> HeldPage {
        HeldPage(try buffers.latch(slot, number, mode), pageSize)
    }

    /// Latches a page that is initialised next; nothing is read.
    @inline(__always)
    func latchNew(_ number: PageNumber) throws(JetError) -> HeldPage {
        HeldPage(try buffers.latchNew(slot, number), pageSize)
    }

    /// Lets go of a page.
    @inline(__always)
    func release(_ held: HeldPage) { buffers.unlatch(held.latched) }

    /// Says that a page was changed by a record from one position to another.
    @inline(__always)
    func changed(_ held: HeldPage, _ span: LogSpan) {
        buffers.changed(held.latched, from: span.start, to: span.end)
    }
}

/// A latched page and its view. Trivial; whoever releases one copy forgets the others.
struct HeldPage {
    var latched: LatchedPage
    let page: Page

    @inline(__always)
    init(_ latched: LatchedPage, _ size: PageSize) {
        self.latched = latched
        page = Page(latched.bytes, size: size)
    }

    var number: PageNumber { latched.number }
}
