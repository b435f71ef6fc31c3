// Layer: JetABI. Uses: Jet, Memory, Text, DatabaseStructures. Used by: Exports+DefinitionsDatabases.
// Databases: what the exported functions do, for both kinds of text.

import CJet
import ESEEngine
import ESEFormat
import Jet

// MARK: Results of information

/// Writes a value to a buffer of exactly its size, or of at least it.
func store<Value: BitwiseCopyable>(
    _ value: Value, to address: UnsafeMutableRawPointer?, _ cbMax: UInt32, isExact: Bool = false,
    _ error: JetError = .bufferTooSmall
) throws(JetError) {
    let size = MemoryLayout<Value>.size
    guard isExact ? Int(cbMax) == size : Int(cbMax) >= size else { throw error }
    try required(address).storeBytes(of: value, as: Value.self)
}

/// Writes a text with its NUL to a buffer that must have room for all of it. JET_errBufferTooSmall.
func storeText<Unit: TextUnit>(
    _ unit: Unit.Type, _ text: String, to address: UnsafeMutableRawPointer?, _ cbMax: UInt32
) throws(JetError) {
    let units = Unit.encode(text) + [0]
    guard units.count * MemoryLayout<Unit>.size <= Int(cbMax) else { throw .bufferTooSmall }
    let address = try required(address)
    for (index, unit) in units.enumerated() {
        address.storeBytes(of: unit, toByteOffset: index * MemoryLayout<Unit>.size, as: Unit.self)
    }
}

// MARK: Making and opening

func createDatabase<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ szFilename: UnsafePointer<Unit>?, _ szConnect: UnsafePointer<Unit>?,
    _ pdbid: UnsafeMutablePointer<JET_DBID>?, _ grbit: JET_GRBIT
) -> JET_ERR { createDatabase2(unit, sesid, szFilename, 0, pdbid, grbit) }

func createDatabase2<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ szFilename: UnsafePointer<Unit>?, _ cpgDatabaseSizeMax: UInt32,
    _ pdbid: UnsafeMutablePointer<JET_DBID>?, _ grbit: JET_GRBIT
) -> JET_ERR {
    result { () throws(JetError) in
        let pdbid = try required(pdbid)
        pdbid.pointee = JET_DBID.max
        pdbid.pointee = try library.createDatabase(
            sesid, try requiredText(szFilename), grbit, greatestPageCount: cpgDatabaseSizeMax)
    }
}

func attachDatabase<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ szFilename: UnsafePointer<Unit>?, _ grbit: JET_GRBIT
) -> JET_ERR { attachDatabase2(unit, sesid, szFilename, 0, grbit) }

func attachDatabase2<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ szFilename: UnsafePointer<Unit>?, _ cpgDatabaseSizeMax: UInt32,
    _ grbit: JET_GRBIT
) -> JET_ERR {
    resultOrWarning { () throws(JetError) in
        try library.attachDatabase(
            sesid, try requiredText(szFilename), grbit, greatestPageCount: cpgDatabaseSizeMax)
    }
}

func openDatabase<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ szFilename: UnsafePointer<Unit>?, _ szConnect: UnsafePointer<Unit>?,
    _ pdbid: UnsafeMutablePointer<JET_DBID>?, _ grbit: JET_GRBIT
) -> JET_ERR {
    resultOrWarning { () throws(JetError) in
        let pdbid = try required(pdbid)
        pdbid.pointee = JET_DBID.max
        let (number, warning) = try library.openDatabase(sesid, try requiredText(szFilename), grbit)
        pdbid.pointee = number
        return warning
    }
}

func closeDatabase(_ sesid: JET_SESID, _ dbid: JET_DBID, _ grbit: JET_GRBIT) -> JET_ERR {
    result { () throws(JetError) in try library.closeDatabase(sesid, dbid, grbit) }
}

func detachDatabase<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ szFilename: UnsafePointer<Unit>?
) -> JET_ERR { detachDatabase2(unit, sesid, szFilename, 0) }

func detachDatabase2<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ szFilename: UnsafePointer<Unit>?, _ grbit: JET_GRBIT
) -> JET_ERR {
    result { () throws(JetError) in
        try library.detachDatabase(sesid, try readText(szFilename), DetachFlags(rawValue: grbit))
    }
}

