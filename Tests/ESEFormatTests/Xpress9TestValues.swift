// Layer: ESEFormatTests. Used by: Xpress9Tests.
// Golden values: Vectors/xpress9, see SOURCES.md there. Blocks that are put together by hand, bit by bit.

import Foundation
import Testing

/// The plain values of the vectors: a recipe and a count of bytes.
enum PlainValue: String {
    case words, wide, noise, zeros, ramp, skewed, records, runs, far

    /// A generator that is easily had in any language: the upper 31 bits of a linear congruence.
    private struct Chance {
        var state: UInt64
        mutating func pick(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
    }

    private static let vocabulary = [
        "the", "index", "C:\\Windows", "svchost.exe", "document", "Zürich", " ", "message", "received", "ß",
    ]

    func bytes(_ count: Int) -> [UInt8] {
        var chance = Chance(state: UInt64(count))
        var bytes: [UInt8] = []
        switch self {
        case .words, .wide:
            while bytes.count < count {
                let word = Self.vocabulary[chance.pick(Self.vocabulary.count)]
                bytes += self == .words ? Array(word.utf8) : word.utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
            }
        case .noise: bytes = (0..<count).map { _ in UInt8(chance.pick(256)) }
        case .zeros: bytes = Array(repeating: 0, count: count)
        case .ramp: bytes = (0..<count).map { UInt8($0 % 256) }
        case .skewed:
            // Each byte as often as Fibonacci's numbers say, in random order: code words of all lengths.
            var (often, next, symbol) = (1, 1, UInt8(0))
            while bytes.count + often <= count {
                bytes += Array(repeating: symbol, count: often)
                (often, next, symbol) = (next, often + next, symbol + 1)
            }
            for place in stride(from: bytes.count - 1, to: 0, by: -1) { bytes.swapAt(place, chance.pick(place + 1)) }
        case .records:
            var number = 0
            while bytes.count < count {
                bytes += [1, 0, UInt8(number & 255), UInt8(number >> 8 & 255), UInt8(chance.pick(4)), 0, 0, 0x80]
                bytes += Array("From: user".utf8) + [48 + UInt8(chance.pick(10))] + Array("@example.org\0".utf8)
                number += 1
            }
        case .runs:
            while bytes.count < count {
                let byte = UInt8(chance.pick(256))
                bytes += Array(repeating: byte, count: 1 + chance.pick(600))
            }
        case .far:
            let noise = PlainValue.noise.bytes(40)
            bytes = noise + Array(repeating: 0, count: count - 80) + noise
        }
        return Array(bytes.prefix(count))
    }
}

/// A line of the vectors.
struct Xpress9Vector: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let plain: [UInt8]
    let stored: [UInt8]

    init?(_ line: Substring) {
        let fields = line.split(separator: " ")
        guard fields.count == 4, let recipe = PlainValue(rawValue: String(fields[0])), let count = Int(fields[1]) else {
            return nil
        }
        testDescription = fields[0...2].joined(separator: " ")
        plain = recipe.bytes(count)
        stored = hex(String(fields[3]))
    }

    static let all: [Xpress9Vector] = {
        guard
            let url = Bundle.module.url(forResource: "xpress9", withExtension: "txt", subdirectory: "Vectors/xpress9"),
            let text = try? String(contentsOf: url, encoding: .utf8)
        else { return [] }
        return text.split(separator: "\n").compactMap(Xpress9Vector.init)
    }()
}

/// CRC-32C, bit by bit.
func crc32C(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var sum = UInt32.max
    for byte in bytes {
        sum ^= UInt32(byte)
        for _ in 0..<8 { sum = sum & 1 == 0 ? sum >> 1 : sum >> 1 ^ 0x82f6_3b78 }
    }
    return ~sum
}

private func put(_ value: UInt32, at place: Int, _ bytes: inout [UInt8]) {
    for index in 0..<4 { bytes[place + index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index)) }
}

/// Makes the checksum of the header right again.
func sealXpress9Header(_ bytes: inout [UInt8]) {
    guard bytes.count >= 37 else { return }
    put(crc32C(bytes[5..<33]), at: 33, &bytes)
}

/// A block that is put together bit by bit.
struct Xpress9Block {
    private var bits: [Bool] = []
    private var tableBitCount: Int?
    var flags: UInt32 = 0
    var plain: [UInt8] = []
    /// The count of plain bytes that the header names, if not that of `plain`.
    var declared: UInt32?

    /// Recent distances: 0, 2 or 4. They are 1 at the start.
    init(recent: UInt32 = 0) {
        flags = (recent / 2) << 16
        if recent > 0 { number(0, 1 + 5 * Int(recent)) }
    }

    /// With both codes flat, ready for symbols.
    static func flat(recent: UInt32 = 0) -> Xpress9Block {
        var block = Xpress9Block(recent: recent)
        block.number(0, 6)
        block.endTables()
        return block
    }

    mutating func number(_ value: Int, _ count: Int) { for bit in 0..<count { bits.append(value >> bit & 1 == 1) } }
    mutating func word(_ value: Int, _ count: Int) {
        for bit in (0..<count).reversed() { bits.append(value >> bit & 1 == 1) }
    }
    mutating func endTables() { tableBitCount = bits.count }

    /// A symbol of the flat code.
    mutating func symbol(_ symbol: Int) { symbol < 320 ? word(symbol, 9) : word(symbol + 320, 10) }
    /// A match: the kind of distance, and the length as the symbol has it.
    mutating func match(_ kind: Int, _ length: Int) { symbol(256 + kind << 4 + length) }

    /// The lengths of a small code in which only `used` occur, with words of that many bits.
    mutating func smallCode(_ used: [Int: Int]) {
        number(1, 3)
        var previous = 4
        for symbol in 0..<33 {
            let length = used[symbol] ?? 0
            if length == previous {
                number(0, 1)
            } else {
                number(1, 1)
                number(length > previous ? length - 1 : length, 3)
                previous = length
            }
        }
    }

    var stored: [UInt8] {
        var bytes = Array(repeating: 0 as UInt8, count: 37)
        bytes[0] = 0x28
        put(crc32C(plain), at: 1, &bytes)
        put(0x4e86_d72a, at: 5, &bytes)
        put(declared ?? UInt32(plain.count), at: 9, &bytes)
        put(UInt32(256 + bits.count), at: 13, &bytes)
        put(flags | UInt32(tableBitCount ?? bits.count - 1), at: 17, &bytes)
        sealXpress9Header(&bytes)
        for start in stride(from: 0, to: bits.count, by: 8) {
            let byte = bits[start..<min(start + 8, bits.count)].enumerated().reduce(0 as UInt8) {
                $0 | ($1.element ? 1 << UInt8($1.offset) : 0)
            }
            bytes.append(byte)
        }
        return bytes
    }
}
