// Layer: ESETestKit/Fuzzing. Uses: DatabaseMutator, DatabaseReading, DecoderTarget. Used by: ese-fuzz.
// One case: a target and a seed, from which everything else follows.

import ESEFormat
import ESEReader
import PlatformIO
import Primitives

/// What is fuzzed.
public enum FuzzTarget: Hashable, Sendable {
    /// The whole reader, with damaged databases.
    case database
    /// A decoder, with damaged bytes.
    case decoder(DecoderTarget)

    /// All targets, the whole reader first.
    public static let all: [FuzzTarget] = [.database] + DecoderTarget.allCases.map { .decoder($0) }

    /// The name: `database`, or that of the decoder.
    public var name: String {
        switch self {
        case .database: "database"
        case .decoder(let target): target.rawValue
        }
    }
}

/// Runs cases.
public struct FuzzRunner: Sendable {
    /// The databases that cases start from.
    public let images: [DatabaseImage]
    /// Bytes of pages that the reader may keep in memory.
    public static let cacheByteLimit = 8 << 20
    /// Bytes of one long value.
    public static let longValueByteLimit = 8 << 20
    /// Inputs that one case of a decoder tries.
    public static let inputsOfDecoderCase = 64

    #if DEBUG
        private static let slack: Int64 = 30
    #else
        private static let slack: Int64 = 1
    #endif
    /// The most time of the processor that opening and reading everything may take, in milliseconds.
    public var cpuLimitMilliseconds = 1_000 * slack

    /// Takes the databases that cases start from; there must be one.
    public init(images: [DatabaseImage]) {
        precondition(!images.isEmpty, "nothing to damage")
        self.images = images
    }

    /// Runs one case; returns what was wrong, nil if nothing was. What traps or hangs doesn't return.
    public func run(_ target: FuzzTarget, seed: UInt64) -> String? {
        switch target {
        case .database: return runDatabase(seed)
        case .decoder(let decoder):
            var random = SeededRandom(seed: seed)
            for _ in 0..<Self.inputsOfDecoderCase {
                guard let image = random.pick(images) else { return nil }
                var input = decoder.sample(image, &random)
                Self.damage(&input, &random)
                decoder.run(input)
            }
            return nil
        }
    }

    /// Inputs for a fuzzer whose first byte chooses the decoder: some for every decoder, undamaged.
    public func corpus() -> [[UInt8]] {
        var random = SeededRandom(seed: 1)
        var inputs: [[UInt8]] = []
        for (position, decoder) in DecoderTarget.allCases.enumerated() {
            for image in images {
                for _ in 0..<8 { inputs.append([UInt8(position)] + decoder.sample(image, &random)) }
            }
        }
        return inputs
    }

    /// The damaged database of a case, to look at it.
    public func damagedDatabase(seed: UInt64) -> DatabaseImage? {
        var random = SeededRandom(seed: seed)
        guard var image = random.pick(images) else { return nil }
        var mutator = DatabaseMutator(seed: random.next())
        mutator.damage(&image)
        return image
    }

    private func runDatabase(_ seed: UInt64) -> String? {
        guard let image = damagedDatabase(seed: seed) else { return nil }
        var options = ReadOptions()
        options.cacheByteLimit = Self.cacheByteLimit
        options.longValueByteLimit = Self.longValueByteLimit
        let source = CountingSource(image.bytes, name: image.name)
        let start = SystemClock.processCPUTime
        let tally = DatabaseReading.readAll(
            of: source, options: options, valueByteLimit: max(8 << 20, 4 * image.bytes.count), seed: seed)
        let milliseconds = (SystemClock.processCPUTime.nanoseconds - start.nanoseconds) / 1_000_000
        if milliseconds > cpuLimitMilliseconds {
            return "\(image.name): took \(milliseconds) ms of CPU time: \(tally), \(source.readCount) reads"
        }
        // Every scan may have to find its tree; a page is read by the scans of its own tree and by the salvage.
        let limit = Self.readLimit(pageCount: image.pageCount, scanCount: tally.scanCount)
        if source.readCount > limit {
            return "\(image.name): \(source.readCount) reads instead of at most \(limit): \(tally)"
        }
        return nil
    }

    /// The most reads that opening and reading everything may take: sixteen for each page, sixteen for each scan.
    static func readLimit(pageCount: Int, scanCount: Int) -> Int { 16 * pageCount + 16 * scanCount + 64 }

    /// Flips, splices, cuts.
    static func damage(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        for _ in 0..<random.below(6) {
            guard !bytes.isEmpty else { return }
            let place = random.below(bytes.count)
            switch random.below(7) {
            case 0: bytes[place] ^= 1 << UInt8(random.below(8))
            case 1: bytes[place] = random.wrong(bytes[place])
            case 2: bytes.removeLast(random.below(bytes.count))
            case 3: bytes.removeSubrange(place..<(place + random.below(min(16, bytes.count - place))))
            case 4: bytes.insert(contentsOf: (0..<random.below(16)).map { _ in UInt8(random.below(256)) }, at: place)
            case 5:
                let from = random.below(bytes.count)
                let count = min(random.below(64), bytes.count - max(from, place))
                bytes.replaceSubrange(place..<(place + count), with: Array(bytes[from..<(from + count)]))
            default:
                for index in place..<min(place + 4, bytes.count) { bytes[index] = random.oneIn(2) ? 0xff : 0 }
            }
        }
    }
}
