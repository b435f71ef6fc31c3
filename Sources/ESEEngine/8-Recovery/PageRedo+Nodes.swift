// Layer: ESEEngine/8-Recovery. Uses: PageRedo. Used by: PageRedo.
// Changes of one node, and what of them is kept for undoing.

import ESEFormat

extension PageRedo {
    /// The flag of a node that a versioned change leaves.
    static func versionFlags(_ page: LoggedPage) -> NodeFlags { page.flags.contains(.versioned) ? .versioned : [] }

    /// The flags of a node that is inserted.
    static func nodeFlags(_ page: LoggedPage) -> NodeFlags {
        page.flags.contains(.deleted) ? versionFlags(page).union(.deleted) : versionFlags(page)
    }

    /// Redoes one record; splits and merges are macros.
    func applyOne(_ item: RedoRecord) throws(RedoError) {
        let bytes = item.bytes
        switch item.record {
        case .insert(let record):
            let page = try existing(record.node.page)
            try noteVersion(item, on: page, line: Int(record.node.page.line))
            if let page { try insert(record, bytes, page) }
        case .flagInsert(let record):
            let page = try existing(record.node.page)
            try noteVersion(item, on: page, line: Int(record.node.page.line))
            if let page {
                let line = try line(record.node, page)
                page.setNodeFlags(at: line, keptFlags(page, line, record.node).subtracting(.deleted))
                page.databaseTime = record.node.page.databaseTime
            }
        case .flagInsertAndReplace(let record):
            let page = try existing(record.node.page)
            try noteVersion(item, on: page, line: Int(record.node.page.line))
            if let page {
                let line = try line(record.node, page)
                try replace(page, line, bytes.part(record.data), record.node)
                page.setNodeFlags(at: line, keptFlags(page, line, record.node).subtracting(.deleted))
            }
        case .flagDelete(let record):
            let page = try existing(record.node.page)
            try noteVersion(item, on: page, line: Int(record.node.page.line))
            if let page {
                let line = try line(record.node, page)
                page.setNodeFlags(at: line, keptFlags(page, line, record.node).union(.deleted))
                page.databaseTime = record.node.page.databaseTime
            }
        case .replace(let record):
            let page = try existing(record.node.page)
            try noteVersion(item, on: page, line: Int(record.node.page.line))
            if let page {
                let line = try line(record.node, page)
                var failure: RedoError?
                try withNewData(record, bytes, page, line) { (data) throws(JetError) in
                    do throws(RedoError) { try replace(page, line, data, record.node) } catch { failure = error }
                }
                if let failure { throw failure }
                page.setNodeFlags(at: line, keptFlags(page, line, record.node))
            }
        case .delete(let record):
            if let page = try existing(record.node.page) {
                let line = try line(record.node, page)
                guard page.isLeaf || page.nodeCount > 1 else { throw corrupt(record.node.page.page) }
                page.delete(at: line)
                page.databaseTime = record.node.page.databaseTime
            }
        case .delta(let record):
            let page = try existing(record.node.page)
            try noteVersion(item, on: page, line: Int(record.node.page.line))
            if let page {
                let line = try line(record.node, page)
                try add(record.delta, at: Int(record.byteOffset), isWide: record.isWide, page, line, record.node)
                page.setNodeFlags(at: line, keptFlags(page, line, record.node))
            }
        case .setExternalHeader(let record):
            if let page = try existing(record.node.page) {
                let header = BytePieces(bytes.part(record.data))
                guard header.byteCount <= page.tagMask, page.canSetExternalHeader(header) else {
                    throw corrupt(record.node.page.page)
                }
                page.setExternalHeader(header)
                page.databaseTime = record.node.page.databaseTime
            }
        case .undoInfo(let record): transactions.complete(record, bytes)
        case .undo(let record): try undo(record, bytes)
        default: try applyToPages(item)
        }
    }

    // MARK: Parts.

