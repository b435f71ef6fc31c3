// Layer: ESECollation. Uses: SortWeights; ESEFormat's TextCollator. Used by: whoever makes keys of localized indexes.
// Sort keys as LCMapStringEx makes them with LCMAP_SORTKEY, after [MS-UCODEREF] 3.1.5.2. What is not known for certain
// is refused, so that a key that is made can be relied on.

public import ESEFormat

/// Flags of LCMapStringEx that change sort keys. C names: NORM_…, SORT_…, LCMAP_….
public struct CollationFlags: OptionSet, Hashable, Sendable {
    /// The bits as an index stores them.
    public let rawValue: UInt32

    /// Makes a set of flags.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Upper case and lower case are the same. C name: NORM_IGNORECASE.
    public static let ignoreCase = CollationFlags(rawValue: 1)
    /// Diacritics don't count. C name: NORM_IGNORENONSPACE.
    public static let ignoreNonspacing = CollationFlags(rawValue: 2)
    /// Symbols and punctuation don't count. C name: NORM_IGNORESYMBOLS.
    public static let ignoreSymbols = CollationFlags(rawValue: 4)
    /// A sort key is wanted. C name: LCMAP_SORTKEY.
    public static let sortKey = CollationFlags(rawValue: 0x400)
    /// Punctuation counts as symbols do. C name: SORT_STRINGSORT.
    public static let stringSort = CollationFlags(rawValue: 0x1000)
    /// Hiragana and katakana are the same. C name: NORM_IGNOREKANATYPE.
    public static let ignoreKanaType = CollationFlags(rawValue: 0x1_0000)
    /// Half width and full width are the same. C name: NORM_IGNOREWIDTH.
    public static let ignoreWidth = CollationFlags(rawValue: 0x2_0000)

    /// What the engine uses when an index's creator gave none: 0x30401.
    public static let engineDefault: CollationFlags = [.sortKey, .ignoreCase, .ignoreKanaType, .ignoreWidth]

    /// The flags that `WindowsCollator` knows.
    static let known: CollationFlags = [
        .ignoreCase, .ignoreNonspacing, .ignoreSymbols, .sortKey, .stringSort, .ignoreKanaType, .ignoreWidth,
    ]
}

/// Windows' default sort order, that of "en-US" and of all languages without rules of their own.
///
/// Known are texts of most scripts. Not known, and refused, are: kana, conjoining Hangul letters, private use, the
/// compatibility forms that Microsoft's published table leaves out, characters that stand for a letter and a mark
/// (Hebrew and Arabic presentation forms), and letters whose form is more than a matter of case (such as ª and ²) when
/// case is ignored.
public struct WindowsCollator: TextCollator {
    /// The version of the weights, as databases record it: Windows 10's. C name: dwNLSVersion.
    public static let nlsVersion: UInt32 = 0x0006_020f
    /// The versions whose sort keys are the same as far as is known: keys stored with each were reproduced.
    public static let nlsVersions: Set<UInt32> = [0x0006_020e, 0x0006_020f]
    /// Which order it is: 00000001-57ee-1e5c-00b4-d0000bb1e11e. C name: guidCustomVersion.
    public static let sortID = GUID(low: 0x1e5c_57ee_0000_0001, high: 0x1ee1_b10b_00d0_b400)

    /// What is ignored.
    public let flags: CollationFlags
    private let weights = SortWeights.windowsDefault
    private let caseMask: UInt8
    private var diacritics = LesserWeights()
    private var cases = LesserWeights()
    private var specials: [UInt8] = []

    /// Makes the order of an index; nil if it is none that is known: another order, another version of Windows', other
    /// flags.
    public init?(index: IndexDefinition) {
        self.init(
            flags: CollationFlags(rawValue: index.lcMapFlags), localeName: index.localeName, lcid: index.lcid,
            sortVersion: index.sortVersion, sortID: index.sortID)
    }

