// Layer: SNMPCodec. Uses: BERReader. Used by: messages, engines.

extension SNMPValue {
    /// Decodes content octets by their tag. Numbers do not allocate.
    ///
    /// What is tolerated goes into `deviations`. Throws `badInteger` for numbers of impossible length and
    /// `badObjectIdentifier`; unknown tags become `.other`.
    public init(
        tag: UInt8, _ bytes: RawSpan, _ range: Range<Int>, _ deviations: inout Deviations
    ) throws(BERError) {
        switch tag {
        case BERTag.integer:
            guard !range.isEmpty else { self = .empty(tag, &deviations); return }
            self = .integer(try BER.signed(bytes, range, &deviations))
        case BERTag.counter32:
            guard !range.isEmpty else { self = .empty(tag, &deviations); return }
            self = .counter32(UInt32(truncatingIfNeeded: try BER.unsigned(bytes, range, bits: 32, &deviations)))
        case BERTag.gauge32:
            guard !range.isEmpty else { self = .empty(tag, &deviations); return }
            self = .gauge32(UInt32(truncatingIfNeeded: try BER.unsigned(bytes, range, bits: 32, &deviations)))
        case BERTag.timeTicks:
            guard !range.isEmpty else { self = .empty(tag, &deviations); return }
            self = .timeTicks(UInt32(truncatingIfNeeded: try BER.unsigned(bytes, range, bits: 32, &deviations)))
        case BERTag.uinteger32:
            guard !range.isEmpty else { self = .empty(tag, &deviations); return }
            self = .uinteger32(UInt32(truncatingIfNeeded: try BER.unsigned(bytes, range, bits: 32, &deviations)))
        case BERTag.counter64:
            guard !range.isEmpty else { self = .empty(tag, &deviations); return }
            self = .counter64(try BER.unsigned(bytes, range, bits: 64, &deviations))
        case BERTag.octetString:
            self = .octetString(bytes.octets(range))
        case BERTag.objectIdentifier:
            var name = ObjectIdentifier()
            try BER.objectIdentifier(bytes, range, into: &name, &deviations)
            self = .objectIdentifier(name)
        case BERTag.ipAddress:
            guard range.count == 4 else {
                deviations.insert(.badAddressLength)
                self = .other(tag: tag, content: bytes.octets(range))
                return
            }
            var address: UInt32 = 0
            for index in range { address = address << 8 | UInt32(bytes.octet(index)) }
            self = .ipAddress(address)
        case BERTag.opaque:
            self = .opaqueContent(bytes, range)
        case BERTag.null, BERTag.noSuchObject, BERTag.noSuchInstance, BERTag.endOfMibView:
            if !range.isEmpty { deviations.insert(.nullWithContent) }
            switch tag {
            case BERTag.noSuchObject: self = .noSuchObject
            case BERTag.noSuchInstance: self = .noSuchInstance
            case BERTag.endOfMibView: self = .endOfMibView
            default: self = .null
            }
        default:
            deviations.insert(.unknownType)
            self = .other(tag: tag, content: bytes.octets(range))
        }
    }

    private static func empty(_ tag: UInt8, _ deviations: inout Deviations) -> SNMPValue {
        deviations.insert(.emptyInteger)
        return .other(tag: tag, content: [])
    }

    /// Opaque content that is exactly a wrapped float or double is given as that number; all else as octets.
    private static func opaqueContent(_ bytes: RawSpan, _ range: Range<Int>) -> SNMPValue {
        let start = range.lowerBound
        if range.count == 7, bytes.octet(start) == BERTag.opaqueExtension,
            bytes.octet(start + 1) == BERTag.opaqueFloat, bytes.octet(start + 2) == 4
        {
            var bits: UInt32 = 0
            for index in start + 3..<start + 7 { bits = bits << 8 | UInt32(bytes.octet(index)) }
            return .float(Float(bitPattern: bits))
        }
        if range.count == 11, bytes.octet(start) == BERTag.opaqueExtension,
            bytes.octet(start + 1) == BERTag.opaqueDouble, bytes.octet(start + 2) == 8
        {
            var bits: UInt64 = 0
            for index in start + 3..<start + 11 { bits = bits << 8 | UInt64(bytes.octet(index)) }
            return .double(Double(bitPattern: bits))
        }
        return .opaque(bytes.octets(range))
    }
}