    private func line(_ node: LoggedNode, _ page: Page) throws(RedoError) -> Int {
        guard Int(node.page.line) < page.nodeCount else { throw corrupt(node.page.page) }
        return Int(node.page.line)
    }

    private func keptFlags(_ page: Page, _ line: Int, _ node: LoggedNode) -> NodeFlags {
        page.nodeFlags(line).union(Self.versionFlags(node.page))
    }

    private func insert(_ record: InsertRecord, _ bytes: Bytes, _ page: Page) throws(RedoError) {
        let (key, data) = (BytePieces(bytes.part(record.key)), BytePieces(bytes.part(record.data)))
        let line = Int(record.node.page.line)
        guard line <= page.nodeCount, page.nodeCount < 0x0ffe, key.byteCount <= 0x1fff, !data.isEmpty,
            page.isLeaf ? !key.isEmpty : data.byteCount == 4,
            page.insertByteCount(key: key, dataByteCount: data.byteCount) <= page.freeByteCount,
            line == 0 || Self.order(page, line - 1, key, data) < 0,
            line == page.nodeCount || !page.isLeaf || Self.order(page, line, key, data) > 0
        else { throw corrupt(record.node.page.page) }
        page.insert(at: line, key: key, data: data, flags: Self.nodeFlags(record.node.page))
        page.databaseTime = record.node.page.databaseTime
    }

    private static func order(_ page: Page, _ line: Int, _ key: BytePieces, _ data: BytePieces) -> Int {
        page.isNonUnique && page.isLeaf ? page.compare(line, toKey: key, data: data) : page.compareKey(line, to: key)
    }

    private func replace(_ page: Page, _ line: Int, _ data: Bytes, _ node: LoggedNode) throws(RedoError) {
        let old = page.node(line).data.byteCount
        guard !data.isEmpty, page.isLeaf || data.byteCount == old,
            data.byteCount - old <= page.freeByteCount,
            page.storedByteCount(line) - old + data.byteCount <= page.tagMask
        else { throw corrupt(node.page.page) }
        page.replaceData(at: line, with: BytePieces(data))
        page.databaseTime = node.page.databaseTime
    }

