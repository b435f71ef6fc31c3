// Layer: SNMPTestKit. Uses: BERElement. Used by: tests and benchmarks.
// Systematic faults over every field of a message, after the idea of the PROTOS suite for SNMPv1 (CERT CA-2002-03),
// and a seeded mutator for what nobody thought of.

import SNMPCodec
import Primitives

/// All systematic faults of one message, made one at a time.
public struct BERMutator: Sequence {
    /// A mutated message.
    public struct Mutant: Sendable, CustomStringConvertible {
        /// The whole message.
        public let octets: [UInt8]
        let path: [Int]
        let fault: Fault

        /// Which fault at which field, for reports: the way to the field from the outermost element, counted from 0.
        public var description: String {
            if case .content(let content) = fault, content.count > 40 { return "\(path) content of \(content.count)" }
            return "\(path) \(fault)"
        }
    }

    enum Fault: Sendable {
        case truncated(Int)
        case withoutLastOctets(Int)
        case trailing([UInt8])
        case length([UInt8])
        case lengthOff(by: Int)
        case tag(UInt8)
        case nested(depth: Int, tag: UInt8)
        case content([UInt8])
        case times(Int)
        case swapped
    }

    let octets: [UInt8]
    let root: BERElement
    let paths: [[Int]]

    /// Mutates `octets`, a well-formed message.
    public init(_ octets: [UInt8]) {
        guard let root = BERElement(parsing: octets) else { preconditionFailure("templates are well-formed") }
        self.octets = octets
        self.root = root
        paths = root.paths
    }

    /// Makes an iterator that holds one field's list of faults at a time.
    public func makeIterator() -> Iterator { Iterator(self) }

    /// Makes one mutant after the other.
    public struct Iterator: IteratorProtocol {
        let mutator: BERMutator
        var pathIndex = -1
        var faults: [Fault]
        var faultIndex = 0
        var surroundings: Surroundings

        init(_ mutator: BERMutator) {
            self.mutator = mutator
            faults = mutator.wholeMessageFaults
            surroundings = Surroundings(mutator.root, [])
        }

        /// The next mutant; nil when all were made.
        public mutating func next() -> Mutant? {
            while faultIndex == faults.count {
                pathIndex += 1
                guard pathIndex < mutator.paths.count else { return nil }
                faults = mutator.faults(at: mutator.paths[pathIndex])
                surroundings = Surroundings(mutator.root, mutator.paths[pathIndex])
                faultIndex = 0
            }
            let fault = faults[faultIndex]
            faultIndex += 1
            let path = pathIndex < 0 ? [] : mutator.paths[pathIndex]
            return Mutant(octets: mutator.applying(fault, at: path, surroundings), path: path, fault: fault)
        }
    }

    private var wholeMessageFaults: [Fault] {
        (0..<octets.count).map(Fault.truncated) + [.trailing([0]), .trailing([0x30, 0x80]), .trailing(octets)]
            + [BERTag.sequence, BERTag.octetString, 0xA2].map { .nested(depth: 20_000, tag: $0) }
    }

    /// Length fields that are wrong, or right in a long form.
    private static func lengths(_ right: Int) -> [Fault] {
        let low = (0..<4).map { UInt8(truncatingIfNeeded: right >> (24 - 8 * $0)) }
        let fields: [[UInt8]] = [
            [0], [1], [0x7F], [0x80], [0x81, 0x80], [0x81, 0], [0x82, 0xFF, 0xFF], [0x84, 0x7F, 0xFF, 0xFF, 0xFF],
            [0x84, 0x80, 0, 0, 0], [0x84, 0xFF, 0xFF, 0xFF, 0xFF], [0x85, 0] + low, [0x88, 0xFF] + low + low,
            [0x84] + low, [0x82, low[2], low[3]], [0xFE], [0xFF],
        ]
        return fields.map(Fault.length) + [.lengthOff(by: -1), .lengthOff(by: 1), .lengthOff(by: 2)]
    }

    static let tags: [UInt8] = [
        0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x09, 0x1F, 0x24, 0x30, 0x31, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45,
        0x46, 0x47, 0x80, 0x81, 0x82, 0x9F, 0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xFF,
    ]

    private func faults(at path: [Int]) -> [Fault] {
        let element = root[path[...]]
        let content = element.contentOctets
        var faults = BERMutator.lengths(content.count)
        faults += BERMutator.tags.filter { $0 != element.tag }.map(Fault.tag)
        faults += [1, 2, 100, 1_000].map { .nested(depth: $0, tag: BERTag.sequence) }
        faults += [.nested(depth: 1, tag: element.tag), .nested(depth: 100, tag: BERTag.octetString)]
        if !path.isEmpty { faults += [.times(0), .times(2), .times(100), .swapped] }
        // The shorter content with lengths that agree; long content is sampled.
        faults += stride(from: 1, through: content.count, by: content.count / 40 + 1).map(Fault.withoutLastOctets)
        switch element.tag {
        case BERTag.integer, BERTag.counter32, BERTag.gauge32, BERTag.timeTicks, BERTag.counter64, BERTag.uinteger32:
            faults += BERMutator.integers
        case BERTag.objectIdentifier: faults += BERMutator.objectIdentifiers(content)
        case BERTag.sequence, 0xA0...0xA8: break
        default: faults += BERMutator.strings
        }
        return faults
    }

    /// Numbers of 0...9 octets, and of about the most that is tolerated.
    private static let integers: [Fault] = (Array(0...9) + [17, 18, 19, 127, 1_000]).flatMap { count in
        [0x00, 0x01, 0x7F, 0x80, 0xFF].map { first in
            .content((0..<count).map { $0 == 0 ? first : $0 == count - 1 ? 0x80 : first == 0xFF ? 0xFF : 0 })
        }
    }

