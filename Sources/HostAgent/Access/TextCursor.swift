// Layer: HostAgent/Access. Uses: nothing. Used by: all readings.
// Reads the words and numbers of the text files that the kernel writes. Bytes rather than strings: no allocation for
// what is only looked at, and names need not be UTF-8.

/// A position in a text that moves from line to line and, inside a line, from word to word. Never leaves its line by
/// itself.
struct TextCursor {
    let bytes: [UInt8]
    private(set) var position = 0
    /// Where the current line ends: at its newline or at the end of the text.
    private var lineEnd = 0
    private var nextStart = 0

    /// Starts before the first line.
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// A text that was read up to a limit: an incomplete last line is left out, since half a number is a wrong number.
    init(_ bytes: [UInt8], limit: Int) {
        if bytes.count >= limit {
            self.bytes = Array(bytes[..<(bytes.lastIndex(of: TextCursor.newline) ?? 0)])
        } else {
            self.bytes = bytes
        }
    }

    static let newline: UInt8 = 0x0A
    static let colon: UInt8 = 0x3A

    /// Moves to the beginning of the next line; false at the end of the text.
    mutating func nextLine() -> Bool {
        guard nextStart < bytes.count else {
            position = bytes.count
            lineEnd = bytes.count
            return false
        }
        position = nextStart
        var end = position
        while end < bytes.count, bytes[end] != TextCursor.newline { end += 1 }
        lineEnd = end
        nextStart = end + 1
        return true
    }

    /// The byte here; nil at the end of the line.
    var current: UInt8? { position < lineEnd ? bytes[position] : nil }

    /// What is left of the line, without blanks before it.
    var rest: ArraySlice<UInt8> {
        mutating get {
            skipBlanks()
            defer { position = lineEnd }
            return bytes[position..<lineEnd]
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    mutating func skipBlanks() {
        while position < lineEnd, TextCursor.isBlank(bytes[position]) { position += 1 }
    }

    /// Moves over `byte` if it is here.
    mutating func accept(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        position += 1
        return true
    }

    /// The next word, which blanks surround; nil at the end of the line.
    mutating func word() -> ArraySlice<UInt8>? {
        skipBlanks()
        let start = position
        while position < lineEnd, !TextCursor.isBlank(bytes[position]) { position += 1 }
        return start < position ? bytes[start..<position] : nil
    }

    /// The bytes before the next `separator`, which is moved over; nil, and no movement, if the line has none.
    mutating func upTo(_ separator: UInt8) -> ArraySlice<UInt8>? {
        skipBlanks()
        var end = position
        while end < lineEnd, bytes[end] != separator { end += 1 }
        guard end < lineEnd else { return nil }
        defer { position = end + 1 }
        return bytes[position..<end]
    }

    /// Moves over `count` words; false if the line has fewer.
    mutating func skipWords(_ count: Int) -> Bool {
        for _ in 0..<count {
            guard word() != nil else { return false }
        }
        return true
    }

    /// The next word as a decimal number; nil if it is none, or none of 64 bits.
    mutating func number() -> UInt64? { word().flatMap { TextCursor.decimal($0) } }

    /// The next word as a decimal number with an optional sign.
    mutating func signedNumber() -> Int64? {
        guard let word = word() else { return nil }
        guard word.first == 0x2D else { return TextCursor.decimal(word).flatMap { Int64(exactly: $0) } }
        return TextCursor.decimal(word.dropFirst()).flatMap { Int64(exactly: $0) }.map { -$0 }
    }

    /// Bytes as a decimal number.
    static func decimal(_ digits: ArraySlice<UInt8>) -> UInt64? {
        guard !digits.isEmpty, digits.count <= 20 else { return nil }
        var value: UInt64 = 0
        for byte in digits {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(byte - 0x30))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }

    /// A number with two decimals after a point, such as `1788.29`, in hundredths. More decimals are cut off.
    static func hundredths(_ word: ArraySlice<UInt8>) -> UInt64? {
        let point = word.firstIndex(of: 0x2E) ?? word.endIndex
        guard let whole = decimal(word[..<point]) else { return nil }
        var fraction: UInt64 = 0
        if point < word.endIndex {
            var digits = word[(point + 1)...].prefix(2)
            guard let first = decimal(digits) else { return nil }
            fraction = digits.count == 1 ? first * 10 : first
            digits = word[(point + 1)...].dropFirst(2)
            guard digits.isEmpty || decimal(digits) != nil else { return nil }
        }
        let (product, overflow) = whole.multipliedReportingOverflow(by: 100)
        let (sum, carry) = product.addingReportingOverflow(fraction)
        return overflow || carry ? nil : sum
    }

    /// Bytes as a hexadecimal number of at most 16 digits, with or without `0x`.
    static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var digits = digits
        if digits.count > 2, digits[digits.startIndex] == 0x30, digits[digits.startIndex + 1] == 0x78 {
            digits = digits.dropFirst(2)
        }
        guard !digits.isEmpty, digits.count <= 16 else { return nil }
        var value: UInt64 = 0
        for byte in digits {
            guard let digit = hexDigit(byte) else { return nil }
            value = value << 4 | UInt64(digit)
        }
        return value
    }

    static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    /// Octets written as pairs of hexadecimal digits between colons, `02:fc:00`; nil if anything else is there.
    static func colonOctets(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard !text.isEmpty, text.count <= 95, text.count % 3 == 2 else { return nil }
        var octets: [UInt8] = []
        var index = text.startIndex
        while index < text.endIndex {
            guard let high = hexDigit(text[index]), let low = hexDigit(text[index + 1]) else { return nil }
            octets.append(high << 4 | low)
            guard index + 2 == text.endIndex || text[index + 2] == colon else { return nil }
            index += 3
        }
        return octets
    }
}

extension HostFiles {
    /// A cursor over the lines of a file; nil if it can't be read.
    func text(_ path: String, limit: Int = HostLimits.fileByteCount) -> TextCursor? {
        read(path, limit: limit).map { TextCursor($0, limit: limit) }
    }

    /// The first line of a file that holds one value, without blanks before it; nil if it can't be read.
    func value(_ path: String) -> ArraySlice<UInt8>? {
        guard var text = read(path, limit: HostLimits.valueByteCount).map(TextCursor.init), text.nextLine()
        else { return nil }
        return text.rest
    }

    /// A file that holds one number.
    func number(_ path: String) -> UInt64? { value(path).flatMap { TextCursor.decimal($0) } }
}
