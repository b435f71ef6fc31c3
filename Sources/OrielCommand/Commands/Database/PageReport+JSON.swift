// Layer: OrielCommand/Commands/Database. Uses: PageReport. Used by: the page sub-command.
// A page as one JSON object.

import ESEFormat
import ESEReader
import JSON

extension PageReport {
    func json(withBytes: Bool) -> JSONObject {
        var object = JSONObject()
        object.add("page", Int(number.rawValue))
        object.add("offset", .unsigned(offset))
        addVerdict(to: &object)
        if let header { addHeader(header, to: &object) }
        if let owner { object.add("owner", .object(owner.json)) }
        object.add("error", layoutError?.description)
        if let layout {
            let name = layout.isRoot ? "treeHeader" : "prefix"
            object.add(name, DatabaseText.hex(bytes[layout.externalHeader]))
            let slack = bytes[slackRange(layout)]
            object.add("slackBytes", slack.count)
            object.add("slackBytesNotZero", slack.count { $0 != 0 })
            object.add("nodes", .array(entries.map { .object(json(of: $0)) }))
        }
        if withBytes { object.add("bytes", DatabaseText.hex(bytes)) }
        return object
    }

    private func addVerdict(to object: inout JSONObject) {
        if !repairedBits.isEmpty {
            object.add("checksum", "repaired")
            object.add("wrongBits", .array(repairedBits.map { .integer(Int64($0)) }))
            return
        }
        switch verdict {
        case .valid: object.add("checksum", "valid")
        case .uninitialized: object.add("checksum", "uninitialized")
        case .correctable: object.add("checksum", "correctable")
        case .misplaced(let number):
            object.add("checksum", "misplaced")
            object.add("checksumOfPage", Int(number.rawValue))
        case .invalid(let stored, let computed):
            object.add("checksum", "invalid")
            object.add("storedChecksum", DatabaseText.hex(stored))
            object.add("computedChecksum", DatabaseText.hex(computed))
        case nil: object.add("checksum", "cut")
        }
    }

    private func addHeader(_ header: PageHeader, to object: inout JSONObject) {
        object.add("objectID", Int(header.objectID.rawValue))
        object.add("flags", .unsigned(UInt64(header.flags.rawValue)))
        object.add("flagNames", DatabaseNames.names(of: header.flags))
        object.add("flushType", header.flushType)
        object.add("databaseTime", .unsigned(header.databaseTime.rawValue))
        object.add("previous", Int(header.previous.rawValue))
        object.add("next", Int(header.next.rawValue))
        object.add("freeBytes", header.freeByteCount)
        object.add("uncommittedFreeBytes", header.uncommittedFreeByteCount)
        object.add("usedBytes", header.usedByteCount)
        object.add("tags", header.tagCount)
        object.add("reservedTags", header.reservedTagCount)
    }

    private func json(of entry: Entry) -> JSONObject {
        var object = JSONObject()
        switch entry {
        case .unreadable(let position, let error):
            object.add("node", position)
            object.add("error", error.description)
        case .node(let node):
            object.add("node", node.position)
            object.add("offset", node.range.lowerBound)
            object.add("bytes", node.range.count)
            object.add("flags", Self.names(of: node.flags))
            object.add("prefixBytes", node.prefixByteCount)
            object.add("key", DatabaseText.hex(node.key))
            if !node.parts.isEmpty { object.add("keyValues", .object(Self.json(of: node.parts))) }
            add(node.content, to: &object)
        }
        return object
    }

    private func add(_ content: Node.Content, to object: inout JSONObject) {
        switch content {
        case .child(let page): object.add("child", Int(page.rawValue))
        case .extent(let last, let count, let pool):
            object.add("lastPage", Int(last.rawValue))
            object.add("pageCount", Int(count))
            object.add("pool", pool.map { .integer(Int64($0)) })
        case .record(let row):
            var values = JSONObject()
            for (column, cell) in zip(owner?.table?.definition.columns ?? [], row.cells) {
                if case .values(let list) = cell, !list.isEmpty { values.add(column.name, DatabaseText.json(list)) }
            }
            object.add("values", .object(values))
        case .bookmark(let bytes, let parts):
            object.add("bookmark", DatabaseText.hex(bytes))
            if !parts.isEmpty { object.add("bookmarkValues", .object(Self.json(of: parts))) }
        case .longValue(let root):
            object.add("longValueBytes", Int(root.byteCount))
            object.add("references", Int(root.referenceCount))
        case .chunk(let count): object.add("chunkBytes", count)
        case .bytes(let bytes): object.add("data", DatabaseText.hex(bytes))
        }
    }

    private static func json(of parts: [KeyPart]) -> JSONObject {
        var object = JSONObject()
        for part in parts { object.add(part.name, part.text) }
        return object
    }
}