    private static func objectIdentifiers(_ content: [UInt8]) -> [Fault] {
        let arcs = [1, 126, 127, 128, 129, 1_000]
        var contents: [[UInt8]] = [
            [], [0], [0x7F], [0x80], [0xFF], [0x80, 0x80, 0x01], content + [0x80], content + [0xFF],
            content + [0x8F, 0xFF, 0xFF, 0xFF, 0x7F], content + [0x90, 0x80, 0x80, 0x80, 0x00],
            content + [UInt8](repeating: 0xFF, count: 9) + [0x7F], [0x90, 0x80, 0x80, 0x80, 0x4F],
            [0x90, 0x80, 0x80, 0x80, 0x50], [0x8F, 0xFF, 0xFF, 0xFF, 0x7F],
        ]
        contents += arcs.map { content + [UInt8](repeating: 1, count: $0) }
        contents += arcs.map { content + [UInt8](repeating: 0x80, count: $0) + [1] }
        // Padding before each sub-identifier there is.
        for index in content.indices where index == 0 || content[index - 1] & 0x80 == 0 {
            contents.append(Array(content[..<index]) + [0x80] + content[index...])
        }
        return contents.map(Fault.content)
    }

    /// Strings of the lengths around which limits lie, and one that nearly fills a datagram.
    private static let strings: [Fault] =
        [0, 1, 3, 4, 5, 32, 33, 127, 128, 255, 256].map { .content([UInt8](repeating: 0x80, count: $0)) }
        + [.content([UInt8](repeating: 0x41, count: 60_000))]

    /// What stands around the element at a path, encoded once for all its mutants.
    struct Surroundings {
        /// The containers from the inside to the outside: tag, and the octets in front of and behind the element.
        var levels: [(tag: UInt8, before: [UInt8], after: [UInt8])] = []
        /// Octets of the next sibling, with which the innermost `after` begins.
        var nextByteCount = 0

        init(_ root: BERElement, _ path: [Int]) {
            var element = root
            for index in path {
                guard case .constructed(let children) = element.content else { return }
                let before = children[..<index].flatMap(\.encoded)
                let after = children[(index + 1)...].flatMap(\.encoded)
                levels.insert((element.tag, before, after), at: 0)
                nextByteCount = index + 1 < children.count ? children[index + 1].encoded.count : 0
                element = children[index]
            }
        }

        /// The whole message with `inner` in the element's place.
        func message(around inner: [UInt8], skipping skipped: Int = 0) -> [UInt8] {
            var result = inner
            for (index, level) in levels.enumerated() {
                let content = level.before + result + level.after[(index == 0 ? skipped : 0)...]
                result = [level.tag] + BERElement.length(content.count) + content
            }
            return result
        }
    }

    private func applying(_ fault: Fault, at path: [Int], _ surroundings: Surroundings) -> [UInt8] {
        var element = root[path[...]]
        switch fault {
        case .truncated(let count): return Array(octets[..<count])
        case .trailing(let more): return octets + more
        case .withoutLastOctets(let count): element.content = .primitive(element.contentOctets.dropLast(count))
        case .length(let field): element.lengthOctets = field
        case .lengthOff(let difference):
            element.lengthOctets = BERElement.length(Swift.max(0, element.contentOctets.count + difference))
        case .tag(let tag): element.tag = tag
        case .content(let content): element.content = .primitive(content)
        case .times(let count):
            return surroundings.message(around: [[UInt8]](repeating: element.encoded, count: count).flatMap { $0 })
        case .swapped:
            let count = surroundings.nextByteCount
            guard let innermost = surroundings.levels.first else { return octets }
            return surroundings.message(around: innermost.after.prefix(count) + element.encoded, skipping: count)
        case .nested(let depth, let tag):
            // From the inside to the outside, written backwards so that nothing is moved.
            var inner = Array(element.encoded.reversed())
            for _ in 0..<depth where inner.count < 60_000 {
                for octet in BERElement.length(inner.count).reversed() { inner.append(octet) }
                inner.append(tag)
            }
            return surroundings.message(around: inner.reversed())
        }
        return surroundings.message(around: element.encoded)
    }
}

/// Random faults: the same seed makes the same mutants.
public struct RandomMutator: Sendable {
    var random: SeededRandom

    /// Makes a mutator that replays the sequence of `seed`.
    public init(seed: UInt64) { random = SeededRandom(seed: seed) }

    private mutating func below(_ bound: Int) -> Int { bound <= 0 ? 0 : Int(random.next() % UInt64(bound)) }

    /// `octets` with one to eight random changes; `other` is where spliced pieces come from.
    public mutating func mutate(_ octets: [UInt8], splicing other: [UInt8] = []) -> [UInt8] {
        var result = octets
        for _ in 0...below(8) where !result.isEmpty {
            let place = below(result.count)
            let length = min(below(9), result.count - place)
            switch below(8) {
            case 0: result[place] ^= 1 << UInt8(below(8))
            case 1: result[place] = UInt8(truncatingIfNeeded: random.next())
            case 2: result[place] = [0, 1, 0x7F, 0x80, 0x81, 0x82, 0x84, 0xFE, 0xFF][below(9)]
            case 3: result[place] = BERMutator.tags[below(BERMutator.tags.count)]
            case 4: result.removeSubrange(place..<place + length)
            case 5: result.insert(contentsOf: result[place..<place + length], at: place)
            case 6: result.removeLast(result.count - place)
            default:
                let from = below(other.count)
                let piece = other[from..<min(other.count, from + below(40))]
                if random.oneIn(2) {
                    result.insert(contentsOf: piece, at: place)
                } else {
                    result.replaceSubrange(place..<min(result.count, place + piece.count), with: piece)
                }
            }
        }
        return result
    }
}
