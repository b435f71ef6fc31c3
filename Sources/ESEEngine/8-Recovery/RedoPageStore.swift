// Layer: ESEEngine/8-Recovery. Uses: RedoPages, StorageFile. Used by: RedoDriver, tests.
// The pages of a database in memory, read from its file when they are first asked for and written back in one go. All
// that changed stays in memory until then: for databases that fit, and for tests; the buffer manager does it better.
//
// Unsafe: every page has memory of its own of the page's size, alive as long as the store.

public import ESEFormat

/// Pages in memory.
public final class RedoPageStore: RedoPages {
    /// The size of pages.
    public let pageSize: PageSize
    /// The last page that the file has.
    public private(set) var lastPage: PageNumber
    /// Pages that were changed, with the end of the last record that did it.
    public private(set) var changed: [PageNumber: LogPosition] = [:]
    /// Pages with a wrong bit that were put right when they were read.
    public private(set) var correctedPages: Set<PageNumber> = []

    private let file: (any StorageFile)?
    /// The last page that the file had at first.
    private let lastPageOfFile: PageNumber
    private var memory: [PageNumber: UnsafeMutableRawBufferPointer] = [:]
    /// Pages that have become zeros and weren't made since.
    private var zeroed: Set<PageNumber> = []

    /// Makes a store of a file's pages, or of none.
    /// - Throws: `diskIO`.
    public init(pageSize: PageSize, file: (any StorageFile)? = nil) throws(JetError) {
        self.pageSize = pageSize
        self.file = file
        var last: UInt64 = 0
        if let file {
            do throws(StorageError) {
                last = try file.byteCount() / UInt64(pageSize.byteCount)
            } catch {
                throw .diskIO
            }
        }
        lastPage = PageNumber(UInt32(clamping: last > 2 ? min(last - 2, UInt64(PageNumber.greatest.rawValue)) : 0))
        lastPageOfFile = lastPage
    }

    deinit { for page in memory.values { page.deallocate() } }

    /// A page; from the file its checksum and its contents are checked.
    /// - Throws: `diskIO`, `readVerifyFailure`, `databaseCorrupted`.
    public func page(_ number: PageNumber) throws(JetError) -> Page? {
        if let held = memory[number] { return Page(held.baseAddress.unsafelyUnwrapped, size: pageSize) }
        guard let file, number > .none, number <= lastPage, !zeroed.contains(number) else { return nil }
        let buffer = allocate()
        do throws(JetError) {
            guard try read(number, from: file, into: buffer) else {
                buffer.deallocate()
                return nil
            }
        } catch {
            buffer.deallocate()
            throw error
        }
        memory[number] = buffer
        return Page(buffer.baseAddress.unsafelyUnwrapped, size: pageSize)
    }

    private func read(
        _ number: PageNumber, from file: any StorageFile, into buffer: UnsafeMutableRawBufferPointer
    ) throws(JetError) -> Bool {
        let count: Int
        do throws(StorageError) {
            count = try file.read(into: buffer, at: pageSize.fileOffset(of: number))
        } catch {
            throw .diskIO
        }
        guard count == buffer.count else { return false }
        switch PageChecksum.verify(UnsafeRawBufferPointer(buffer).bytes, number: number, size: pageSize) {
        case .valid: break
        case .uninitialized: return false
        default:
            var bytes = [UInt8](buffer)
            guard PageChecksum.repair(&bytes, number: number, size: pageSize) != nil else {
                throw .readVerifyFailure
            }
            buffer.copyBytes(from: bytes)
            correctedPages.insert(number)
        }
        let page = Page(buffer.baseAddress.unsafelyUnwrapped, size: pageSize)
        // A page that was only taken has no tags yet.
        if page.flags.contains(.preInit) {
            page.initialize(
                number: number, objectID: page.objectID, flags: page.flags, databaseTime: page.databaseTime)
        } else if page.check(number: number) != nil {
            throw .databaseCorrupted
        }
        return true
    }

    private func allocate() -> UnsafeMutableRawBufferPointer {
        .allocate(byteCount: pageSize.byteCount, alignment: 4_096)
    }