    /// Makes an order.
    ///
    /// - Parameters:
    ///   - flags: Must contain `sortKey`.
    ///   - localeName: Such as "en-US"; asked only if there is no `sortID`.
    ///   - lcid: The locale's number, for files without names.
    ///   - sortVersion: The NLS version and the defined version in 32 bits each; nil: the one known.
    ///   - sortID: Which order it is.
    public init?(
        flags: CollationFlags, localeName: String? = nil, lcid: UInt32 = 0, sortVersion: UInt64? = nil,
        sortID: GUID? = nil
    ) {
        guard flags.contains(.sortKey), flags.isSubset(of: .known) else { return nil }
        if let sortVersion {
            let halves = [UInt32(truncatingIfNeeded: sortVersion), UInt32(truncatingIfNeeded: sortVersion >> 32)]
            guard halves.allSatisfy(Self.nlsVersions.contains) else { return nil }
        }
        if let sortID {
            guard sortID == Self.sortID else { return nil }
        } else {
            guard Self.hasDefaultOrder(localeName: localeName, lcid: lcid) else { return nil }
        }
        self.flags = flags
        var mask: UInt8 = 0x3f
        if flags.contains(.ignoreCase) { mask &= ~0x18 }
        if flags.contains(.ignoreWidth) { mask &= ~0x01 }
        if flags.contains(.ignoreKanaType) { mask &= ~0x20 }
        caseMask = mask
    }

    /// English and the invariant locale; others say by their sort ID what they are.
    private static func hasDefaultOrder(localeName: String?, lcid: UInt32) -> Bool {
        guard let localeName else { return lcid == 0 || lcid == 0x7f || lcid & 0x3ff == 0x09 && lcid <= 0xffff }
        let name = localeName.lowercased()
        return name.isEmpty || name == "en" || name.hasPrefix("en-")
    }

    // MARK: TextCollator.

    /// Appends the first `limit` bytes of the sort key of a text: UTF-16, little-endian. Returns how many bytes the
    /// whole sort key has, or some number above `limit` if it was cut; nil, and nothing appended, if it is not known.
    public mutating func appendSortKey(of text: RawSpan, to key: inout [UInt8], limit: Int) -> Int? {
        diacritics.removeAll()
        cases.removeAll()
        specials.removeAll(keepingCapacity: true)
        var output = Output(start: key.count, limit: limit)
        for place in stride(from: 0, to: text.byteCount - 1, by: 2) {
            // What comes after the cut can't change what is before it.
            guard output.count < limit else { break }
            guard let unit = try? text.little(place, as: UInt16.self), append(weights[unit], &output, &key) else {
                key.removeLast(key.count - output.start)
                return nil
            }
        }
        output.put(1, &key)
        if !flags.contains(.ignoreNonspacing) { output.put(trimming: diacritics.bytes, &key) }
        output.put(1, &key)
        if !flags.contains(.ignoreCase) { output.put(trimming: cases.bytes, &key) }
        output.put(1, &key)
        output.put(1, &key)
        for byte in specials { output.put(byte, &key) }
        output.put(0, &key)
        return output.count
    }

    /// Where the bytes go, and how many there would be without the limit.
    private struct Output {
        let start: Int
        let limit: Int
        var count = 0

        mutating func put(_ byte: UInt8, _ key: inout [UInt8]) {
            if count < limit { key.append(byte) }
            count += 1
        }

        /// Weights of one kind, without the ordinary ones at the end.
        mutating func put(trimming weights: [UInt8], _ key: inout [UInt8]) {
            guard let last = weights.lastIndex(where: { $0 > LesserWeights.ordinary }) else { return }
            for weight in weights[...last] { put(weight, &key) }
        }
    }

