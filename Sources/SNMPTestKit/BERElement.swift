// Layer: SNMPTestKit. Uses: SNMPCodec. Used by: BERMutator.
// A message as a tree that can be bent: every header can be overridden, everything else follows.

import SNMPCodec

/// A BER element in a tree.
struct BERElement {
    /// What is inside.
    enum Content {
        case primitive([UInt8])
        case constructed([BERElement])
    }

    var tag: UInt8
    /// Length octets to write in place of the right ones.
    var lengthOctets: [UInt8]?
    var content: Content

    init(_ tag: UInt8, _ content: Content) {
        self.tag = tag
        self.content = content
    }

    /// Reads a well-formed message; nil if it is not one.
    init?(parsing octets: [UInt8]) {
        guard let list = BERElement.list(octets), list.count == 1 else { return nil }
        self = list[0]
    }

    /// All octets as elements, one after the other.
    private static func list(_ octets: [UInt8]) -> [BERElement]? {
        var reader = BERReader(octets.span.bytes)
        var result = [BERElement]()
        while !reader.isAtEnd {
            guard let (tag, range) = try? reader.element(octets.span.bytes) else { return nil }
            let inner = Array(octets[range])
            // Sequences, PDUs, and OCTET STRINGs that hold a sequence, as the security parameters do.
            let isConstructed =
                tag == BERTag.sequence || (0xA0...0xA8).contains(tag)
                || (tag == BERTag.octetString && inner.first == BERTag.sequence)
            if isConstructed, let children = list(inner) {
                result.append(BERElement(tag, .constructed(children)))
            } else {
                result.append(BERElement(tag, .primitive(inner)))
            }
        }
        return result
    }

    /// The content octets.
    var contentOctets: [UInt8] {
        switch content {
        case .primitive(let octets): octets
        case .constructed(let children): children.flatMap(\.encoded)
        }
    }

    /// The element with its header.
    var encoded: [UInt8] {
        let inner = contentOctets
        return [tag] + (lengthOctets ?? BERElement.length(inner.count)) + inner
    }

    /// The shortest length field.
    static func length(_ count: Int) -> [UInt8] {
        let low = UInt8(truncatingIfNeeded: count)
        if count < 0x80 { return [low] }
        if count < 0x100 { return [0x81, low] }
        let middle = UInt8(truncatingIfNeeded: count >> 8)
        if count < 0x1_0000 { return [0x82, middle, low] }
        return [0x83, UInt8(truncatingIfNeeded: count >> 16), middle, low]
    }

    /// The paths of this element and all below it, outer before inner.
    var paths: [[Int]] {
        guard case .constructed(let children) = content else { return [[]] }
        return [[]] + children.enumerated().flatMap { child in child.element.paths.map { [child.offset] + $0 } }
    }

    /// The element at `path`.
    subscript(path: ArraySlice<Int>) -> BERElement {
        guard let first = path.first, case .constructed(let children) = content else { return self }
        return children[first][path.dropFirst()]
    }
}
