// Layer: SNMPEngine. Used by: ManagerEngine.

import Primitives

/// Messages to send, in one growing block that is used again and again.
struct OutgoingMessages {
    private struct Entry {
        var offset: Int
        var count: Int
        var peer: Peer
    }
    private var bytes: [UInt8] = []
    private var entries: [Entry] = []

    var isEmpty: Bool { entries.isEmpty }

    mutating func append(_ message: UnsafeRawBufferPointer, _ peer: Peer) {
        entries.append(Entry(offset: bytes.count, count: message.count, peer: peer))
        bytes.append(contentsOf: message)
    }

    mutating func drain(_ body: (UnsafeRawBufferPointer, Peer) -> Void) {
        guard !entries.isEmpty else { return }
        bytes.withUnsafeBytes { all in
            for entry in entries {
                body(UnsafeRawBufferPointer(rebasing: all[entry.offset..<entry.offset + entry.count]), entry.peer)
            }
        }
        bytes.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
    }
}