func idle(_ sesid: JET_SESID, _ grbit: JET_GRBIT) -> JET_ERR {
    resultOrWarning { () throws(JetError) in try library.idle(sesid, grbit) }
}

// MARK: Information

func getDatabaseInfo<Unit: TextUnit>(
    _ unit: Unit.Type, _ sesid: JET_SESID, _ dbid: JET_DBID, _ pvResult: UnsafeMutableRawPointer?, _ cbMax: UInt32,
    _ InfoLevel: UInt32
) -> JET_ERR {
    result { () throws(JetError) in
        let info = try library.describeDatabase(sesid, dbid)
        func number(_ value: UInt32) throws(JetError) {
            try store(value, to: pvResult, cbMax, isExact: true, .invalidBufferSize)
        }
        switch Int32(bitPattern: InfoLevel) {
        case JET_DbInfoFilename: try storeText(unit, info.path, to: pvResult, cbMax)
        case JET_DbInfoConnect: try store(UInt8(0), to: pvResult, cbMax)
        case JET_DbInfoCountry: try number(1)
        case JET_DbInfoLCID: try number(0x409)
        case JET_DbInfoCp: try number(1_252)
        case JET_DbInfoCollate: try number(0)
        case JET_DbInfoOptions: try number(info.isExclusive ? UInt32(JET_bitDbExclusive) : 0)
        case JET_DbInfoTransactions: try number(7)
        case JET_DbInfoVersion: try number(info.header.format.version)
        case JET_DbInfoIsam: throw .featureNotAvailable
        case JET_DbInfoFilesize, JET_DbInfoFilesizeOnDisk: try number(info.filePageCount)
        case JET_DbInfoSpaceOwned: try number(try library.databaseSpace(sesid, dbid).ownedPageCount)
        case JET_DbInfoSpaceAvailable: try number(try library.databaseSpace(sesid, dbid).availablePageCount)
        case JET_DbInfoMisc: try DatabaseStructures.store(info.header, to: pvResult, cbMax)
        case JET_DbInfoPageSize:
            try store(UInt32(info.header.pageSize.byteCount), to: pvResult, cbMax, isExact: true)
        default: throw .invalidParameter
        }
    }
}

func getDatabaseFileInfo<Unit: TextUnit>(
    _ unit: Unit.Type, _ szDatabaseName: UnsafePointer<Unit>?, _ pvResult: UnsafeMutableRawPointer?,
    _ cbMax: UInt32, _ InfoLevel: UInt32
) -> JET_ERR {
    result { () throws(JetError) in
        let path = try requiredText(szDatabaseName)
        func put<Value: BitwiseCopyable>(_ value: Value) throws(JetError) {
            try store(value, to: pvResult, cbMax, isExact: true, .invalidBufferSize)
        }
        switch Int32(bitPattern: InfoLevel) {
        case JET_DbInfoFilesize, JET_DbInfoFilesizeOnDisk: try put(try library.databaseFileByteCount(path))
        case JET_DbInfoDBInUse: try put(UInt32(try library.isDatabaseInUse(path) ? 1 : 0))
        case JET_DbInfoMisc:
            let header = try library.databaseFileHeader(path)
            guard header.fileType == .database else { throw .fileInvalidType }
            try DatabaseStructures.store(header, to: pvResult, cbMax)
        case JET_DbInfoPageSize: try put(UInt32(try library.databaseFileHeader(path).pageSize.byteCount))
        case JET_DbInfoFileType:
            let type = try library.databaseFileHeader(path).fileType.rawValue
            try put(type <= FileType.flushMap.rawValue ? type : 0)
        case JET_DbInfoUpgrade:
            try DatabaseStructures.storeUpgrade(
                path, try library.databaseFileByteCount(path), to: pvResult, cbMax)
        default:
            _ = try library.databaseFileByteCount(path)
            throw .invalidParameter
        }
    }
}

