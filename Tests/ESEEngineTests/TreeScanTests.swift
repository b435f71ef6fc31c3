// Scans of leaves that are not in memory read many of them by one call, in both directions, and a scan does not drive
// out what others use.

import ESEFormat
import ESETestKit
import PlatformIO
import Primitives
import Testing

@testable import ESEEngine

/// A file that counts reads.
private final class CountingFile: StorageFile, @unchecked Sendable {
    private let file: any StorageFile
    private let calls = Locked(0)
    let path = "counting"

    init(_ file: any StorageFile) { self.file = file }

    var readCount: Int { calls.withLock { $0 } }
    func byteCount() throws(StorageError) -> UInt64 { try file.byteCount() }
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(StorageError) -> Int {
        calls.withLock { $0 += 1 }
        return try file.read(into: buffer, at: offset)
    }
    func write(_ buffer: UnsafeRawBufferPointer, at offset: UInt64) throws(StorageError) {
        try file.write(buffer, at: offset)
    }
    func setByteCount(_ count: UInt64) throws(StorageError) { try file.setByteCount(count) }
    func sync() throws(StorageError) { try file.sync() }
    func close() {}
}

@Suite struct TreeScanTests {
    private static func key(_ number: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt64(number).bigEndian) { [UInt8]($0) }
    }

    @Test(arguments: [false, true], [40, 512]) func coldScansReadManyPagesAtOnce(forward: Bool, frames: Int) throws {
        let fixture = try TreeFixture(cachePages: 512)
        let tree = try fixture.makeTree(pageCount: 300, withExtents: true)
        let worker = fixture.makeWorker()
        let cursor = TreeCursor(tree, worker)
        let count = 6_000
        try worker.begin(fixture.versions)
        for number in 0..<count { try cursor.insert(Self.key(number), [UInt8](repeating: 1, count: 100)) }
        _ = try worker.commit(fixture.versions, fixture.log)
        fixture.clean()
        let pageCount = try fixture.pages(tree.root).count
        try fixture.database.buffers.flush(fixture.database.slot)

        // The same pages, through an empty buffer manager.
        let file = CountingFile(fixture.file.file)
        let size = fixture.database.pageSize
        let buffers = BufferManager(
            pageSize: size, byteLimit: frames * size.byteCount, reporter: fixture.reporter, clock: fixture.clock,
            check: { bytes, number in
                Page.check(UnsafeMutableRawBufferPointer(mutating: bytes), number: number, size: size) == nil
            })
        let slot = try buffers.attach(file, gate: fixture.file)
        let database = Database(
            slot: slot, pageSize: size, buffers: buffers, log: nil, versions: fixture.versions, file: file,
            lastPage: PageNumber(fixture.database.lastPage), lastTime: fixture.database.lastTime,
            lastObject: fixture.database.lastObjectID)
        let again = Tree(
            database: database, root: tree.root, objectID: tree.objectID, pageFlags: tree.pageFlags, parent: nil,
            greatestKeyByteCount: 255)
        let scan = TreeCursor(again, worker)
        try worker.begin(fixture.versions, readOnly: true)
        let found: [[UInt8]] = try scan.all(forward: forward).map(\.key)
        _ = try worker.commit(fixture.versions, fixture.log)
        let expected = (0..<count).map { Self.key($0) }
        #expect(found == (forward ? expected : expected.reversed()))
        #expect(buffers.statistics.readCount == UInt64(pageCount), "each page is read once")
        #expect(file.readCount * 3 < pageCount, "\(file.readCount) calls for \(pageCount) pages")
    }
}
