// Layer: ESECollation. Uses: SortWeightData. Used by: WindowsCollator.
// The weights of all UTF-16 code units, unpacked once.

/// The weights of a code unit. [MS-UCODEREF]: CharacterWeightType.
struct SortWeight {
    /// Script in the lowest byte, then primary weight, diacritic weight, case weight.
    let bits: UInt32

    var script: UInt8 { UInt8(truncatingIfNeeded: bits) }
    var primary: UInt8 { UInt8(truncatingIfNeeded: bits >> 8) }
    var diacritic: UInt8 { UInt8(truncatingIfNeeded: bits >> 16) }
    var letterCase: UInt8 { UInt8(truncatingIfNeeded: bits >> 24) }
    /// Of an expansion: which pair of code units it stands for.
    var expansion: Int { Int(bits >> 16) }
}

/// The scripts that are not like others.
enum SortScript {
    /// Has no weight at all.
    static let unsortable: UInt8 = 0
    /// Adds to the diacritic weight of what comes before.
    static let nonspacingMark: UInt8 = 1
    /// Stands for two code units.
    static let expansion: UInt8 = 2
    /// Kana, and marks that repeat or prolong what comes before.
    static let eastAsia: UInt8 = 3
    /// Parts of Hangul syllables.
    static let jamo: UInt8 = 4
    /// Ideographs: two weights after a mark.
    static let ideograph: UInt8 = 5
    /// Hyphens and apostrophes: they count after everything else, unless SORT_STRINGSORT is set.
    static let punctuation: UInt8 = 6
    /// Symbols, which NORM_IGNORESYMBOLS leaves out.
    static let symbols: ClosedRange<UInt8> = 7...12
    /// Private use.
    static let privateUse: ClosedRange<UInt8> = 169...175
    /// Halves of characters beyond the BMP.
    static let surrogates: ClosedRange<UInt8> = 176...184
    /// The weight is not known for certain.
    static let unknown: UInt8 = 255
}

/// The table of the default sort order.
struct SortWeights: Sendable {
    /// The table; unpacked when first used.
    static let windowsDefault = SortWeights()

    private let weights: [UInt32]
    private let pairs: [UInt16]

    private init() {
        // A byte of each weight at a time.
        var weights = [UInt32](repeating: 0, count: 0x1_0000)
        let planes = [
            SortWeightData.scripts, SortWeightData.primaries, SortWeightData.diacritics, SortWeightData.cases,
        ]
        for (plane, packed) in planes.enumerated() {
            for (place, value) in Self.unpack(packed, count: weights.count).enumerated() {
                weights[place] |= UInt32(value & 0xff) << UInt32(8 * plane)
            }
        }
        self.weights = weights
        pairs = Self.unpack(SortWeightData.expansions, count: 2 * 0x1_0000)
    }

    subscript(unit: UInt16) -> SortWeight { SortWeight(bits: weights[Int(unit)]) }

    /// What an expansion stands for; nil if there is none of this number.
    func expansion(_ number: Int) -> (UInt16, UInt16)? {
        2 * number + 1 < pairs.count ? (pairs[2 * number], pairs[2 * number + 1]) : nil
    }

    /// At most `count` values of differences and repetitions in base64.
    static func unpack(_ text: String, count: Int) -> [UInt16] {
        var values: [UInt16] = []
        var bits: UInt32 = 0
        var bitCount = 0
        var number = 0
        var shift = 0
        var difference: UInt16?
        var value: UInt16 = 0
        for character in text.utf8 {
            guard let digit = base64Digit(character) else { continue }
            bits = bits << 6 | UInt32(digit)
            bitCount += 6
            guard bitCount >= 8 else { continue }
            bitCount -= 8
            let byte = Int(bits >> UInt32(bitCount) & 0xff)
            number |= (byte & 0x7f) << shift
            shift += 7
            guard byte & 0x80 == 0 else { continue }
            if let step = difference {
                for _ in 0..<min(number, count - values.count) {
                    value &+= step
                    values.append(value)
                }
                difference = nil
            } else {
                difference = UInt16(truncatingIfNeeded: number)
            }
            number = 0
            shift = 0
        }
        return values
    }

    private static func base64Digit(_ character: UInt8) -> UInt8? {
        switch character {
        case 0x41...0x5a: character - 0x41
        case 0x61...0x7a: character - 0x61 + 26
        case 0x30...0x39: character - 0x30 + 52
        case 0x2b: 62
        case 0x2f: 63
        default: nil
        }
    }
}
