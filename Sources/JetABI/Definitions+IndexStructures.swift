// Layer: JetABI. Uses: Jet, Structures+Tables. Used by: Definitions+Information.
// An index as the structure that would make it again: JET_IdxInfoCreateIndex and its later versions.

import CJet
import ESEEngine
import ESEFormat
import Jet

/// Lays a structure out in a caller's buffer, with what it points to behind it.
struct IndexStructureWriter<Unit: TextUnit> {
    private let version: IndexStructure
    private var bytes: [UInt8]
    /// Places in `bytes` that are to hold the address of another place.
    private var pointers: [(at: Int, to: Int)] = []

    init(_ unit: Unit.Type, _ version: IndexStructure) {
        self.version = version
        let size = version == .first ? MemoryLayout<JET_INDEXCREATE_A>.size : MemoryLayout<JET_INDEXCREATE3_A>.size
        bytes = [UInt8](repeating: 0, count: size)
        put(UInt32(size), at: 0)
    }

    private mutating func put<Number: FixedWidthInteger>(_ number: Number, at offset: Int) {
        withUnsafeBytes(of: number.littleEndian) { bytes.replaceSubrange(offset..<offset + $0.count, with: $0) }
    }

    /// Adds what an address leads to, aligned for everything; where it is.
    private mutating func append(_ more: [UInt8], at offset: Int) -> Int {
        while bytes.count % 8 != 0 { bytes.append(0) }
        pointers.append((at: offset, to: bytes.count))
        bytes += more
        return bytes.count - more.count
    }

    private func encode<Character: TextUnit>(_ text: String, _ unit: Character.Type) -> [UInt8] {
        (Character.encode(text) + [0]).flatMap { unit in withUnsafeBytes(of: unit.littleEndian) { [UInt8]($0) } }
    }

    /// Writes the structure of an index. JET_errIndexNotFound; JET_errBufferTooSmall if not all of it fits.
    func store(
        _ sesid: JET_SESID, _ table: TableReference, _ name: String, _ address: UnsafeMutableRawPointer?,
        _ byteCount: UInt32
    ) throws(JetError) {
        guard Int(byteCount) >= bytes.count else { throw .bufferTooSmall }
        let address = try required(address)
        var result = self
        result.fill(try library.describeIndex(sesid, table, named: name))
        guard result.bytes.count <= Int(byteCount) else { throw .bufferTooSmall }
        for (place, target) in result.pointers { result.put(UInt(bitPattern: address) + UInt(target), at: place) }
        result.bytes.withUnsafeBytes { address.copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: $0.count) }
    }

    private mutating func fill(_ index: IndexDescription) {
        typealias Old = JET_INDEXCREATE_A
        func offset(_ path: PartialKeyPath<Old>) -> Int { MemoryLayout<Old>.offset(of: path) ?? 0 }
        let definition = index.definition
        _ = append(encode(definition.name, Unit.self), at: offset(\.szIndexName))
        var key: [UInt8] = []
        for (segment, column) in zip(definition.segments, index.columns) {
            key += encode((segment.isDescending ? "-" : "+") + column.name, Unit.self)
        }
        key += [UInt8](repeating: 0, count: MemoryLayout<Unit>.size)
        _ = append(key, at: offset(\.szKey))
        put(UInt32(key.count), at: offset(\.cbKey))
        var flags = IndexOptions(rawValue: index.flags).union([.unicode, .keyMost])
        if definition.tupleLimits != nil { flags.insert(.tupleLimits) }
        put(flags.rawValue, at: offset(\.grbit))
        put(definition.density, at: offset(\.ulDensity))
        let locale = offset(\.pidxunicode)
        if version == .third {
            let place = append([UInt8](repeating: 0, count: MemoryLayout<JET_UNICODEINDEX2>.size), at: locale)
            put(definition.lcMapFlags, at: place + (MemoryLayout<JET_UNICODEINDEX2>.offset(of: \.dwMapFlags) ?? 0))
            _ = append(encode(definition.localeName ?? "", WCHAR.self), at: place)
        } else {
            let place = append([UInt8](repeating: 0, count: MemoryLayout<JET_UNICODEINDEX>.size), at: locale)
            put(LocaleNumber.of(definition), at: place)
            put(definition.lcMapFlags, at: place + 4)
        }
        if let limits = definition.tupleLimits {
            let place = append([UInt8](repeating: 0, count: 20), at: offset(\.ptuplelimits))
            let numbers = [
                limits.minimumLength, limits.maximumLength, limits.indexedCharacterCount, limits.increment,
                limits.start,
            ]
            for (number, value) in numbers.enumerated() { put(value, at: place + 4 * number) }
        } else {
            put(UInt32(definition.maximumSegmentByteCount), at: offset(\.cbVarSegMac))
        }
        fillConditions(index, at: offset(\.rgconditionalcolumn), offset(\.cConditionalColumn))
        put(UInt32(definition.maximumKeyByteCount), at: IndexStructure.oldByteCount)
        if version != .first {
            let size = MemoryLayout<JET_SPACEHINTS>.size
            let hints = MemoryLayout<JET_INDEXCREATE2_A>.offset(of: \.pSpacehints) ?? 0
            let place = append([UInt8](repeating: 0, count: size), at: hints)
            put(UInt32(size), at: place)
            put(definition.density, at: place + 4)
        }
    }

    private mutating func fillConditions(_ index: IndexDescription, at list: Int, _ count: Int) {
        guard !index.conditions.isEmpty else { return }
        let size = MemoryLayout<JET_CONDITIONALCOLUMN_A>.stride
        let place = append([UInt8](repeating: 0, count: size * index.conditions.count), at: list)
        put(UInt32(index.conditions.count), at: count)
        for (number, column) in index.conditions.enumerated() {
            let one = place + number * size
            put(UInt32(size), at: one)
            let mustBeNull = index.definition.conditions[number].mustBeNull
            put(
                UInt32(mustBeNull ? JET_bitIndexColumnMustBeNull : JET_bitIndexColumnMustBeNonNull),
                at: one + (MemoryLayout<JET_CONDITIONALCOLUMN_A>.offset(of: \.grbit) ?? 0))
            _ = append(
                encode(column.name, Unit.self),
                at: one + (MemoryLayout<JET_CONDITIONALCOLUMN_A>.offset(of: \.szColumnName) ?? 0))
        }
    }
}