    /// Adds a code unit; false if its sort key is not known.
    private mutating func append(_ weight: SortWeight, _ output: inout Output, _ key: inout [UInt8]) -> Bool {
        switch weight.script {
        case SortScript.unsortable:
            return true
        case SortScript.nonspacingMark:
            return diacritics.addToLast(weight.diacritic)
        case SortScript.expansion:
            return appendExpansion(weight, &output, &key)
        case SortScript.eastAsia, SortScript.jamo, SortScript.privateUse, SortScript.unknown:
            return false
        case SortScript.ideograph:
            output.put(0xfd, &key)
            output.put(0xff, &key)
            output.put(weight.primary, &key)
            output.put(weight.diacritic, &key)
            diacritics.append(LesserWeights.ordinary)
            cases.append(LesserWeights.ordinary)
            return true
        case SortScript.punctuation:
            guard !flags.contains(.ignoreSymbols) else { return true }
            guard flags.contains(.stringSort) else {
                // Counted backwards from 0, so that punctuation later in the text sorts before.
                let position = UInt16(truncatingIfNeeded: -(output.count / 2) - 1)
                specials.append(UInt8(truncatingIfNeeded: position >> 8))
                specials.append(UInt8(truncatingIfNeeded: position))
                specials.append(weight.primary)
                specials.append(weight.letterCase & caseMask | UInt8(truncatingIfNeeded: UInt16(weight.diacritic) << 3))
                return true
            }
            return appendOrdinary(weight, &output, &key)
        case SortScript.symbols:
            return flags.contains(.ignoreSymbols) || appendOrdinary(weight, &output, &key)
        default:
            return appendOrdinary(weight, &output, &key)
        }
    }

    private mutating func appendOrdinary(
        _ weight: SortWeight, _ output: inout Output, _ key: inout [UInt8]
    ) -> Bool {
        let letterCase = weight.letterCase & caseMask
        let isSurrogate = SortScript.surrogates ~= weight.script
        // Stored keys show what surrogates do when case is ignored, and only then; of letters whose case weight is more
        // than case nothing was seen.
        guard flags.contains(.ignoreCase) ? isSurrogate || letterCase <= LesserWeights.ordinary : !isSurrogate else {
            return false
        }
        output.put(weight.script, &key)
        output.put(weight.primary, &key)
        diacritics.append(weight.diacritic)
        cases.append(letterCase)
        return true
    }

    /// Adds the two code units that one stands for; the second may stand for two again.
    private mutating func appendExpansion(
        _ weight: SortWeight, _ output: inout Output, _ key: inout [UInt8]
    ) -> Bool {
        var weight = weight
        for _ in 0..<4 {
            guard let (first, second) = weights.expansion(weight.expansion) else { return false }
            guard isLetter(weights[first]), appendOrdinary(weights[first], &output, &key) else { return false }
            weight = weights[second]
            guard weight.script == SortScript.expansion else {
                return isLetter(weight) && appendOrdinary(weight, &output, &key)
            }
        }
        return false
    }

    /// Whether a part of an expansion is of those whose treatment is known.
    private func isLetter(_ weight: SortWeight) -> Bool {
        weight.script > SortScript.symbols.upperBound && !(SortScript.privateUse ~= weight.script)
            && weight.script != SortScript.unknown
    }
}

/// Weights of one kind that count after the primary ones. Ordinary ones are only counted until another follows: most
/// texts have no others, and those at the end are left out.
private struct LesserWeights {
    /// The weight of a letter without diacritic, or in lower case.
    static let ordinary: UInt8 = 2

    /// All weights but the ordinary ones at the end.
    private(set) var bytes: [UInt8] = []
    private var ordinaryCount = 0

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        ordinaryCount = 0
    }

    mutating func append(_ weight: UInt8) {
        guard weight != Self.ordinary else {
            ordinaryCount += 1
            return
        }
        writeOrdinary()
        bytes.append(weight)
    }

    /// Adds to the last weight, or begins with this one; false if the sum is no byte.
    mutating func addToLast(_ weight: UInt8) -> Bool {
        var last: UInt8 = 0
        if ordinaryCount > 0 {
            ordinaryCount -= 1
            writeOrdinary()
            last = Self.ordinary
        } else if let byte = bytes.popLast() {
            last = byte
        }
        let (sum, overflow) = last.addingReportingOverflow(weight)
        bytes.append(sum)
        return !overflow
    }

    private mutating func writeOrdinary() {
        while ordinaryCount > 0 {
            bytes.append(Self.ordinary)
            ordinaryCount -= 1
        }
    }
}
