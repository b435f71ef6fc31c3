// Layer: ESEEngine/1-Page. Uses: Page. Used by: SplitPlan, SplitRecord+Apply.
// The nodes of a page as they are after the operation that makes it split: what both the choice of a split and its
// execution walk over.
//
// Unsafe: memory that is lent for the time of a call, of the size of a page or of two page numbers.

public import ESEFormat

/// What is done to a node while its page is split.
public enum SplitOperation {
    /// Nothing.
    case none
    /// A node is inserted.
    case insert(key: BytePieces, data: BytePieces, flags: NodeFlags)
    /// A node's data is replaced; flags of the node are added to those it has.
    case replace(data: BytePieces, flags: NodeFlags)
    /// A deleted node comes back with other data; flags are added to those it has.
    case flagInsertAndReplace(data: BytePieces, flags: NodeFlags)
    /// On a branch: `left` was split, keys from `separator` on are in `right` now.
    case child(separator: BytePieces, left: PageNumber, right: PageNumber)

    /// What a record says of it.
    public var recorded: SplitRecord.Operation {
        switch self {
        case .none: .none
        case .insert, .child: .insert
        case .replace: .replace
        case .flagInsertAndReplace: .flagInsertAndReplace
        }
    }
}

/// A node's parts, wherever they lie.
struct SplitLine {
    let key: BytePieces
    let data: BytePieces
    let flags: NodeFlags

    /// Bytes with the whole key, without the tag.
    var byteCount: Int { 2 &+ key.byteCount &+ data.byteCount }
}

/// The nodes of `page` with an operation at a line. Lines count what comes of it.
struct SplitLines {
    let page: Page
    let operation: SplitOperation
    let operationLine: Int
    /// The numbers of the two children of a branch's operation, as nodes have them.
    let left: BytePieces
    let right: BytePieces

    /// Calls `body` with the lines of a page; they borrow the page and what the operation lends.
    static func with<Result>(
        _ page: Page, _ operation: SplitOperation, at line: Int,
        _ body: (SplitLines) throws(JetError) -> Result
    ) throws(JetError) -> Result {
        var numbers: (UInt32, UInt32) = (0, 0)
        if case .child(_, let left, let right) = operation {
            numbers = (left.rawValue.littleEndian, right.rawValue.littleEndian)
        }
        return try Swift.withUnsafeBytes(of: &numbers) { (bytes) throws(JetError) in
            let both = Bytes(UnsafeRawBufferPointer(bytes))
            return try body(
                SplitLines(
                    page: page, operation: operation, operationLine: line, left: BytePieces(both.prefix(4)),
                    right: BytePieces(both.dropFirst(4))))
        }
    }

    /// Whether the operation adds a line.
    var inserts: Bool { operation.recorded == .insert }

    /// How many lines there are.
    var count: Int { page.nodeCount &+ (inserts ? 1 : 0) }

    /// The line of the page that a line comes from; nil for an inserted one.
    func sourceLine(_ line: Int) -> Int? {
        guard inserts else { return line }
        return line == operationLine ? nil : (line < operationLine ? line : line &- 1)
    }

    /// A line's node.
    subscript(line: Int) -> SplitLine {
        let source = sourceLine(line)
        if line == operationLine {
            switch operation {
            case .none: break
            case .insert(let key, let data, let flags): return SplitLine(key: key, data: data, flags: flags)
            case .child(let separator, _, _): return SplitLine(key: separator, data: left, flags: [])
            case .replace(let data, let flags):
                let old = page.node(line)
                return SplitLine(key: old.key, data: data, flags: old.flags.union(flags))
            case .flagInsertAndReplace(let data, let flags):
                let old = page.node(line)
                return SplitLine(key: old.key, data: data, flags: old.flags.subtracting(.deleted).union(flags))
            }
        }
        let node = page.node(source ?? line)
        if case .child = operation, line == operationLine &+ 1 {
            return SplitLine(key: node.key, data: right, flags: node.flags)
        }
        return SplitLine(key: node.key, data: BytePieces(node.data), flags: node.flags)
    }

    /// Whether the operation fits these nodes: there is such a line, and a branch's pointer is the one that was split.
    var isConsistent: Bool {
        switch operation {
        case .none: return true
        case .insert(let key, _, _):
            return page.isLeaf && operationLine >= 0 && operationLine <= page.nodeCount && !key.isEmpty
        case .replace, .flagInsertAndReplace:
            return page.isLeaf && operationLine >= 0 && operationLine < page.nodeCount
        case .child(let separator, let left, _):
            return !page.isLeaf && operationLine >= 0 && operationLine < page.nodeCount && !separator.isEmpty
                && page.child(operationLine) == left
        }
    }

    /// Bytes that some lines take with a prefix, their tags included but not the prefix.
    func byteCount(_ lines: Range<Int>, prefix: BytePieces) -> Int {
        var total = 0
        for line in lines {
            let node = self[line]
            let common = prefix.isEmpty ? 0 : prefix.commonByteCount(with: node.key)
            total &+= node.byteCount &+ 4 &- (common > Page.prefixOverhead ? common &- Page.prefixOverhead : 0)
        }
        return total
    }

    /// Appends lines to a page.
    func append(_ lines: Range<Int>, to target: Page) {
        for line in lines {
            let node = self[line]
            target.insert(at: target.nodeCount, key: node.key, data: node.data, flags: node.flags)
        }
    }
}

extension Page {
    /// Takes all nodes off the page, and on pages other than roots the prefix too.
    func removeAll(keepingExternalHeader isKept: Bool) {
        if isKept {
            tagCount = 1
            let header = tagBytes(0)
            if header.isEmpty {
                usedByteCount = 0
            } else {
                // Moves the header to the front, where nothing else is now.
                body.copyMemory(from: header.start, byteCount: header.byteCount)
                setTag(0, offset: 0, count: header.byteCount, flags: 0)
                usedByteCount = header.byteCount
            }
        } else {
            tagCount = 1
            setTag(0, offset: 0, count: 0, flags: 0)
            usedByteCount = 0
        }
        freeByteCount = byteCount &- headerByteCount &- 4 &- usedByteCount
        uncommittedFreeByteCount = 0
    }

    /// Calls `body` with a copy of the page that lives as long as the call.
    func withCopy<Result>(_ body: (Page) throws(JetError) -> Result) throws(JetError) -> Result {
        // `withUnsafeTemporaryAllocation` can't throw typed errors.
        var outcome: Swift.Result<Result, JetError>?
        withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 8) { memory in
            let copy = memory.baseAddress.unsafelyUnwrapped
            copy.copyMemory(from: base, byteCount: byteCount)
            do throws(JetError) {
                outcome = .success(try body(Page(copy, size: size)))
            } catch {
                outcome = .failure(error)
            }
        }
        guard let outcome else { preconditionFailure("the body was called") }
        return try outcome.get()
    }
}
