// Layer: WinSNMP. Used by: the C library, applications.
// PDUs and variable binding lists. Lists are copied into PDUs and out of them; copies share their memory until one of
// them changes.

import Primitives
public import SNMPCodec

/// The fields of a PDU (SnmpGetPduData).
public struct PDUData: Hashable, Sendable {
    /// The type, 0xA0...0xA8.
    public var type: Int32
    /// The request-id.
    public var requestID: Int32
    /// The error-status; for GETBULK the non-repeaters.
    public var errorStatus: Int32
    /// The error-index; for GETBULK the max-repetitions.
    public var errorIndex: Int32
}

extension WinSNMPLibrary {
    // MARK: PDUs

    /// Makes a PDU (SnmpCreatePdu). Type 0 is GETNEXT; a request-id of 0 has one made; without a list it has no
    /// bindings. Throws `sessionInvalid`, `pduInvalid` for unknown types and the v1 trap, `vblInvalid`, `allocError`.
    public func createPdu(
        _ session: SessionHandle, type: Int32, requestID: Int32 = 0, errorStatus: Int32 = 0, errorIndex: Int32 = 0,
        vbl: VBLHandle? = nil
    ) throws(SNMPAPIError) -> PDUHandle {
        try withInstance { instance throws(SNMPAPIError) in
            guard let owner = instance.sessions[session.rawValue] else { throw fail(.sessionInvalid) }
            var bindings: [VarBind] = []
            if let vbl {
                guard let list = instance.vbls[vbl.rawValue] else { throw fail(.vblInvalid, in: owner) }
                bindings = list.bindings
            }
            let type = type == 0 ? Int32(PDUType.getNext.rawValue) : type
            guard WinSNMPLibrary.isCreatable(type) else { throw fail(.pduInvalid, "PDU type \(type)", in: owner) }
            let record = PDURecord(
                type: type, requestID: requestID == 0 ? instance.newRequestID(owner) : requestID,
                errorStatus: errorStatus, errorIndex: errorIndex, bindings)
            return try insert(record, owner, instance)
        }
    }

    private static func isCreatable(_ type: Int32) -> Bool {
        guard let octet = UInt8(exactly: type), let type = PDUType(rawValue: octet) else { return false }
        return type != .trapV1 && type != .report
    }

    /// Makes a handle for a PDU; the lock is held.
    func insert(_ pdu: PDURecord, _ owner: SessionRecord, _ instance: Instance) throws(SNMPAPIError) -> PDUHandle {
        guard let handle = instance.pdus.insert(pdu, owner: owner.slot, limit: options.maximumHandles) else {
            throw fail(.allocError, "there are \(options.maximumHandles) PDUs already", in: owner)
        }
        return PDUHandle(rawValue: handle)
    }

    /// The fields of a PDU but for its bindings (SnmpGetPduData). Throws `pduInvalid`.
    public func pduData(_ pdu: PDUHandle) throws(SNMPAPIError) -> PDUData {
        try withInstance { instance throws(SNMPAPIError) in
            guard let record = instance.pdus[pdu.rawValue] else { throw fail(.pduInvalid) }
            return PDUData(
                type: record.type, requestID: record.requestID, errorStatus: record.errorStatus,
                errorIndex: record.errorIndex)
        }
    }

    /// The bindings of a PDU as a new list, which belongs to the PDU's session and is to be freed (SnmpGetPduData).
    /// Empty if it has none. Throws `pduInvalid`, `allocError`.
    public func pduVbl(_ pdu: PDUHandle) throws(SNMPAPIError) -> VBLHandle {
        try withInstance { instance throws(SNMPAPIError) in
            guard let record = instance.pdus[pdu.rawValue],
                let owner = instance.owner(of: pdu.rawValue, in: instance.pdus)
            else { throw fail(.pduInvalid) }
            return try insert(VBLRecord(record.bindings), owner, instance)
        }
    }