/// Structures about databases.
enum DatabaseStructures {
    /// Writes a header as JET_DBINFOMISC, JET_DBINFOMISC2 … of which each begins as the one before. All of their parts
    /// are multiples of four bytes and follow each other without gaps. JET_errInvalidBufferSize.
    static func store(
        _ header: DatabaseHeader, to address: UnsafeMutableRawPointer?, _ cbMax: UInt32
    ) throws(JetError) {
        let sizes = [
            MemoryLayout<JET_DBINFOMISC>.size, MemoryLayout<JET_DBINFOMISC2>.size, MemoryLayout<JET_DBINFOMISC3>.size,
            MemoryLayout<JET_DBINFOMISC4>.size,
        ]
        guard sizes.contains(Int(cbMax)) else { throw .invalidBufferSize }
        let address = try required(address)
        let bytes = encode(header)
        precondition(bytes.count == sizes[3], "the structure is as the header says")
        bytes.withUnsafeBytes { address.copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: Int(cbMax)) }
    }

    private static func encode(_ header: DatabaseHeader) -> [UInt8] {
        var bytes: [UInt8] = []
        func put<Number: FixedWidthInteger>(_ number: Number) {
            withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
        }
        func put(_ signature: DatabaseSignature) {
            put(signature.random)
            put(signature.time.rawValue)
            put(signature.computerNameStart)
            put(signature.computerNameEnd)
        }
        func put(_ backup: BackupInfo) {
            put(backup.position.rawValue)
            put(backup.time.rawValue)
            put(backup.firstGeneration)
            put(backup.lastGeneration)
        }
        put(header.format.version)
        put(header.format.updateMajor)
        put(header.signature)
        put(header.state.rawValue)
        put(header.consistentPosition.rawValue)
        put(header.consistentTime.rawValue)
        put(header.attachTime.rawValue)
        put(header.attachPosition.rawValue)
        put(header.detachTime.rawValue)
        put(header.detachPosition.rawValue)
        put(header.logSignature)
        put(header.previousFullBackup)
        put(header.previousIncrementalBackup)
        put(header.currentFullBackup)
        // Shadowing of the catalog is never off; nothing is being upgraded.
        put(UInt32(0))
        put(UInt32(0))
        put(header.osMajorVersion)
        put(header.osMinorVersion)
        put(header.osBuild)
        put(header.osServicePack)
        put(UInt32(header.pageSize.byteCount))
        put(header.firstRequiredGeneration)
        put(header.lastRequiredGeneration)
        put(header.lastRequiredGenerationTime.rawValue)
        put(header.repairs.count)
        put(header.repairs.time.rawValue)
        put(header.repairs.oldCount)
        for count in [header.correctedBits, header.uncorrectedBits, header.badChecksums] {
            put(count.count)
            put(count.time.rawValue)
            put(count.oldCount)
        }
        put(header.lastCommittedGeneration)
        put(header.previousCopyBackup)
        put(header.previousDifferentialBackup)
        return bytes
    }

    /// Writes what an upgrade would need: nothing, for all databases that can be used at all.
    static func storeUpgrade(
        _ path: String, _ byteCount: UInt64, to address: UnsafeMutableRawPointer?, _ cbMax: UInt32
    ) throws(JetError) {
        guard Int(cbMax) == MemoryLayout<JET_DBINFOUPGRADE>.size else { throw .invalidBufferSize }
        let address = try required(address)
        try checkSize(address.load(as: UInt32.self), of: JET_DBINFOUPGRADE.self)
        var info = JET_DBINFOUPGRADE()
        info.cbStruct = cbMax
        info.cbFilesizeLow = UInt32(truncatingIfNeeded: byteCount)
        info.cbFilesizeHigh = UInt32(truncatingIfNeeded: byteCount >> 32)
        info.csecToUpgrade = UInt32(truncatingIfNeeded: byteCount.multipliedReportingOverflow(by: 3_600).0 >> 30)
        let needed = byteCount.multipliedReportingOverflow(by: 10).0 >> 6
        info.cbFreeSpaceRequiredLow = UInt32(truncatingIfNeeded: needed)
        info.cbFreeSpaceRequiredHigh = UInt32(truncatingIfNeeded: needed >> 32)
        // fAlreadyUpgraded; a file without a header that can be read is neither.
        if let header = try? library.databaseFileHeader(path), header.format.version == 0x620 { info.ulFlags = 2 }
        address.storeBytes(of: info, as: JET_DBINFOUPGRADE.self)
    }
}
