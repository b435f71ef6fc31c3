// What the tests of pages share: pages that own their memory, and the model they are compared with.

import ESEEngine
import ESEFormat
import Primitives
import Testing

/// A page with memory of its own.
final class TestPage {
    let page: Page
    let number: PageNumber
    let memory: UnsafeMutableRawBufferPointer

    init(_ size: PageSize, number: UInt32 = 7, flags: PageFlags = [.leaf, .newRecordFormat]) {
        memory = .allocate(byteCount: size.byteCount, alignment: 4_096)
        page = Page(memory.baseAddress!, size: size)
        self.number = PageNumber(number)
        page.initialize(number: self.number, objectID: ObjectID(9), flags: flags, databaseTime: DatabaseTime(1))
    }

    /// A copy of bytes, which may be anything.
    init(_ size: PageSize, number: PageNumber, bytes: [UInt8]) {
        memory = .allocate(byteCount: size.byteCount, alignment: 4_096)
        memory.copyBytes(from: bytes)
        page = Page(memory.baseAddress!, size: size)
        self.number = number
    }

    deinit { memory.deallocate() }

    var bytes: [UInt8] { [UInt8](memory) }
    var defect: PageDefect? { page.check(number: number) }

    func copy() -> TestPage { TestPage(page.size, number: number, bytes: bytes) }

    func insert(_ line: Int, _ node: ModelNode) {
        node.key.lend { key in
            node.data.lend { data in
                page.insert(at: line, key: BytePieces(key), data: BytePieces(data), flags: node.flags)
            }
        }
    }

    func fits(_ node: ModelNode) -> Bool {
        node.key.lend { page.fits(key: BytePieces($0), dataByteCount: node.data.count) }
    }

    var nodes: [ModelNode] { (0..<page.nodeCount).map { ModelNode(page.node($0)) } }
}

/// A node as plain values.
struct ModelNode: Equatable, CustomStringConvertible {
    var key: [UInt8]
    var data: [UInt8]
    var flags: NodeFlags = []

    init(_ key: [UInt8], _ data: [UInt8], _ flags: NodeFlags = []) {
        self.key = key
        self.data = data
        self.flags = flags
    }

    init(_ node: PageNode) {
        self.init(node.key.array(), node.data.array(), node.flags.subtracting(.compressed))
    }

    var description: String { "\(key):\(data.count) bytes, \(flags.rawValue)" }

    /// Key first, then data.
    static func < (a: ModelNode, b: ModelNode) -> Bool {
        a.key == b.key
            ? a.data.lexicographicallyPrecedes(b.data) : a.key.lexicographicallyPrecedes(b.key)
    }
}

extension [ModelNode] {
    /// Where a node is or would be.
    func place(of node: ModelNode) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < node { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// The sizes that the engine writes.
let writtenSizes: [PageSize] = [.kibibytes4, .kibibytes8, .kibibytes16, .kibibytes32]

extension SeededRandom {
    mutating func below(_ count: Int) -> Int { Int(next() % UInt64(max(1, count))) }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }

    /// A key that is the beginning of no other: few different bytes, a common start in most, and an end mark.
    mutating func key(_ start: [UInt8] = [0x7f, 0x80, 0, 0, 1]) -> [UInt8] {
        let head = oneIn(6) ? [] : Array(start.prefix(below(start.count + 1)))
        return head + (0..<(1 + below(12))).map { _ in UInt8(1 + below(4)) } + [0]
    }
}