    /// Changes fields of a PDU; nil leaves one as it is (SnmpSetPduData). The counts only count for GETBULK.
    /// Throws `pduInvalid`, `vblInvalid`, and `noop` when all are nil.
    public func setPduData(
        _ pdu: PDUHandle, type: Int32? = nil, requestID: Int32? = nil, nonRepeaters: Int32? = nil,
        maxRepetitions: Int32? = nil, vbl: VBLHandle? = nil
    ) throws(SNMPAPIError) {
        try withInstance { instance throws(SNMPAPIError) in
            guard let record = instance.pdus[pdu.rawValue] else { throw fail(.pduInvalid) }
            let owner = instance.owner(of: pdu.rawValue, in: instance.pdus)
            var bindings: [VarBind]?
            if let vbl {
                guard let list = instance.vbls[vbl.rawValue] else { throw fail(.vblInvalid, in: owner) }
                bindings = list.bindings
            }
            guard type != nil || requestID != nil || nonRepeaters != nil || maxRepetitions != nil || vbl != nil
            else { throw fail(.noop, in: owner) }
            if let type {
                let type = type == 0 ? Int32(PDUType.getNext.rawValue) : type
                guard WinSNMPLibrary.isCreatable(type) else { throw fail(.pduInvalid, "PDU type \(type)", in: owner) }
                record.type = type
            }
            if let requestID { record.requestID = requestID }
            if record.type == Int32(PDUType.getBulk.rawValue) {
                if let nonRepeaters { record.errorStatus = nonRepeaters }
                if let maxRepetitions { record.errorIndex = maxRepetitions }
            }
            if let bindings { record.bindings = bindings }
        }
    }

    /// Copies a PDU, request-id included, for a session (SnmpDuplicatePdu).
    /// Throws `sessionInvalid`, `pduInvalid`, `allocError`.
    public func duplicatePdu(_ session: SessionHandle, _ pdu: PDUHandle) throws(SNMPAPIError) -> PDUHandle {
        try withInstance { instance throws(SNMPAPIError) in
            guard let owner = instance.sessions[session.rawValue] else { throw fail(.sessionInvalid) }
            guard let record = instance.pdus[pdu.rawValue] else { throw fail(.pduInvalid, in: owner) }
            return try insert(record.copy(), owner, instance)
        }
    }

    /// Frees a PDU (SnmpFreePdu); requests that were sent from it go on. Throws `pduInvalid`.
    public func freePdu(_ pdu: PDUHandle) throws(SNMPAPIError) {
        try withInstance { instance throws(SNMPAPIError) in
            guard instance.pdus.release(pdu.rawValue).isLive else { throw fail(.pduInvalid) }
        }
    }

    // MARK: Variable binding lists

    /// Makes a list of one binding, or without a name an empty one (SnmpCreateVbl).
    /// Throws `sessionInvalid`, `oidInvalid`, `syntaxInvalid`, `allocError`.
    public func createVbl(
        _ session: SessionHandle, name: ObjectIdentifier? = nil, value: SNMPValue? = nil
    ) throws(SNMPAPIError) -> VBLHandle {
        try createVbl(session, binding: { name.map { VarBind($0, value ?? .null) } })
    }

    /// The same, reading the binding after the session was checked.
    package func createVbl(
        _ session: SessionHandle, binding: () throws(SNMPAPIError) -> VarBind?
    ) throws(SNMPAPIError) -> VBLHandle {
        try withInstance { instance throws(SNMPAPIError) in
            guard let owner = instance.sessions[session.rawValue] else { throw fail(.sessionInvalid) }
            let binding = try recording(in: owner) { () throws(SNMPAPIError) in
                let binding = try binding()
                if let binding { try check(binding) }
                return binding
            }
            return try insert(VBLRecord(binding.map { [$0] } ?? []), owner, instance)
        }
    }

    private func check(_ binding: VarBind) throws(SNMPAPIError) {
        guard !binding.name.isEmpty else { throw .oidInvalid }
        guard binding.value.isOfTheAPI else { throw .syntaxInvalid }
    }

    /// Makes a handle for a list; the lock is held.
    func insert(_ list: VBLRecord, _ owner: SessionRecord, _ instance: Instance) throws(SNMPAPIError) -> VBLHandle {
        guard let handle = instance.vbls.insert(list, owner: owner.slot, limit: options.maximumHandles) else {
            throw fail(.allocError, "there are \(options.maximumHandles) lists already", in: owner)
        }
        return VBLHandle(rawValue: handle)
    }

    /// Copies a list for a session (SnmpDuplicateVbl). Throws `sessionInvalid`, `vblInvalid`, `allocError`.
    public func duplicateVbl(_ session: SessionHandle, _ vbl: VBLHandle) throws(SNMPAPIError) -> VBLHandle {
        try withInstance { instance throws(SNMPAPIError) in
            guard let owner = instance.sessions[session.rawValue] else { throw fail(.sessionInvalid) }
            guard let record = instance.vbls[vbl.rawValue] else { throw fail(.vblInvalid, in: owner) }
            return try insert(VBLRecord(record.bindings), owner, instance)
        }
    }

    /// Frees a list (SnmpFreeVbl). Throws `vblInvalid`.
    public func freeVbl(_ vbl: VBLHandle) throws(SNMPAPIError) {
        try withInstance { instance throws(SNMPAPIError) in
            guard instance.vbls.release(vbl.rawValue).isLive else { throw fail(.vblInvalid) }
        }
    }

