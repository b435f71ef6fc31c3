// What the tests of the version store share: nodes by short names, and a page of nodes that is changed as trees do it.

import ESEEngine
import ESEFormat
import PlatformIO
import Primitives

/// Calls `body` with the name of a node whose key is `key`; `cut` of its bytes are in the prefix.
func withNode<Result, Failure: Error>(
    _ key: String, tree: UInt32 = 10, data: String = "", cut: Int = 0, database: UInt8 = 1,
    _ body: (NodeName) throws(Failure) -> Result
) throws(Failure) -> Result {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: key.utf8.count + data.utf8.count + 1, alignment: 1)
    defer { bytes.deallocate() }
    bytes.copyBytes(from: Array(key.utf8) + Array(data.utf8))
    let all = UnsafeRawBufferPointer(bytes)
    let keyByteCount = key.utf8.count
    return try body(
        NodeName(
            database: database, tree: PageNumber(tree),
            keyPrefix: UnsafeRawBufferPointer(rebasing: all[0..<cut]),
            key: UnsafeRawBufferPointer(rebasing: all[cut..<keyByteCount]),
            data: UnsafeRawBufferPointer(rebasing: all[keyByteCount..<keyByteCount + data.utf8.count])))
}

/// The text of bytes.
func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }

extension VersionStore {
    /// Modifies a node and confirms that.
    @discardableResult
    func change(
        _ transaction: TransactionState, _ key: String, _ modification: Modification, page: UInt32 = 0
    ) throws(JetError) -> Revision {
        try withNode(key) { node throws(JetError) in
            let revision = try modify(transaction, node, modification)
            confirm(transaction, revision, page: PageNumber(page))
            return revision
        }
    }

    /// Replaces a node's data, which was `before`.
    @discardableResult
    func replace(
        _ transaction: TransactionState, _ key: String, before: String, page: UInt32 = 0
    ) throws(JetError) -> Revision {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: before.utf8.count + 1, alignment: 1)
        defer { copy.deallocate() }
        copy.copyBytes(from: before.utf8)
        let bytes = UnsafeRawBufferPointer(rebasing: copy[0..<before.utf8.count])
        return try change(transaction, key, .replace(bytes), page: page)
    }

    /// What a transaction sees: "page", "nothing", "undeleted", "unversioned", or the data of a before-image in quotes.
    func sees(_ transaction: TransactionState, _ key: String) -> String {
        var image = ""
        let visibility: NodeVisibility = withNode(key) { node in
            self.visibility(of: node, to: transaction) { image = "'" + text($0) + "'" }
        }
        switch visibility {
        case .unversioned: return "unversioned"
        case .asOnPage: return "page"
        case .invisible: return "nothing"
        case .undeleted: return "undeleted"
        case .beforeImage: return image
        }
    }

    /// Cleans all that can be, and says how many revisions that were.
    @discardableResult
    func clean() -> Int { cleanOldest { _ in .done }.cleanedCount }
}

/// The error that `body` throws, or nil.
func jetError(_ body: () throws(JetError) -> Void) -> JetError? {
    do throws(JetError) {
        try body()
        return nil
    } catch {
        return error
    }
}