    /// Lends the new data of a node.
    func withNewData(
        _ record: ReplaceRecord, _ bytes: Bytes, _ page: Page, _ line: Int,
        _ body: (Bytes) throws(JetError) -> Void
    ) throws(RedoError) {
        let number = record.node.page.page
        guard line >= 0, line < page.nodeCount, record.newDataByteCount > 0 else { throw corrupt(number) }
        let old = page.node(line).data
        guard old.byteCount == Int(record.oldDataByteCount), Int(record.newDataByteCount) <= page.byteCount else {
            throw corrupt(number)
        }
        let payload = bytes.part(record.data)
        guard record.isDifference else {
            guard payload.byteCount == Int(record.newDataByteCount) else { throw corrupt(number) }
            return try during(number) { () throws(JetError) in try body(payload) }
        }
        var data = [UInt8](repeating: 0, count: Int(record.newDataByteCount))
        try during(number) { () throws(JetError) in
            var failure: JetError?
            var count = 0
            data.withUnsafeMutableBytes { target in
                do throws(JetError) {
                    count = try DataDifference.apply(
                        payload, to: old, isLarge: record.hasWideDifference, into: target)
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
            guard count == data.count else { throw .logFileCorrupt }
            try data.lend { (new) throws(JetError) in try body(new) }
        }
    }

    private func add(
        _ delta: Int64, at offset: Int, isWide: Bool, _ page: Page, _ line: Int, _ node: LoggedNode
    ) throws(RedoError) {
        let data = page.node(line).data
        guard page.isLeaf, offset + (isWide ? 8 : 4) <= data.byteCount else { throw corrupt(node.page.page) }
        if isWide {
            let old = Int64(littleEndian: data.start.loadUnaligned(fromByteOffset: offset, as: Int64.self))
            withUnsafeBytes(of: (old &+ delta).littleEndian) {
                page.overwriteData(at: line, from: offset, with: Bytes($0))
            }
        } else {
            let old = Int32(littleEndian: data.start.loadUnaligned(fromByteOffset: offset, as: Int32.self))
            withUnsafeBytes(of: (old &+ Int32(truncatingIfNeeded: delta)).littleEndian) {
                page.overwriteData(at: line, from: offset, with: Bytes($0))
            }
        }
        page.databaseTime = node.page.databaseTime
    }

    /// Takes a change back that the log says was taken back.
    private func undo(_ record: UndoRecord, _ bytes: Bytes) throws(RedoError) {
        let operation = transactions.takeBack(record, bytes)
        guard let page = try existing(record.node.page) else { return }
        let line = try line(record.node, page)
        let number = record.node.page.page
        switch RedoneOperation.Kind(rawValue: record.operation) {
        case .insert:
            page.setNodeFlags(at: line, page.nodeFlags(line).union(.deleted))
            page.databaseTime = record.node.page.databaseTime
        case .flagDelete:
            page.setNodeFlags(at: line, page.nodeFlags(line).subtracting(.deleted))
            page.databaseTime = record.node.page.databaseTime
        case .replace:
            var known = operation?.before
            if known == nil, let findBefore = transactions.findBefore { known = try findBefore(record) }
            guard let before = known else { throw corrupt(number) }
            var failure: RedoError?
            before.lend { data in
                do throws(RedoError) { try replace(page, line, data, record.node) } catch { failure = error }
            }
            if let failure { throw failure }
        case .delta, .delta64:
            guard let operation else { throw corrupt(number) }
            try add(
                0 &- operation.delta, at: operation.byteOffset, isWide: operation.kind == .delta64, page, line,
                record.node)
        case nil: throw corrupt(number)
        }
    }

    /// Keeps what undoing a versioned change takes, whether or not the page needs it. What only the page knows is
    /// taken from it; if it has the change already, a record UndoInfo tells.
    func noteVersion(_ item: RedoRecord, on page: Page?, line: Int) throws(RedoError) {
        guard let node = item.record.node, node.page.flags.contains(.versioned), node.page.level > 0 else { return }
        let isUnique = node.page.flags.contains(.unique)
        let bytes = item.bytes
        func note(
            _ kind: RedoneOperation.Kind, _ revision: UInt32, key: [UInt8]?, data: [UInt8], before: [UInt8]? = nil,
            delta: Int64 = 0, byteOffset: Int = 0
        ) {
            transactions.append(
                RedoneOperation(
                    kind: kind, position: item.position, node: node, level: node.page.level, revision: revision,
                    key: key, data: isUnique ? [] : data, before: before, delta: delta, byteOffset: byteOffset))
        }
        switch item.record {
        case .insert(let record):
            note(.insert, node.revision, key: bytes.array(record.key), data: bytes.array(record.data))
        case .flagInsert(let record):
            note(.insert, node.revision, key: bytes.array(record.key), data: bytes.array(record.data))
        case .flagInsertAndReplace(let record):
            let key = bytes.array(record.key)
            note(.insert, node.revision, key: key, data: bytes.array(record.data))
            let old = page.flatMap { line < $0.nodeCount ? $0.node(line).data.array() : nil }
            note(.replace, record.replaceRevision, key: key, data: bytes.array(record.data), before: old)
        case .delta(let record):
            note(
                record.isWide ? .delta64 : .delta, node.revision, key: bytes.array(record.key),
                data: bytes.array(record.data), delta: record.delta, byteOffset: Int(record.byteOffset))
        case .replace, .flagDelete:
            var (key, data): ([UInt8]?, [UInt8]) = (nil, [])
            if let page {
                guard line >= 0, line < page.nodeCount else { throw corrupt(node.page.page) }
                key = page.node(line).key.array()
                data = page.node(line).data.array()
            }
            if case .replace = item.record {
                note(.replace, node.revision, key: key, data: [], before: page == nil ? nil : data)
            } else {
                note(.flagDelete, node.revision, key: key, data: data)
            }
        default: break
        }
    }
}
