// Layer: SNMPAgent. Uses: BERWriter. Used by: request processing.
// Collects the bindings of a response in encoded form. Each is encoded once, its size is then exact, and those that fit
// are copied into the message. This file touches raw memory: it allocates the buffer and lends it to a BERWriter, which
// checks the room; reads go through a bounds-checked span of the same buffer.

import SNMPCodec

/// Encoded bindings in their order, up to a limit of octets.
final class ResponseScratch {
    private let memory: UnsafeMutableRawBufferPointer
    private var writer: BERWriter
    /// Octets of the first binding, of the first two, and so on.
    private var marks: [Int] = []

    init() {
        memory = .allocate(byteCount: SNMPLimits.maximumMessageByteCount, alignment: 1)
        writer = BERWriter(memory)
    }

    deinit { memory.deallocate() }

    /// Forgets all bindings; from now on at most `limit` octets are taken.
    func reset(limit: Int) {
        writer = BERWriter(UnsafeMutableRawBufferPointer(rebasing: memory[..<min(max(limit, 0), memory.count)]))
        marks.removeAll(keepingCapacity: true)
    }

    /// The number of bindings.
    var count: Int { marks.count }

    /// Adds a binding; false, and no change, if there is no room for it. Then nothing more is taken.
    func append(_ name: ObjectIdentifier, _ value: SNMPValue) -> Bool {
        let mark = writer.byteCount
        writer.value(value)
        writer.objectIdentifier(name)
        writer.header(BERTag.sequence, since: mark)
        guard !writer.overflowed else { return false }
        marks.append(writer.byteCount)
        return true
    }

    /// How many bindings, from the first, take at most `byteCount` octets.
    func count(fitting byteCount: Int) -> Int {
        var low = 0, high = marks.count
        while low < high {
            let middle = (low + high + 1) / 2
            if marks[middle - 1] <= byteCount { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// Writes the first `count` bindings, as the content of a list.
    func copy(first count: Int, into output: inout BERWriter) {
        // The writer works from the end of its buffer, so the bindings lie there last first, and so they are copied.
        let all = UnsafeRawBufferPointer(memory).bytes
        var index = count - 1
        while index >= 0 {
            let end = writer.capacity - (index == 0 ? 0 : marks[index - 1])
            output.raw(all.extracting(writer.capacity - marks[index]..<end))
            index -= 1
        }
    }
}
