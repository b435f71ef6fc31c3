// Layer: ESEExport/Rendering. Uses: Digits. Used by: ValueRendering.
// Moments as ISO 8601, in the proleptic Gregorian calendar. OLE dates say nothing of a zone, so they are written
// without.

/// Calendar arithmetic.
enum Moments {
    /// Days from 0001-01-01 to 1601-01-01 and to 1899-12-30.
    private static let daysTo1601 = 584_388
    private static let daysTo1899 = 693_593

    /// File times from 1970 to 2200: what a column that is said to hold an OLE date really has in some programs.
    static func isPlausible(fileTime: UInt64) -> Bool {
        (116_444_736_000_000_000..<189_000_000_000_000_000).contains(fileTime)
    }

    /// The date of a day counted from 0001-01-01, which is 0. (After "Calendrical Calculations", chapter 2.)
    static func date(ofDay day: Int) -> (year: Int, month: Int, day: Int) {
        // Years that begin in March have the leap day at their end. Day 306 is March 1 of year 1.
        let shifted = day + 306
        let era = shifted >= 0 ? shifted / 146_097 : (shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        )
    }

    static func dayIn1899(_ days: Int) -> Int { days + daysTo1899 }
    static func dayIn1601(_ days: Int) -> Int { days + daysTo1601 }
}

extension [UInt8] {
    private mutating func appendDate(ofDay day: Int) {
        let date = Moments.date(ofDay: day)
        appendDecimal(date.year, digits: 4)
        append(UInt8(ascii: "-"))
        appendDecimal(date.month, digits: 2)
        append(UInt8(ascii: "-"))
        appendDecimal(date.day, digits: 2)
    }

    private mutating func appendTime(secondOfDay: Int) {
        append(UInt8(ascii: "T"))
        appendDecimal(secondOfDay / 3_600, digits: 2)
        append(UInt8(ascii: ":"))
        appendDecimal(secondOfDay / 60 % 60, digits: 2)
        append(UInt8(ascii: ":"))
        appendDecimal(secondOfDay % 60, digits: 2)
    }

    /// Appends an OLE date to the millisecond; false, and nothing, for what is none: not a number, before the year 100,
    /// after 9999, or so near to zero that the bits were meant to be something else.
    mutating func appendOLEDate(_ days: Double) -> Bool {
        guard days > -657_435, days < 2_958_466, days == 0 || days.magnitude > 1e-9 else { return false }
        // The fraction counts forward from the start of the day also before 1899.
        let whole = Int(days)
        let milliseconds = Int((days - Double(whole)).magnitude * 86_400_000 + 0.5)
        let day = whole + milliseconds / 86_400_000
        // The last half millisecond rounds to the year 10000.
        guard day < 2_958_466 else { return false }
        appendDate(ofDay: Moments.dayIn1899(day))
        appendTime(secondOfDay: milliseconds % 86_400_000 / 1_000)
        if milliseconds % 1_000 != 0 {
            append(UInt8(ascii: "."))
            appendDecimal(milliseconds % 1_000, digits: 3)
        }
        return true
    }

    /// Appends 100-ns units since 1601.
    mutating func appendFileTime(_ units: UInt64) {
        let day = Int(units / 864_000_000_000)
        let rest = Int(units % 864_000_000_000)
        appendDate(ofDay: Moments.dayIn1601(day))
        appendTime(secondOfDay: rest / 10_000_000)
        append(UInt8(ascii: "."))
        appendDecimal(rest % 10_000_000, digits: 7)
        append(UInt8(ascii: "Z"))
    }

    /// Appends seconds since 1601; nothing for 0, and the number for what lies after the year 9999.
    mutating func appendSecondsOrNumber(_ seconds: UInt64) -> RenderedKind {
        guard seconds < 265_046_774_400 else {
            appendDecimal(seconds)
            return .number
        }
        return appendFileTimeOrNumber(seconds * 10_000_000)
    }

    /// Appends a file time; nothing for 0, which means "never", and the number for what lies after the year 9999.
    mutating func appendFileTimeOrNumber(_ units: UInt64) -> RenderedKind {
        if units == 0 { return .text }
        guard units < 2_650_467_744_000_000_000 else {
            appendDecimal(units)
            return .number
        }
        appendFileTime(units)
        return .text
    }
}
