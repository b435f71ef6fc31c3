// Layer: ESEEngine/8-Recovery. Uses: PageRedo, SplitRecord, MergeRecord. Used by: PageRedo.
// Splits and merges: macros of one record a level, the one nearest to the root first.

import ESEFormat

extension PageRedo {
    /// Redoes a split: the levels from the top, and the operation that is done on the way.
    func redo(_ levels: [SplitRecord], operation: RedoRecord?) throws(RedoError) {
        for (index, level) in levels.enumerated() {
            let child = index + 1 < levels.count ? levels[index + 1] : nil
            let head = level.page
            if level.newPage == .none {
                guard
                    let page = try existing(head.page, before: head.databaseTimeBefore, after: head.databaseTime)
                else { continue }
                if let child, child.newPage != .none {
                    try during(head.page) { () throws(JetError) in try level.applyPointer(of: child, to: page) }
                } else {
                    page.databaseTime = head.databaseTime
                }
                continue
            }
            guard level.newPage != head.page, level.rightPage != head.page, level.rightPage != level.newPage else {
                throw corrupt(head.page)
            }
            var source = try existing(head.page, before: head.databaseTimeBefore, after: head.databaseTime)
            let new = try fresh(level.newPage, after: head.databaseTime)
            var right: Page?
            if level.rightPage != .none {
                right = try existing(
                    level.rightPage, before: level.rightDatabaseTimeBefore, after: head.databaseTime)
            }
            if let source {
                try compareBeforeImage(
                    level.beforeImageFlags, level.beforeImage, head.page, head.databaseTimeBefore, source)
            } else if new != nil, level.needsBeforeImage {
                source = try restore(
                    level.beforeImageFlags, level.beforeImage, head.page, head.databaseTimeBefore)
            }
            let (from, to, sibling) = (source, new, right)
            if let child {
                guard child.newPage != .none || level.operation == .none else { throw corrupt(head.page) }
                try during(head.page) { () throws(JetError) in
                    if level.operation == .none {
                        try level.apply(source: from, new: to, right: sibling, operation: .none)
                    } else {
                        try child.withOperationOfParent { (operation) throws(JetError) in
                            try level.apply(source: from, new: to, right: sibling, operation: operation)
                        }
                    }
                }
            } else {
                try redoLeaf(level, from, to, sibling, operation)
            }
        }
    }

    private func redoLeaf(
        _ level: SplitRecord, _ source: Page?, _ new: Page?, _ right: Page?, _ operation: RedoRecord?
    ) throws(RedoError) {
        let number = level.page.page
        guard let operation else {
            return try during(number) { () throws(JetError) in
                try level.apply(source: source, new: new, right: right, operation: .none)
            }
        }
        // What undoing takes is on the page before it is split.
        try noteVersion(operation, on: source, line: level.operationLine)
        guard source != nil || new != nil || right != nil else { return }
        let bytes = operation.bytes
        switch operation.record {
        case .insert(let record):
            let flags = Self.nodeFlags(record.node.page)
            let (key, data) = (BytePieces(bytes.part(record.key)), BytePieces(bytes.part(record.data)))
            guard !key.isEmpty, key.byteCount <= 0x1fff, !data.isEmpty else { throw corrupt(number) }
            try during(number) { () throws(JetError) in
                try level.apply(
                    source: source, new: new, right: right, operation: .insert(key: key, data: data, flags: flags))
            }
        case .replace(let record):
            let flags = Self.versionFlags(record.node.page)
            guard let source else {
                return try during(number) { () throws(JetError) in
                    try level.apply(
                        source: nil, new: new, right: right,
                        operation: .replace(data: BytePieces.empty, flags: flags))
                }
            }
            try withNewData(record, bytes, source, level.operationLine) { (data) throws(JetError) in
                try level.apply(
                    source: source, new: new, right: right,
                    operation: .replace(data: BytePieces(data), flags: flags))
            }
        case .flagInsertAndReplace(let record):
            let flags = Self.versionFlags(record.node.page)
            let data = BytePieces(bytes.part(record.data))
            guard !data.isEmpty else { throw corrupt(number) }
            try during(number) { () throws(JetError) in
                try level.apply(
                    source: source, new: new, right: right, operation: .flagInsertAndReplace(data: data, flags: flags))
            }
        default: throw corrupt(number)
        }
    }

    /// Redoes a merge: the levels from the top, the leaf last.
    func redo(_ levels: [MergeRecord]) throws(RedoError) {
        guard let leaf = levels.last else { return }
        let head = leaf.page
        var source = try existing(head.page, before: head.databaseTimeBefore, after: head.databaseTime)
        var (left, right): (Page?, Page?)
        if leaf.leftPage != .none {
            left = try existing(leaf.leftPage, before: leaf.leftDatabaseTimeBefore, after: head.databaseTime)
        }
        if leaf.rightPage != .none {
            right = try existing(leaf.rightPage, before: leaf.rightDatabaseTimeBefore, after: head.databaseTime)
        }
        guard leaf.leftPage != head.page, leaf.rightPage != head.page,
            leaf.leftPage == .none || leaf.leftPage != leaf.rightPage
        else { throw corrupt(head.page) }
        if let source {
            try compareBeforeImage(
                leaf.beforeImageFlags, leaf.beforeImage, head.page, head.databaseTimeBefore, source)
        } else if leaf.needsBeforeImage,
            (leaf.kind == .fullLeft || leaf.kind == .partialLeft ? left : right) != nil
        {
            source = try restore(leaf.beforeImageFlags, leaf.beforeImage, head.page, head.databaseTimeBefore)
        }
        let (from, before, behind) = (source, left, right)
        try during(head.page) { () throws(JetError) in
            try leaf.apply(source: from, left: before, right: behind)
        }
        for level in levels.dropLast() {
            let above = level.page
            guard let page = try existing(above.page, before: above.databaseTimeBefore, after: above.databaseTime)
            else { continue }
            try during(above.page) { () throws(JetError) in try level.apply(above: page, leaf: leaf) }
        }
    }
}