    private func withVbl<Result>(
        _ vbl: VBLHandle, _ body: (VBLRecord, SessionRecord?) throws(SNMPAPIError) -> Result
    ) throws(SNMPAPIError) -> Result {
        try withInstance { instance throws(SNMPAPIError) in
            guard let record = instance.vbls[vbl.rawValue] else { throw fail(.vblInvalid) }
            return try body(record, instance.owner(of: vbl.rawValue, in: instance.vbls))
        }
    }

    /// The number of bindings, 1 or more (SnmpCountVbl). Throws `vblInvalid`, and `noop` for an empty list.
    public func countVbl(_ vbl: VBLHandle) throws(SNMPAPIError) -> Int {
        try withVbl(vbl) { record, owner throws(SNMPAPIError) in
            guard !record.bindings.isEmpty else { throw fail(.noop, in: owner) }
            return record.bindings.count
        }
    }

    /// A binding, counted from 1 (SnmpGetVb). Throws `vblInvalid`, `indexInvalid`.
    public func vb(_ vbl: VBLHandle, index: UInt32) throws(SNMPAPIError) -> VarBind {
        try withVbl(vbl) { record, owner throws(SNMPAPIError) in
            guard index >= 1, Int(index) <= record.bindings.count else {
                throw fail(.indexInvalid, "\(index) of \(record.bindings.count)", in: owner)
            }
            return record.bindings[Int(index) - 1]
        }
    }

    /// Runs `body` with a binding, under the lock.
    package func withVb(
        _ vbl: VBLHandle, index: UInt32, _ body: (borrowing VarBind) throws(SNMPAPIError) -> Void
    ) throws(SNMPAPIError) {
        try withVbl(vbl) { record, owner throws(SNMPAPIError) in
            guard index >= 1, Int(index) <= record.bindings.count else {
                throw fail(.indexInvalid, "\(index) of \(record.bindings.count)", in: owner)
            }
            try recording(in: owner) { () throws(SNMPAPIError) in try body(record.bindings[Int(index) - 1]) }
        }
    }

    /// Changes a binding, counted from 1, or appends one for index 0; the result is its index (SnmpSetVb). Without a
    /// name only the value changes; without a value it is NULL.
    /// Throws `vblInvalid`, `indexInvalid`, `oidInvalid`, `syntaxInvalid`.
    @discardableResult
    public func setVb(
        _ vbl: VBLHandle, index: UInt32, name: ObjectIdentifier?, value: SNMPValue?
    ) throws(SNMPAPIError) -> UInt32 {
        try setVb(vbl, index: index, binding: { (name, value) })
    }

    /// The same, reading the binding after list and index were checked.
    package func setVb(
        _ vbl: VBLHandle, index: UInt32,
        binding: () throws(SNMPAPIError) -> (name: ObjectIdentifier?, value: SNMPValue?)
    ) throws(SNMPAPIError) -> UInt32 {
        try withVbl(vbl) { record, owner throws(SNMPAPIError) in
            let count = record.bindings.count
            guard Int(index) <= count else { throw fail(.indexInvalid, "\(index) of \(count)", in: owner) }
            return try recording(in: owner) { () throws(SNMPAPIError) in
                let (name, value) = try binding()
                guard let name = name ?? (index == 0 ? nil : record.bindings[Int(index) - 1].name) else {
                    throw .oidInvalid
                }
                let new = VarBind(name, value ?? .null)
                try check(new)
                if index > 0 {
                    record.bindings[Int(index) - 1] = new
                    return index
                }
                guard count < SNMPLimits.maximumVariableBindings else { throw .allocError }
                record.bindings.append(new)
                return UInt32(count + 1)
            }
        }
    }

    /// Removes a binding, counted from 1; those behind it move up (SnmpDeleteVb). Throws `vblInvalid`, `indexInvalid`.
    public func deleteVb(_ vbl: VBLHandle, index: UInt32) throws(SNMPAPIError) {
        try withVbl(vbl) { record, owner throws(SNMPAPIError) in
            guard index >= 1, Int(index) <= record.bindings.count else {
                throw fail(.indexInvalid, "\(index) of \(record.bindings.count)", in: owner)
            }
            record.bindings.remove(at: Int(index) - 1)
        }
    }
}

extension PDURecord {
    /// An independent copy.
    func copy() -> PDURecord {
        PDURecord(type: type, requestID: requestID, errorStatus: errorStatus, errorIndex: errorIndex, bindings)
    }
}
