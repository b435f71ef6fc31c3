// Layer: ESEVerify. Uses: DatabaseSource. Used by: Checker.
// Raw pages by number. Pages that are asked for one after the other come from one larger read; others are read alone.

import ESEFormat
import ESEReader

/// Reads pages past all caches and repairs of the reader.
struct PageReader {
    let source: any DatabaseSource
    let size: PageSize
    /// The last page that lies in the file, whole or in part; 0 if there is none.
    let lastPage: PageNumber
    private(set) var readCount: UInt64 = 0
    private var run: [UInt8]
    private var runFirst: UInt32 = 0
    private var runCount: UInt32 = 0
    private var lastAsked: UInt32 = 0

    private static let runByteCount = 128 << 10

    init(_ source: any DatabaseSource, size: PageSize) {
        self.source = source
        self.size = size
        let pages =
            (source.byteCount / UInt64(size.byteCount)) + (source.byteCount % UInt64(size.byteCount) == 0 ? 0 : 1)
        lastPage = PageNumber(UInt32(clamping: min(UInt64(PageNumber.greatest.rawValue), pages < 2 ? 0 : pages - 2)))
        run = [UInt8](repeating: 0, count: max(Self.runByteCount, size.byteCount))
    }

    enum Problem: Error {
        case beyondEnd
        case system(String)
    }

    /// Reads a page into `page`, which has the size of one.
    mutating func read(_ number: PageNumber, into page: inout [UInt8]) throws(Problem) {
        guard number != .none, number <= lastPage else { throw .beyondEnd }
        readCount += 1
        let wanted = number.rawValue
        let isNext = wanted == lastAsked &+ 1
        lastAsked = wanted
        if wanted >= runFirst, wanted - runFirst < runCount {
            let start = Int(wanted - runFirst) * size.byteCount
            page.replaceSubrange(0..<size.byteCount, with: run[start..<(start + size.byteCount)])
            return
        }
        do {
            if isNext {
                runCount = 0
                let read = try source.read(at: size.fileOffset(of: number), into: &run, count: run.count)
                runFirst = wanted
                runCount = UInt32(read / size.byteCount)
                guard runCount > 0 else { throw Problem.beyondEnd }
                page.replaceSubrange(0..<size.byteCount, with: run[0..<size.byteCount])
            } else {
                let read = try source.read(at: size.fileOffset(of: number), into: &page, count: size.byteCount)
                guard read == size.byteCount else { throw Problem.beyondEnd }
            }
        } catch let problem as Problem {
            throw problem
        } catch {
            throw .system("\(error)")
        }
    }
}
