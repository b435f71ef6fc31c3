// Layer: WinSNMPABI. Uses: SNMPCodec. Used by: the functions of variable bindings.
// smiVALUE and SNMPValue, either way.

import CWinSNMP
import SNMPCodec
import WinSNMP

extension smiVALUE {
    /// The value, copied. Throws `syntaxInvalid`, `oidInvalid`, and what `smiOCTETS.octets` throws; doesn't record
    /// them.
    func value() throws(SNMPAPIError) -> SNMPValue {
        switch Int32(truncatingIfNeeded: syntax) {
        case SNMP_SYNTAX_INT: .integer(value.sNumber)
        case SNMP_SYNTAX_OCTETS: .octetString(try value.string.octets())
        case SNMP_SYNTAX_NULL: .null
        case SNMP_SYNTAX_OID: .objectIdentifier(try value.oid.identifier())
        case SNMP_SYNTAX_IPADDR: try address()
        case SNMP_SYNTAX_CNTR32: .counter32(value.uNumber)
        case SNMP_SYNTAX_GAUGE32: .gauge32(value.uNumber)
        case SNMP_SYNTAX_TIMETICKS: .timeTicks(value.uNumber)
        case SNMP_SYNTAX_OPAQUE: .opaque(try value.string.octets())
        case SNMP_SYNTAX_CNTR64: .counter64(UInt64(value.hNumber.hipart) << 32 | UInt64(value.hNumber.lopart))
        case SNMP_SYNTAX_UINT32: .uinteger32(value.uNumber)
        case SNMP_SYNTAX_NOSUCHOBJECT: .noSuchObject
        case SNMP_SYNTAX_NOSUCHINSTANCE: .noSuchInstance
        case SNMP_SYNTAX_ENDOFMIBVIEW: .endOfMibView
        // Neither is a type of SNMPv2; the tag that the program gave goes into the message.
        case SNMP_SYNTAX_BITS, SNMP_SYNTAX_NSAPADDR:
            .other(tag: UInt8(truncatingIfNeeded: syntax), content: try value.string.octets())
        default: throw .syntaxInvalid
        }
    }

    private func address() throws(SNMPAPIError) -> SNMPValue {
        let octets = try value.string.octets()
        guard octets.count == 4 else { return .other(tag: UInt8(SNMP_SYNTAX_IPADDR), content: octets) }
        return .ipAddress(octets.reduce(0) { $0 << 8 | UInt32($1) })
    }

    /// A value for the caller, who is to free its octets or arcs.
    init(copying value: SNMPValue) {
        self.init()
        syntax = smiUINT32(value.tag)
        switch value {
        case .integer(let number): self.value.sNumber = number
        case .counter32(let number), .gauge32(let number), .timeTicks(let number), .uinteger32(let number):
            self.value.uNumber = number
        case .counter64(let number):
            self.value.hNumber.hipart = smiUINT32(truncatingIfNeeded: number >> 32)
            self.value.hNumber.lopart = smiUINT32(truncatingIfNeeded: number)
        case .octetString(let octets), .opaque(let octets): self.value.string = smiOCTETS(copying: octets)
        case .objectIdentifier(let identifier): self.value.oid = smiOID(copying: identifier)
        case .ipAddress(let address):
            self.value.string = smiOCTETS(
                copying: [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: address >> $0) })
        case .float(let number):
            self.value.string = smiOCTETS(copying: smiVALUE.wrapped(BERTag.opaqueFloat, number.bitPattern))
        case .double(let number):
            self.value.string = smiOCTETS(copying: smiVALUE.wrapped(BERTag.opaqueDouble, number.bitPattern))
        case .null, .noSuchObject, .noSuchInstance, .endOfMibView: break
        // A number without content, which agents send, reads as 0; all else as octets.
        case .other(let tag, let content):
            if !smiVALUE.isNumber(tag) { self.value.string = smiOCTETS(copying: content) }
        }
    }

    /// A number as it stands inside Opaque: an extended tag, the length, the octets.
    private static func wrapped(_ tag: UInt8, _ bits: some FixedWidthInteger) -> [UInt8] {
        let size = bits.bitWidth / 8
        return [BERTag.opaqueExtension, tag, UInt8(size)]
            + (1...size).map { UInt8(truncatingIfNeeded: bits >> ((size - $0) * 8)) }
    }

    private static func isNumber(_ tag: UInt8) -> Bool {
        switch Int32(tag) {
        case SNMP_SYNTAX_INT, SNMP_SYNTAX_CNTR32, SNMP_SYNTAX_GAUGE32, SNMP_SYNTAX_TIMETICKS, SNMP_SYNTAX_CNTR64,
            SNMP_SYNTAX_UINT32:
            true
        default: false
        }
    }
}