    /// Memory for a page.
    public func newPage(_ number: PageNumber) throws(JetError) -> Page {
        precondition(number > .none && number <= .greatest, "a page's number")
        if let held = memory[number] { return Page(held.baseAddress.unsafelyUnwrapped, size: pageSize) }
        let buffer = allocate()
        buffer.initializeMemory(as: UInt8.self, repeating: 0)
        memory[number] = buffer
        zeroed.remove(number)
        if number > lastPage { lastPage = number }
        return Page(buffer.baseAddress.unsafelyUnwrapped, size: pageSize)
    }

    /// Remembers that the page is to be written.
    public func markChanged(_ number: PageNumber, at position: LogPosition, end: LogPosition) {
        changed[number] = end
    }

    /// Does nothing: pages stay in memory.
    public func release() {}

    /// Makes room for pages; the file itself grows when it is written.
    public func extend(to lastPage: PageNumber) {
        if lastPage > self.lastPage { self.lastPage = lastPage }
    }

    /// Cuts pages off.
    public func shrink(to lastPage: PageNumber) {
        guard lastPage < self.lastPage else { return }
        clear(from: lastPage.rawValue + 1, to: self.lastPage.rawValue)
        self.lastPage = lastPage
    }

    /// Makes pages zeros.
    public func trim(_ first: PageNumber, pageCount: UInt32) {
        guard pageCount > 0, first <= lastPage else { return }
        let last = min(UInt64(lastPage.rawValue), UInt64(first.rawValue) + UInt64(pageCount) - 1)
        clear(from: first.rawValue, to: UInt32(last))
    }

    /// Makes pages zeros. The log may name any number; time and memory are bounded by what there is.
    private func clear(from first: UInt32, to last: UInt32) {
        for number in memory.keys where number.rawValue >= first && number.rawValue <= last { forget(number) }
        let end = min(last, lastPageOfFile.rawValue)
        guard first <= end else { return }
        for number in first...end { zeroed.insert(PageNumber(number)) }
    }

    private func forget(_ number: PageNumber) {
        memory.removeValue(forKey: number)?.deallocate()
        changed[number] = nil
    }

    /// Puts a page there as bytes of a file; for tests. The bytes are checked when the page is asked for only if they
    /// come from a file, so they must be a page, or zeros, which stand for none.
    public func put(_ number: PageNumber, _ bytes: [UInt8]) {
        precondition(bytes.count == pageSize.byteCount, "bytes of a page")
        forget(number)
        if number > lastPage { lastPage = number }
        guard bytes.contains(where: { $0 != 0 }) else {
            if number <= lastPageOfFile { zeroed.insert(number) }
            return
        }
        let buffer = allocate()
        buffer.copyBytes(from: bytes)
        memory[number] = buffer
    }

    /// Writes what changed, and zeros over pages that are gone, and sets the file's size. The header is another's. The
    /// target is the file that the pages came from or a copy of it.
    /// - Throws: `diskIO`.
    public func write(to target: any StorageFile) throws(JetError) {
        let count = UInt64(lastPage.rawValue) + 2
        do throws(StorageError) {
            try target.setByteCount(count * UInt64(pageSize.byteCount))
            for number in changed.keys.sorted() {
                guard let held = memory[number] else { continue }
                var bytes = [UInt8](held)
                guard (try? PageChecksum.seal(&bytes, number: number, size: pageSize)) != nil else { continue }
                try Self.write(bytes, to: target, at: pageSize.fileOffset(of: number))
            }
            let zeros = [UInt8](repeating: 0, count: pageSize.byteCount)
            for number in zeroed where number <= lastPage {
                try Self.write(zeros, to: target, at: pageSize.fileOffset(of: number))
            }
        } catch {
            throw .diskIO
        }
    }

    private static func write(_ bytes: [UInt8], to target: any StorageFile, at offset: UInt64) throws(StorageError) {
        var failure: StorageError?
        bytes.withUnsafeBytes { buffer in
            do throws(StorageError) { try target.write(buffer, at: offset) } catch { failure = error }
        }
        if let failure { throw failure }
    }
}
