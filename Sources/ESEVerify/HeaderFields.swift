// Layer: ESEVerify. Uses: XORChecksum. Used by: Checker.
// The header of the file and its shadow: checksums, fields, and what a clean shutdown leaves. ESE's name: DBFILEHDR.

import ESEFormat
import ESEReader

/// What verification needs of the header.
struct HeaderFields {
    /// nil if neither header nor pages tell.
    var pageSize: PageSize?
    var isClean = false
    var databaseTime: DatabaseTime?
    var lastObject: ObjectID?
    var updateMajor: UInt32 = 0

    private static let byteCount = 748
    /// The newest format with a public description of its header.
    private static let newestMajor: UInt32 = 300

    /// Reads and checks both headers.
    static func read(_ source: any DatabaseSource, _ log: inout FindingLog) -> HeaderFields {
        var fields = HeaderFields()
        guard let size = findPageSize(source) else {
            log.add(Finding(.headerField, found: "no page size that fits", expected: "an ESE database"))
            return fields
        }
        fields.pageSize = size
        let first = copy(source, at: 0, size)
        let second = copy(source, at: UInt64(size.byteCount), size)
        let isFirstValid = XORChecksum.isValid(first.span.bytes)
        let isSecondValid = XORChecksum.isValid(second.span.bytes)
        for (name, bytes, isValid) in [("header", first, isFirstValid), ("shadow", second, isSecondValid)]
        where !isValid {
            let stored: UInt32 = (try? bytes.span.bytes.little(0)) ?? 0
            log.add(
                Finding(
                    .headerChecksum, found: "\(name): \(hex(UInt64(stored)))",
                    expected: hex(UInt64(XORChecksum.compute(bytes.span.bytes)))))
        }
        let header = isFirstValid || !isSecondValid ? first : second
        try? fields.check(header.span.bytes, size, &log)
        let isShadowOff = header.count > 208 && header[208] & 1 != 0
        if isFirstValid, isSecondValid, first != second, !isShadowOff {
            let place = zip(first, second).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? 0
            log.add(
                Finding(
                    .headerShadow, severity: fields.isClean ? .error : .note,
                    found: "they differ from byte \(place) on",
                    expected: "the same bytes"))
        }
        return fields
    }

    /// The page size that the header or its shadow says; if neither does, the one with which the first pages' checksums
    /// fit.
    private static func findPageSize(_ source: any DatabaseSource) -> PageSize? {
        let first = copy(source, at: 0, .kibibytes4)
        func stated(_ bytes: [UInt8]) -> PageSize? {
            guard let magic: UInt32 = try? bytes.span.bytes.little(4), magic == XORChecksum.seed,
                let size: UInt32 = try? bytes.span.bytes.little(236)
            else { return nil }
            return size == 0 ? .kibibytes4 : PageSize(rawValue: Int(size))
        }
        for size in PageSize.allCases where stated(first) == size {
            if XORChecksum.isValid(copy(source, at: 0, size).span.bytes) { return size }
        }
        for size in PageSize.allCases {
            let shadow = copy(source, at: UInt64(size.byteCount), size)
            if stated(shadow) == size, XORChecksum.isValid(shadow.span.bytes) { return size }
        }
        for size in PageSize.allCases.reversed() {
            for number in [PageNumber(1), PageNumber(2), PageNumber(4)] {
                let page = copy(source, at: size.fileOffset(of: number), size)
                if PageChecksum.verify(page.span.bytes, number: number, size: size) == .valid { return size }
            }
        }
        return stated(first)
    }

    /// A page's bytes, zeros where there are none.
    private static func copy(_ source: any DatabaseSource, at offset: UInt64, _ size: PageSize) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: size.byteCount)
        guard (try? source.read(at: offset, into: &bytes, count: size.byteCount)) != nil else {
            return [UInt8](repeating: 0, count: size.byteCount)
        }
        return bytes
    }

    private mutating func check(_ bytes: RawSpan, _ size: PageSize, _ log: inout FindingLog) throws(FormatError) {
        func word(_ offset: Int) throws(FormatError) -> UInt32 { try bytes.little(offset) }
        func long(_ offset: Int) throws(FormatError) -> UInt64 { try bytes.little(offset) }
        func wrong(_ field: String, _ found: UInt64, _ expected: String) {
            log.add(Finding(.headerField, found: "\(field) is \(hex(found))", expected: expected))
        }
        let magic = try word(4)
        if magic != XORChecksum.seed { wrong("the signature", UInt64(magic), hex(UInt64(XORChecksum.seed))) }
        let version = try word(8)
        if version != 0x620 { wrong("the format version", UInt64(version), "0x620") }
        updateMajor = try word(232)
        if updateMajor < 9 { wrong("the update version", UInt64(updateMajor), "9 or more") }
        if updateMajor > Self.newestMajor {
            log.add(
                Finding(
                    .headerVersion, found: "format \(version),\(updateMajor)",
                    expected: "at most 1568,\(Self.newestMajor)"))
        }
        let statedSize = try word(236)
        if statedSize != UInt32(size.byteCount), statedSize != 0 || size != .kibibytes4 {
            wrong("the page size", UInt64(statedSize), "\(size.byteCount)")
        }
        let fileType = try word(667)
        if ![0, 1, 5].contains(fileType) { wrong("the file type", UInt64(fileType), "1") }
        if updateMajor <= Self.newestMajor {
            for place in Self.byteCount..<bytes.byteCount where try bytes.byte(place) != 0 {
                wrong("byte \(place)", UInt64(try bytes.byte(place)), "0 behind the fields")
                break
            }
        }
        databaseTime = DatabaseTime(try long(16))
        lastObject = ObjectID(try word(212))
        let state = try word(52)
        isClean = state == 3
        if !(1...8).contains(state) {
            log.add(Finding(.headerState, found: "state \(state)", expected: "1...8"))
        }
        let needed = [
            ("lGenMinRequired", try word(296)), ("lGenMaxRequired", try word(300)), ("lGenMaxCommitted", try word(416)),
            ("lGenMinConsistent", try word(640)),
        ]
        if isClean {
            for (name, value) in needed where value != 0 {
                log.add(Finding(.headerState, found: "clean, and \(name) is \(value)", expected: "0"))
            }
            if try long(348) != 0 {
                log.add(Finding(.headerState, found: "clean, and logtimeGenMaxCreate is set", expected: "0"))
            }
            let (consistent, detached) = (try long(56), try long(96))
            if consistent != detached {
                log.add(
                    Finding(
                        .headerState, found: "clean, and consistent up to \(hex(consistent))",
                        expected: "the same as at detaching, \(hex(detached))"))
            }
        } else if state == 2 {
            let (least, most, committed) = (needed[0].1, needed[1].1, needed[2].1)
            if least > most || (committed != 0 && most > committed) {
                log.add(
                    Finding(
                        .headerState, found: "needs logs \(least) to \(most), committed up to \(committed)",
                        expected: "ascending numbers"))
            }
        }
    }
}

/// A number in hexadecimal with 0x.
func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
