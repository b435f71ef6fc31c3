// Layer: WinSNMPABI. Uses: WinSNMP. Used by: C programs, through winsnmp.h, which says what each function does.
// Exports: descriptors and identifiers. They need no session, and work on the caller's arrays as they are.

public import CWinSNMP
import SNMPCodec
import WinSNMP

/// See winsnmp.h.
@c @implementation
public func SnmpFreeDescriptor(_ syntax: smiUINT32, _ descriptor: smiLPOPAQUE?) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        try library.requireInitialized()
        guard isDescriptor(syntax) else { throw library.failing(.syntaxInvalid, "syntax \(syntax) has no memory") }
        guard let descriptor else { throw library.failing(.allocError, "no descriptor") }
        let address = UInt(bitPattern: descriptor.pointee.ptr)
        // Values of no octets have no memory; there is nothing to do, and nothing wrong.
        if address != 0 || descriptor.pointee.len != 0 {
            guard DescriptorMemory.shared.free(address) else {
                throw library.failing(.operationInvalid, "memory that was not handed out, or was freed before")
            }
        }
        descriptor.pointee = smiOPAQUE()
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpStrToOid(_ string: LPCSTR?, _ dstOID: smiLPOID?) -> SNMPAPI_STATUS {
    count { () throws(SNMPAPIError) in
        try library.requireInitialized()
        guard let string, let dstOID else { throw library.failing(.allocError, "no text, or no descriptor") }
        guard let text = readText(at: string, limit: Int(MAXOBJIDSTRSIZE)), let identifier = ObjectIdentifier(text),
            identifier.count >= 2
        else { throw library.failing(.oidInvalid, "the text is no object identifier") }
        dstOID.pointee = smiOID(copying: identifier)
        return identifier.count
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpOidToStr(_ srcOID: smiLPCOID?, _ size: smiUINT32, _ string: LPSTR?) -> SNMPAPI_STATUS {
    count { () throws(SNMPAPIError) in
        try library.requireInitialized()
        guard size > 0 else { throw library.failing(.sizeInvalid, "a buffer of no octets") }
        guard let source = srcOID?.pointee else { throw library.failing(.allocError, "no object identifier") }
        guard source.isValid, let identifier = try? source.identifier() else {
            throw library.failing(.oidInvalid, "an object identifier of \(source.len) sub-identifiers")
        }
        return try store(identifier.description, at: string, size: size) { library.failing($0, $1) }
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpOidCopy(_ srcOID: smiLPCOID?, _ dstOID: smiLPOID?) -> SNMPAPI_STATUS {
    count { () throws(SNMPAPIError) in
        try library.requireInitialized()
        guard let source = srcOID?.pointee, let dstOID else {
            throw library.failing(.allocError, "no object identifier, or no descriptor")
        }
        guard source.isValid, let arcs = source.ptr else {
            throw library.failing(.oidInvalid, "an object identifier of \(source.len) sub-identifiers")
        }
        let length = Int(source.len)
        let copy = DescriptorMemory.shared.allocateArcs(length)
        copy.update(from: arcs, count: length)
        dstOID.pointee = smiOID(len: source.len, ptr: copy)
        return length
    }
}

/// See winsnmp.h.
@c @implementation
public func SnmpOidCompare(
    _ xOID: smiLPCOID?, _ yOID: smiLPCOID?, _ maxlen: smiUINT32, _ result: smiLPINT?
) -> SNMPAPI_STATUS {
    status { () throws(SNMPAPIError) in
        try library.requireInitialized()
        guard maxlen <= MAXOBJIDSIZE else { throw library.failing(.sizeInvalid, "\(maxlen) sub-identifiers") }
        guard let x = xOID?.pointee, let y = yOID?.pointee, let result else {
            throw library.failing(.allocError, "no object identifier, or no output")
        }
        guard x.len == 0 || x.isValid, y.len == 0 || y.isValid else {
            throw library.failing(.oidInvalid, "object identifiers of \(x.len) and \(y.len) sub-identifiers")
        }
        result.pointee = order(x, y, limit: maxlen == 0 ? Int(MAXOBJIDSIZE) : Int(maxlen))
    }
}

/// -1, 0, 1: how two identifiers, valid or empty, are ordered by at most `limit` arcs.
private func order(_ x: smiOID, _ y: smiOID, limit: Int) -> smiINT {
    let xCount = min(Int(x.len), limit)
    let yCount = min(Int(y.len), limit)
    if let xArcs = x.ptr, let yArcs = y.ptr {
        for index in 0..<min(xCount, yCount) where xArcs[index] != yArcs[index] {
            return xArcs[index] < yArcs[index] ? -1 : 1
        }
    }
    return xCount == yCount ? 0 : xCount < yCount ? -1 : 1
}
