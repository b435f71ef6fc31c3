// Layer: HostAgent/Access. Uses: SNMPCodec. Used by: all groups.
// From 64-bit numbers of the kernel to the types of SNMP: counters wrap, everything else stops at its limit.

import SNMPCodec

extension SNMPValue {
    /// Counter32: the lower half.
    static func counter32(wrapping value: UInt64) -> SNMPValue { .counter32(UInt32(truncatingIfNeeded: value)) }

    /// Gauge32 and Unsigned32: at most 2^32 - 1.
    static func gauge32(clamping value: UInt64) -> SNMPValue { .gauge32(UInt32(clamping: value)) }

    /// INTEGER without sign: at most 2^31 - 1.
    static func integer(clamping value: UInt64) -> SNMPValue { .integer(Int32(clamping: value)) }

    /// TruthValue: true(1), false(2).
    static func truth(_ value: Bool) -> SNMPValue { .integer(value ? 1 : 2) }

    /// `{ 0 0 }`, the object identifier that says that there is none.
    static let noIdentifier = SNMPValue.objectIdentifier([0, 0])

    /// At most `limit` octets.
    static func octets(_ bytes: some Sequence<UInt8>, limit: Int) -> SNMPValue {
        .octetString(Array(bytes.prefix(limit)))
    }
}

extension UInt64 {
    /// The product, or the greatest number if it is greater.
    func multipliedClamping(by factor: UInt64) -> UInt64 {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? .max : product
    }

    /// The difference, or 0 if `other` is greater.
    func subtractingClamping(_ other: UInt64) -> UInt64 { self > other ? self - other : 0 }

    /// The sum, or the greatest number if it is greater.
    func addingClamping(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}

/// DateAndTime (SNMPv2-TC) of a time since 1970: eight octets and, with the distance from UTC, three more.
func dateAndTime(wallDeciseconds: Int64, utcOffsetSeconds: Int) -> [UInt8] {
    let offset = Int64(min(max(utcOffsetSeconds, -86_399), 86_399))
    // Years 0 to 65535 fit into the field; far less is asked for.
    let deciseconds = min(max(wallDeciseconds, 0), 2_000_000_000_000) + offset * 10
    let seconds = max(deciseconds, 0) / 10
    let (day, time) = (seconds / 86_400, seconds % 86_400)
    // The calendar repeats every 400 years, which have 146,097 days. Years begin in March here, so that the day that
    // only some of them have is the last.
    let shifted = day + 719_468
    let (era, dayOfEra) = (shifted / 146_097, shifted % 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let dayOfMonth = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let minutes = abs(offset) / 60
    let parts: [Int64] = [
        year >> 8, year & 0xFF, month, dayOfMonth, time / 3_600, time / 60 % 60, time % 60, max(deciseconds, 0) % 10,
        offset < 0 ? 0x2D : 0x2B, minutes / 60, minutes % 60,
    ]
    return parts.map { UInt8(truncatingIfNeeded: $0) }
}
