// Layer: ESEVerify. Uses: LongValue, Compression, RecordCheck. Used by: Checker.
// Long values: each root has all its chunks, which have the right sizes, and as many references as it says.

import ESEFormat
import ESEReader

/// Checks the tree of a table's long values, leaf by leaf.
final class LongValueCheck {
    private let checker: Checker
    private let tree: TreeSpec
    private let chunkByteCount: Int
    private var scratch: [UInt8] = []
    private var current: Value?
    /// A value whose chunks are not looked at, as its root can't be read or nobody has it.
    private var skipped: LongValueID?
    /// What the roots say of references.
    private(set) var references = ReferenceSum()
    /// How many values there are.
    private(set) var count = 0

    private struct Value {
        let id: LongValueID
        let root: LongValueRoot
        let page: PageNumber
        let node: Int
        var end = 0
    }

    init(_ table: TableDefinition, _ tree: TreeSpec, _ checker: Checker) {
        self.checker = checker
        self.tree = tree
        chunkByteCount = table.longValueChunkByteCount ?? checker.size.longValueChunkByteCount
    }

    func visit(_ number: PageNumber, _ page: RawSpan, _ layout: PageLayout) {
        for index in 0..<layout.nodeCount {
            guard let node = try? layout.node(index, in: page) else { continue }
            if node.isDeleted {
                checker.counts.deletedNodes += 1
                continue
            }
            do {
                let key = try LongValueKey(layout.key(of: node, in: page).span.bytes)
                if let offset = key.offset {
                    checkChunk(key.id, Int(offset), page, node, number, index)
                } else {
                    finish()
                    skipped = key.id
                    let root = try LongValueRoot(page.extracting(node.data))
                    count += 1
                    references.add(RecordCheck.hash(of: key.id), times: UInt64(root.referenceCount))
                    if root.referenceCount == 0 {
                        checker.add(
                            .longValueOrphan, tree, page: number, node: index, "long value \(key.id) has no references")
                    } else {
                        current = Value(id: key.id, root: root, page: number, node: index)
                    }
                }
            } catch {
                checker.add(.longValueMalformed, tree, page: number, node: index, "\(error)")
            }
        }
    }

    private func checkChunk(
        _ id: LongValueID, _ offset: Int, _ page: RawSpan, _ node: Node, _ number: PageNumber, _ index: Int
    ) {
        guard let value = current, value.id == id else {
            if skipped != id {
                checker.add(
                    .longValueHeadless, tree, page: number, node: index,
                    "a chunk of long value \(id), which has no root")
                skipped = id
            }
            return
        }
        let total = Int(value.root.byteCount)
        if offset != value.end {
            checker.add(
                .longValueChunk, tree, page: number, node: index, "long value \(id): a chunk at byte \(offset)",
                expected: "at byte \(value.end)")
        }
        guard offset < total else {
            if offset == value.end {
                checker.add(
                    .longValueSize, tree, page: number, node: index, "long value \(id): a chunk at byte \(offset)",
                    expected: "\(total) bytes in all")
            }
            return
        }
        let expected = min(chunkByteCount, total - offset)
        current?.end = offset + expected
        if node.data.count > expected {
            checker.add(
                .longValueSize, tree, page: number, node: index,
                "long value \(id): \(node.data.count) bytes at byte \(offset)", expected: "\(expected)")
        } else if node.data.count < expected, !value.root.isEncrypted {
            expand(id, offset, page.extracting(node.data), expected, number, index)
        }
    }

    private func expand(
        _ id: LongValueID, _ offset: Int, _ bytes: RawSpan, _ expected: Int, _ number: PageNumber, _ index: Int
    ) {
        scratch.removeAll(keepingCapacity: true)
        do {
            try Compression.expand(bytes, into: &scratch, limit: expected)
            if scratch.count != expected {
                checker.add(
                    .longValueCompression, tree, page: number, node: index,
                    "long value \(id): \(scratch.count) bytes at byte \(offset)", expected: "\(expected)")
            }
        } catch {
            checker.add(
                error.code == .unsupportedCompression ? .compressionUnknown : .longValueCompression, tree, page: number,
                node: index, "long value \(id): \(bytes.byteCount) bytes at byte \(offset): \(error)",
                expected: "\(expected) bytes")
        }
    }

    /// The value before is at its end.
    func finish() {
        defer { current = nil }
        guard let value = current, value.end < Int(value.root.byteCount) else { return }
        checker.add(
            .longValueSize, tree, page: value.page, node: value.node, "long value \(value.id): \(value.end) bytes",
            expected: "\(value.root.byteCount), as its root says")
    }
}

extension Checker {
    /// Finds out which long values have more or fewer references than their roots say, after the sums said that some
    /// have. Values are compared in as many parts as `compareLimit` asks for; each part reads the records again.
    func compareReferences(_ table: Int, referenceCount: UInt64) {
        let definition = tables[table]
        var records = TreeSpec(
            kind: .records, root: definition.rootPage, objectID: definition.objectID, table: definition.name)
        records.isQuiet = true
        let partCount = UInt64(1) + referenceCount / UInt64(max(1, options.compareLimit))
        struct Place {
            var count: UInt32
            var page: PageNumber
            var node: Int
            var column: String
        }
        for part in 0..<partCount {
            var found: [LongValueID: Place] = [:]
            let check = RecordCheck(definition, records, self) { id, page, node, column in
                guard RecordCheck.hash(of: id).low % partCount == part else { return }
                found[id, default: Place(count: 0, page: page, node: node, column: column)].count &+= 1
            }
            TreeWalk(records, self) { number, page, layout in check.visit(number, page, layout) }.run()
            if let root = definition.longValueRootPage, let object = definition.longValueObjectID {
                var values = TreeSpec(kind: .longValues, root: root, objectID: object, table: definition.name)
                values.isQuiet = true
                TreeWalk(values, self) { number, page, layout in
                    for index in 0..<layout.nodeCount {
                        guard let node = try? layout.node(index, in: page), !node.isDeleted,
                            let key = try? LongValueKey(layout.key(of: node, in: page).span.bytes), key.offset == nil,
                            RecordCheck.hash(of: key.id).low % partCount == part
                        else { continue }
                        let count = found.removeValue(forKey: key.id)?.count ?? 0
                        guard let root = try? LongValueRoot(page.extracting(node.data)), root.referenceCount != count
                        else { continue }
                        self.add(
                            Finding(
                                count == 0 ? .longValueOrphan : .longValueReferences, page: number, node: index,
                                tree: object, table: definition.name,
                                found: "long value \(key.id) says \(root.referenceCount) references",
                                expected: "\(count), as records have"))
                    }
                }.run()
            }
            for (id, place) in found.sorted(by: { ($0.value.page, $0.value.node) < ($1.value.page, $1.value.node) }) {
                add(
                    Finding(
                        .longValueMissing, page: place.page, node: place.node, tree: definition.objectID,
                        table: definition.name, column: place.column, found: "no long value \(id)",
                        expected: "one in the tree of long values"))
            }
            if isStopped { return }
        }
    }
}
