// Layer: ESEReader/Rows. Uses: Tree, Compression. Used by: RowCursor, verification.
// Long values that stand outside their record: the root node with the size, then chunk after chunk.

import ESEFormat

/// Why a long value can't be given.
enum LongValueProblem: Error {
    case page(TreeProblem)
    case missing
    case incomplete(expected: Int, found: Int)
    case tooLong(Int)
    case format(FormatError, PageNumber)
}

/// Reads the long values of a table.
final class LongValues {
    private let tree: Tree
    private let chunkByteCount: Int
    /// The leaf of the last look-up: the next value is often on the same.
    private var lastLeaf: PageFrame?

    init(_ tree: Tree, chunkByteCount: Int) {
        self.tree = tree
        // The catalog may say anything; without a size chunks would never come to an end.
        self.chunkByteCount = chunkByteCount > 0 ? chunkByteCount : tree.store.size.longValueChunkByteCount
    }

    /// Puts a value behind what `output` holds.
    /// - Parameter limit: a longer value throws `tooLong`.
    func read(_ id: LongValueID, into output: inout [UInt8], limit: Int) throws(LongValueProblem) {
        var leaf: PageFrame
        var index: Int
        (leaf, index) = try root(id)
        let base = output.count
        let root: LongValueRoot
        do {
            let node = try leaf.layout.node(index, in: leaf.bytes.span.bytes)
            root = try LongValueRoot(leaf.bytes.span.bytes.extracting(node.data))
        } catch {
            throw .format(error, leaf.number)
        }
        if root.isEncrypted { throw .format(FormatError(.encrypted, at: 0), leaf.number) }
        let total = Int(root.byteCount)
        guard total <= limit else { throw .tooLong(total) }
        while output.count - base < total {
            let offset = output.count - base
            (leaf, index) = try following(leaf, index, id: id, expected: total, found: offset)
            let page = leaf.bytes.span.bytes
            let isComplete: Bool
            do {
                let node = try leaf.layout.node(index, in: page)
                let key = id.chunkKey(at: UInt32(offset))
                guard !node.isDeleted, leaf.layout.compareKey(of: node, in: page, to: key.span.bytes) == 0
                else { throw LongValueProblem.incomplete(expected: total, found: offset) }
                let expected = min(chunkByteCount, total - offset)
                // There is no flag: what is shorter than it should be is compressed.
                if node.data.count == expected {
                    output.append(contentsOf: page, node.data)
                } else {
                    try Compression.expand(page.extracting(node.data), into: &output, limit: expected)
                }
                isComplete = output.count - base - offset == expected
            } catch let error as FormatError {
                throw .format(error, leaf.number)
            } catch let problem as LongValueProblem {
                throw problem
            } catch {
                throw .missing
            }
            guard isComplete else { throw .incomplete(expected: total, found: output.count - base) }
        }
    }

    /// The leaf and position of a value's root node.
    private func root(_ id: LongValueID) throws(LongValueProblem) -> (PageFrame, Int) {
        let key = id.keyBytes
        do {
            if let lastLeaf, let found = try tree.find(key.span.bytes, on: lastLeaf) { return (lastLeaf, found.index) }
            guard let found = try tree.find(key.span.bytes) else { throw LongValueProblem.missing }
            lastLeaf = found.frame
            return (found.frame, found.index)
        } catch let problem as TreeProblem {
            throw .page(problem)
        } catch {
            throw .missing
        }
    }

    /// The node behind another, on the next leaf if need be. Deleted ones in between are of older values.
    private func following(
        _ leaf: PageFrame, _ index: Int, id: LongValueID, expected: Int, found: Int
    ) throws(LongValueProblem) -> (PageFrame, Int) {
        if index + 1 < leaf.layout.nodeCount { return (leaf, index + 1) }
        guard leaf.next != .none else { throw .incomplete(expected: expected, found: found) }
        do {
            // Progress is sure: every chunk must start where the last one ended.
            let next = try tree.page(leaf.next)
            guard next.layout.isLeaf, next.layout.nodeCount > 0 else { throw PageProblem.wrongKind }
            lastLeaf = next
            return (next, 0)
        } catch let problem as PageProblem {
            throw .page(TreeProblem(page: leaf.next, problem: problem))
        } catch {
            throw .missing
        }
    }
}
