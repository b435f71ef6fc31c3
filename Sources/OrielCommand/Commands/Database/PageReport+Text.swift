// Layer: OrielCommand/Commands/Database. Uses: PageReport. Used by: the page sub-command.
// A page for people.

import ESEFormat
import ESEReader

extension PageReport {
    var lines: [String] {
        var lines = ["Page \(number) at byte \(offset) (\(DatabaseText.hex(offset))): \(summary)"]
        func add(_ name: String, _ text: String) {
            lines.append("  \(name)\(String(repeating: " ", count: max(0, 14 - name.count)))  \(text)")
        }
        if bytes.count < size.byteCount { add("length", "the file ends after \(bytes.count) bytes of the page") }
        if let verdict { add("checksum", text(of: verdict)) }
        guard case .uninitialized? = verdict else {
            if let header { addHeader(header, add) }
            if let layoutError { add("contents", "can't be read: \(layoutError)") }
            if let layout {
                add(layout.isRoot ? "tree header" : "prefix of keys", Self.hex(bytes[layout.externalHeader]))
                if layout.isRoot, let text = treeHeaderText(layout) { add("", text) }
                add("slack", slackText(layout))
            }
            for entry in entries { lines += [""] + self.lines(of: entry) }
            return lines
        }
        return lines
    }

    /// What the page is, in a few words.
    private var summary: String {
        if case .uninitialized? = verdict { return "never written (all zero)" }
        guard let header else { return "too short for a header" }
        if header.flags.contains(.empty) { return "free, was of object \(header.objectID)" }
        let level =
            header.flags.contains(.leaf) ? "leaf" : header.flags.contains(.parentOfLeaf) ? "parent of leaves" : "branch"
        let root = header.flags.contains(.root) ? "root and " : ""
        let extents = isSpaceTreePage ? "extents of " : ""
        return "\(root)\(level), \(extents)\(owner?.text ?? "no object of the catalog")"
    }

    private var isSpaceTreePage: Bool { header?.flags.contains(.spaceTree) ?? false }

    private func addHeader(_ header: PageHeader, _ add: (String, String) -> Void) {
        add("object", "\(header.objectID)")
        let flags = DatabaseNames.names(of: header.flags).joined(separator: ", ")
        add("flags", "\(DatabaseText.hex(header.flags.rawValue)): \(flags), flush type \(header.flushType)")
        add("database time", "\(header.databaseTime) (\(DatabaseText.hex(header.databaseTime.rawValue)))")
        let before = header.previous == .none ? "none" : "\(header.previous)"
        let after = header.next == .none ? "none" : "\(header.next)"
        add("siblings", "\(before) before, \(after) after")
        add("free", "\(header.freeByteCount) bytes, \(header.uncommittedFreeByteCount) of them kept for a rollback")
        add("used", "up to byte \(header.usedByteCount + size.headerByteCount)")
        add("tags", "\(header.tagCount), \(header.reservedTagCount) of them before the nodes")
        if let own = header.ownNumber, own != number { add("own number", "\(own)") }
    }

    /// The space of a tree, or the pages that a tree of extents keeps for itself.
    private func treeHeaderText(_ layout: PageLayout) -> String? {
        let page = bytes
        let header = page.span.bytes.extracting(layout.externalHeader)
        if isSpaceTreePage {
            guard let buffer = try? SplitBuffer(decoding: header) else { return nil }
            let extents = [buffer.first, buffer.second].compactMap { $0 }.map { "\($0.first) to \($0.last)" }
            return extents.isEmpty ? "no pages kept for splits" : "kept for splits: \(extents.joined(separator: ", "))"
        }
        guard let space = try? SpaceHeader(decoding: header) else { return nil }
        let parent = space.parent == .none ? "" : ", taken from the tree of page \(space.parent)"
        switch space.space {
        case .singleExtent:
            let free = space.availableExtents(root: number).map {
                $0.pageCount > 1 ? "\($0.first) to \($0.last)" : "\($0.last)"
            }
            return "\(DatabaseText.count(Int(space.pageCount), "page", "pages"))\(parent), free: "
                + (free.isEmpty ? "none" : free.joined(separator: ", "))
        case .multipleExtents(let owned):
            return
                "first extent of \(DatabaseText.count(Int(space.pageCount), "page", "pages"))\(parent), owned"
                + " extents in"
                + " page \(owned), free ones in page \(owned.rawValue &+ 1)"
        }
    }

