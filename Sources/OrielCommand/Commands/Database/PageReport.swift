// Layer: OrielCommand/Commands/Database. Uses: PageOwner, ESEFormat. Used by: the page sub-command.
// A page taken apart: header, checksum, tag 0, nodes, slack. What can't be read is said where it stands.

import ESEFormat
import ESEReader

/// What a page holds.
struct PageReport {
    /// A node and what it means.
    struct Node {
        /// What the data of a node is.
        enum Content {
            case child(PageNumber)
            case extent(last: PageNumber, pageCount: Int32, pool: UInt8?)
            case record(ShownRow)
            case bookmark([UInt8], [KeyPart])
            case longValue(LongValueRoot)
            case chunk(byteCount: Int)
            case bytes([UInt8])
        }

        let position: Int
        let range: Range<Int>
        let flags: NodeFlags
        let prefixByteCount: Int
        let key: [UInt8]
        let parts: [KeyPart]
        let dataByteCount: Int
        let content: Content
    }

    /// A tag that can't be followed has only its error.
    enum Entry {
        case node(Node)
        case unreadable(position: Int, FormatError)
    }

    let number: PageNumber
    let offset: UInt64
    let size: PageSize
    let bytes: [UInt8]
    let verdict: PageChecksumVerdict?
    /// The wrong bits that the checksum told, which are right in `bytes`.
    let repairedBits: [Int]
    let header: PageHeader?
    let owner: PageOwner?
    private(set) var layout: PageLayout?
    private(set) var layoutError: FormatError?
    private(set) var entries: [Entry] = []

    init(_ database: ESEDatabase, _ number: PageNumber, _ raw: [UInt8]) {
        self.number = number
        size = database.pageSize
        offset = size.fileOffset(of: number)
        var bytes = raw
        var repairedBits: [Int] = []
        var verdict: PageChecksumVerdict?
        if bytes.count == size.byteCount {
            let lastPage = database.lastPage
            verdict = PageChecksum.verify(bytes.span.bytes, number: number, size: size, lastPage: lastPage)
            switch verdict {
            case .correctable, .invalid:
                repairedBits = PageChecksum.repair(&bytes, number: number, size: size, lastPage: lastPage) ?? []
            default: break
            }
        }
        self.repairedBits = repairedBits
        self.verdict = verdict
        self.bytes = bytes
        header = try? PageHeader(bytes.span.bytes, size: size)
        owner = header.map { PageOwner($0.objectID, in: database) }
        if case .uninitialized? = verdict { return }
        do throws(FormatError) {
            let layout = try PageLayout(bytes.span.bytes, size: size)
            self.layout = layout
            readNodes(layout)
        } catch {
            layoutError = error
        }
    }

    /// Whether something on the page could not be read, or is not what its checksum says.
    var isDamaged: Bool {
        switch verdict {
        case .valid, .uninitialized, .correctable: break
        case .invalid: if repairedBits.isEmpty { return true }
        case nil, .misplaced: return true
        }
        return layoutError != nil || entries.contains { if case .unreadable = $0 { true } else { false } }
    }

    private var isSpaceTree: Bool { header?.flags.contains(.spaceTree) ?? false }

    // MARK: Nodes

    private mutating func readNodes(_ layout: PageLayout) {
        // What is free holds what it held before.
        guard !layout.flags.contains(.empty) else { return }
        var rows: [Int: ShownRow] = [:]
        if layout.isLeaf, !isSpaceTree, let owner, case .records = owner.kind, let table = owner.table,
            let cursor = try? table.rows(onPage: bytes, number: number)
        {
            let columns = Array(cursor.columns.indices)
            while cursor.next() { rows[cursor.position] = ShownRow(cursor, columns) }
        }
        let page = bytes
        for position in 0..<layout.nodeCount {
            do throws(FormatError) {
                let node = try layout.node(position, in: page.span.bytes)
                let tag = try layout.tag(position + layout.reservedTagCount, in: page.span.bytes)
                let key = layout.key(of: node, in: page.span.bytes)
                entries.append(
                    .node(
                        Node(
                            position: position, range: tag.range, flags: tag.flags,
                            prefixByteCount: node.prefixByteCount, key: key,
                            parts: isSpaceTree ? [] : owner?.parts(ofKey: key) ?? [], dataByteCount: node.data.count,
                            content: try content(layout, position, key, Array(page[node.data]), rows[position]))))
            } catch {
                entries.append(.unreadable(position: position, error))
            }
        }
    }

    private func content(
        _ layout: PageLayout, _ position: Int, _ key: [UInt8], _ data: [UInt8], _ row: ShownRow?
    ) throws(FormatError) -> Node.Content {
        let page = bytes
        guard layout.isLeaf else { return .child(try layout.child(position, in: page.span.bytes)) }
        if isSpaceTree {
            guard data.count == 4, key.count == 4 || key.count == 5 else { return .bytes(data) }
            let last: UInt32 = try key.span.bytes.big(key.count - 4)
            return .extent(
                last: PageNumber(last), pageCount: try data.span.bytes.little(0),
                pool: key.count == 5 ? key[0] & 0x7f : nil)
        }
        switch owner?.kind {
        case .records: return row.map { .record($0) } ?? .bytes(data)
        case .entries: return .bookmark(data, owner?.primaryParts(ofKey: data) ?? [])
        case .longValues:
            guard let key = try? LongValueKey(key.span.bytes) else { return .bytes(data) }
            if key.offset != nil { return .chunk(byteCount: data.count) }
            return (try? LongValueRoot(data.span.bytes)).map { .longValue($0) } ?? .bytes(data)
        case .database, .unknown, nil: return .bytes(data)
        }
    }
}
