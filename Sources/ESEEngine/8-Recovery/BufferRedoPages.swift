// Layer: ESEEngine/8-Recovery. Uses: RedoPages, 3-Buffer, DatabaseFile. Used by: Recovery.
// The pages of a database that is redone, in the buffer manager: memory is bounded by the cache, and what changed is
// written when room is needed. The log has it all, so that is no question of order.

public import ESEFormat

/// Pages in the buffer manager, each latched exclusively from when a record asks for it until the record is done.
public final class BufferRedoPages: RedoPages {
    /// The size of pages.
    public let pageSize: PageSize
    /// The database's number in the log and in the buffer manager.
    let slot: DatabaseSlot
    /// The file with its header.
    let file: DatabaseFile
    private let buffers: BufferManager
    private var held: [HeldPage] = []

    /// Attaches a file to the buffer manager.
    /// - Throws: What `BufferManager.attach` throws.
    init(_ file: DatabaseFile, slot: DatabaseSlot, _ buffers: BufferManager) throws(JetError) {
        pageSize = buffers.pageSize
        self.file = file
        self.slot = slot
        self.buffers = buffers
        try buffers.attach(file.file, gate: file, as: slot)
    }

    /// Writes all pages, makes them durable and leaves the buffer manager.
    func finish() throws(JetError) {
        release()
        try buffers.flush(slot)
        guard try buffers.makeDurable(slot) == nil else { throw .diskIO }
        buffers.detach(slot)
    }

    /// Leaves the buffer manager; what is not written is lost.
    func abandon() {
        release()
        buffers.detach(slot)
    }

    /// A page; checked when it is read.
    /// - Throws: `diskIO`, `readVerifyFailure`, `databaseCorrupted`.
    public func page(_ number: PageNumber) throws(JetError) -> Page? {
        if let known = held.first(where: { $0.number == number }) { return known.page }
        guard number > .none, number <= .greatest else { return nil }
        do throws(JetError) {
            let page = HeldPage(try buffers.latch(slot, number, .exclusive), pageSize)
            held.append(page)
            return page.page
        } catch {
            if error == .pageNotInitialized || error == BufferError.beyondEndOfFile { return nil }
            if error == .databaseCorrupted, try isTakenOnly(number) { return nil }
            throw error
        }
    }

    /// Whether the file has a page that was taken and never used: it has no tags yet, and may be made anew.
    private func isTakenOnly(_ number: PageNumber) throws(JetError) -> Bool {
        var bytes = [UInt8](repeating: 0, count: pageSize.byteCount)
        do throws(StorageError) {
            guard try file.file.read(into: &bytes, at: pageSize.fileOffset(of: number)) == bytes.count else {
                return false
            }
        } catch {
            throw JetError(error)
        }
        guard PageChecksum.verify(bytes.span.bytes, number: number, size: pageSize) == .valid else { return false }
        return bytes.withUnsafeMutableBytes { buffer in
            buffer.baseAddress.map { Page($0, size: pageSize).flags.contains(.preInit) } ?? false
        }
    }

    /// Memory for a page.
    public func newPage(_ number: PageNumber) throws(JetError) -> Page {
        if let known = held.first(where: { $0.number == number }) { return known.page }
        let page = HeldPage(try buffers.latchNew(slot, number), pageSize)
        held.append(page)
        return page.page
    }

    /// Marks a held page as changed.
    public func markChanged(_ number: PageNumber, at position: LogPosition, end: LogPosition) {
        guard let page = held.first(where: { $0.number == number }) else { return }
        buffers.changed(page.latched, from: position, to: end)
    }

    /// Lets go of all pages.
    public func release() {
        for page in held { buffers.unlatch(page.latched) }
        held.removeAll(keepingCapacity: true)
    }

    /// Makes the file long enough.
    public func extend(to lastPage: PageNumber) throws(JetError) {
        let byteCount = pageSize.fileOffset(of: lastPage) + UInt64(pageSize.byteCount)
        try onFile { (file) throws(StorageError) in
            if try file.byteCount() < byteCount { try file.setByteCount(byteCount) }
        }
    }

    /// Cuts the file off.
    public func shrink(to lastPage: PageNumber) throws(JetError) {
        guard lastPage.rawValue < UInt32.max else { return }
        release()
        buffers.forget(slot, lastPage.rawValue + 1...UInt32.max)
        let byteCount = pageSize.fileOffset(of: lastPage) + UInt64(pageSize.byteCount)
        try onFile { (file) throws(StorageError) in
            if try file.byteCount() > byteCount { try file.setByteCount(byteCount) }
        }
    }

    /// Writes zeros over pages.
    public func trim(_ first: PageNumber, pageCount: UInt32) throws(JetError) {
        guard pageCount > 0 else { return }
        let last = UInt32(min(UInt64(first.rawValue) + UInt64(pageCount) - 1, UInt64(UInt32.max)))
        release()
        buffers.forget(slot, first.rawValue...last)
        let zeros = [UInt8](repeating: 0, count: 64 << 10)
        let end = pageSize.fileOffset(of: PageNumber(last)) + UInt64(pageSize.byteCount)
        var offset = pageSize.fileOffset(of: first)
        try onFile { (file) throws(StorageError) in
            let end = min(end, try file.byteCount())
            while offset < end {
                let count = Int(min(UInt64(zeros.count), end - offset))
                try file.write(zeros, count: count, at: offset)
                offset += UInt64(count)
            }
        }
    }

    private func onFile(_ body: (any StorageFile) throws(StorageError) -> Void) throws(JetError) {
        do throws(StorageError) {
            try body(file.file)
        } catch {
            throw JetError(error)
        }
    }
}