    private func slackText(_ layout: PageLayout) -> String {
        let slack = bytes[slackRange(layout)]
        let used = slack.count { $0 != 0 }
        return "\(slack.count) bytes before the tags, "
            + (used == 0 ? "all zero" : "\(used) of them not zero: \(Self.hex(slack))")
    }

    /// What lies between the last node and the tags.
    func slackRange(_ layout: PageLayout) -> Range<Int> {
        let end = size.byteCount - 4 * layout.tagCount
        return min(layout.usedEnd, end)..<end
    }

    private func lines(of entry: Entry) -> [String] {
        switch entry {
        case .unreadable(let position, let error): return ["Node \(position): can't be read: \(error)"]
        case .node(let node):
            let flags = Self.names(of: node.flags)
            var lines = [
                "Node \(node.position): \(node.range.count) bytes at \(node.range.lowerBound)"
                    + (flags.isEmpty ? "" : ", \(flags.joined(separator: ", "))")
            ]
            let key = node.key.isEmpty ? "(none: after all others)" : Self.hex(node.key)
            let prefix = node.prefixByteCount > 0 ? " (\(node.prefixByteCount) bytes from the prefix)" : ""
            lines.append("  key   \(key)\(prefix)")
            if !node.parts.isEmpty { lines.append("        \(Self.text(of: node.parts))") }
            lines += self.lines(of: node.content)
            return lines
        }
    }

    private func lines(of content: Node.Content) -> [String] {
        switch content {
        case .child(let page): return ["  child page \(page)"]
        case .extent(let last, let count, let pool):
            let first = Int64(last.rawValue) - Int64(count) + 1
            return [
                "  extent of \(count) pages, \(first) to \(last)" + (pool.map { ", pool \($0)" } ?? "")
            ]
        case .record(let row): return recordLines(row)
        case .bookmark(let bytes, let parts):
            let lines = ["  to    \(Self.hex(bytes))"]
            return parts.isEmpty ? lines : lines + ["        \(Self.text(of: parts))"]
        case .longValue(let root):
            return [
                "  long value of \(root.byteCount) bytes, used \(root.referenceCount) times"
                    + (root.isEncrypted ? ", encrypted" : "")
            ]
        case .chunk(let count): return ["  chunk, \(count) bytes as stored"]
        case .bytes(let bytes): return ["  data  \(Self.hex(bytes))"]
        }
    }

    private func recordLines(_ row: ShownRow) -> [String] {
        let columns = owner?.table?.definition.columns ?? []
        let texts = zip(columns, row.cells.indices).compactMap { column, position in
            row.text(position, limit: 160).map { (DatabaseText.oneLine(column.name), $0) }
        }
        let width = min(40, texts.map { TableText.columns(of: $0.0) }.max() ?? 0)
        guard !texts.isEmpty else { return ["  record, all columns NULL"] }
        return texts.map { name, text in
            "  \(name)\(String(repeating: " ", count: max(0, width - TableText.columns(of: name))))  \(text)"
        }
    }

    static func names(of flags: NodeFlags) -> [String] {
        let known: [(NodeFlags, String)] = [
            (.versioned, "versioned"), (.deleted, "deleted"), (.compressed, "compressed"),
        ]
        return known.filter { flags.contains($0.0) }.map(\.1)
    }

    private static func text(of parts: [KeyPart]) -> String {
        parts.map { "\(DatabaseText.oneLine($0.name)) = \($0.text)" }.joined(separator: ", ")
    }

    private func text(of verdict: PageChecksumVerdict) -> String {
        if !repairedBits.isEmpty {
            let bits = repairedBits.map(String.init).joined(separator: ", ")
            return "wrong by single bits, which are put right here: \(bits)"
        }
        return switch verdict {
        case .valid: "right"
        case .uninitialized: "none"
        case .correctable(let bit): "wrong by one bit, number \(bit)"
        case .misplaced(let number): "that of page \(number), which was written here by mistake"
        case .invalid(let stored, let computed):
            "wrong: \(DatabaseText.hex(stored)) is stored, \(DatabaseText.hex(computed)) would be right"
        }
    }

    private static func hex(_ bytes: some Collection<UInt8>) -> String {
        guard !bytes.isEmpty else { return "(no bytes)" }
        guard bytes.count > 64 else { return DatabaseText.hex(bytes) }
        return DatabaseText.hex(bytes.prefix(64)) + "… (\(bytes.count) bytes)"
    }
}
