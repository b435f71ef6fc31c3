// Layer: JetABI. Uses: Jet. Used by: C programs, through esent.h, which says what each function takes.
// Exports: what is told about instances and errors.

public import CJet
import ESEEngine
import Jet

// MARK: Instances

/// Lays out instances in one piece of memory: structures, then the arrays of pointers, then the text.
private func instanceInfo<Unit: TextUnit>(
    _ unit: Unit.Type
) throws(JetError) -> (count: Int, memory: UnsafeMutableRawPointer?) {
    let instances = library.instanceDescriptions()
    guard !instances.isEmpty else { return (0, nil) }
    let structure = MemoryLayout<JET_INSTANCE_INFO_A>.stride
    let pointer = MemoryLayout<UInt>.size
    let pointerCount = instances.reduce(0) { $0 + 3 * $1.databases.count }
    let texts = instances.map { (name: Unit.encode($0.name) + [0], paths: $0.databases.map { Unit.encode($0) + [0] }) }
    let unitCount = texts.reduce(0) { $0 + $1.name.count + $1.paths.reduce(0) { $0 + $1.count } }
    let arraysOffset = structure * instances.count
    let textOffset = arraysOffset + pointer * pointerCount
    let byteCount = textOffset + MemoryLayout<Unit>.stride * unitCount
    guard let memory = HandedOutMemory.shared.allocate(byteCount) else { throw .outOfMemory }
    var arrays = memory + arraysOffset
    var next = memory + textOffset
    func place(_ text: [Unit]) -> UnsafeMutableRawPointer {
        defer { next += text.count * MemoryLayout<Unit>.stride }
        for (index, unit) in text.enumerated() {
            next.storeBytes(of: unit, toByteOffset: index * MemoryLayout<Unit>.stride, as: Unit.self)
        }
        return next
    }
    for (index, instance) in instances.enumerated() {
        let count = instance.databases.count
        // Handle, name, count, paths, display names, and what is not used any more: six words, in A and W alike.
        let info = (memory + index * structure).bindMemory(to: UInt.self, capacity: structure / pointer)
        info[0] = instance.handle
        info[1] = UInt(bitPattern: place(texts[index].name))
        info[2] = UInt(count)
        guard count > 0 else { continue }
        let words = arrays.bindMemory(to: UInt.self, capacity: 3 * count)
        for (number, path) in texts[index].paths.enumerated() {
            words[number] = UInt(bitPattern: place(path))
            // Databases have no display names; an empty text is what others give then.
            words[count + number] = UInt(bitPattern: place([0]))
        }
        info[3] = UInt(bitPattern: words)
        info[4] = UInt(bitPattern: words + count)
        info[5] = UInt(bitPattern: words + 2 * count)
        arrays += 3 * count * pointer
    }
    return (instances.count, memory)
}

private func getInstanceInfo<Unit: TextUnit>(
    _ unit: Unit.Type, _ pcInstanceInfo: UnsafeMutablePointer<UInt32>?, _ isPlaceGiven: Bool,
    _ store: (UnsafeMutableRawPointer?) -> Void
) -> JET_ERR {
    result { () throws(JetError) in
        let pcInstanceInfo = try required(pcInstanceInfo)
        guard isPlaceGiven else { throw .invalidParameter }
        let (count, memory) = try instanceInfo(unit)
        pcInstanceInfo.pointee = UInt32(count)
        store(memory)
    }
}

/// See esent.h.
@c @implementation
public func JetGetInstanceInfo(
    _ pcInstanceInfo: UnsafeMutablePointer<UInt32>?,
    _ paInstanceInfo: UnsafeMutablePointer<UnsafeMutablePointer<JET_INSTANCE_INFO_A>?>?
) -> JET_ERR { JetGetInstanceInfoA(pcInstanceInfo, paInstanceInfo) }

/// See esent.h.
@c @implementation
public func JetGetInstanceInfoA(
    _ pcInstanceInfo: UnsafeMutablePointer<UInt32>?,
    _ paInstanceInfo: UnsafeMutablePointer<UnsafeMutablePointer<JET_INSTANCE_INFO_A>?>?
) -> JET_ERR {
    getInstanceInfo(CChar.self, pcInstanceInfo, paInstanceInfo != nil) {
        paInstanceInfo?.pointee = $0?.assumingMemoryBound(to: JET_INSTANCE_INFO_A.self)
    }
}

/// See esent.h.
@c @implementation
public func JetGetInstanceInfoW(
    _ pcInstanceInfo: UnsafeMutablePointer<UInt32>?,
    _ paInstanceInfo: UnsafeMutablePointer<UnsafeMutablePointer<JET_INSTANCE_INFO_W>?>?
) -> JET_ERR {
    getInstanceInfo(WCHAR.self, pcInstanceInfo, paInstanceInfo != nil) {
        paInstanceInfo?.pointee = $0?.assumingMemoryBound(to: JET_INSTANCE_INFO_W.self)
    }
}

/// See esent.h. NULL is nothing to free.
@c @implementation
public func JetFreeBuffer(_ pbBuf: UnsafeMutablePointer<CChar>?) -> JET_ERR {
    result { () throws(JetError) in
        guard let pbBuf else { return }
        guard HandedOutMemory.shared.free(UnsafeMutableRawPointer(pbBuf)) else { throw .invalidParameter }
    }
}

// MARK: Errors

/// See esent.h.
@c @implementation
public func JetGetErrorInfoW(
    _ pvContext: UnsafeMutableRawPointer?, _ pvResult: UnsafeMutableRawPointer?, _ cbMax: UInt32,
    _ InfoLevel: UInt32, _ grbit: JET_GRBIT
) -> JET_ERR {
    result { () throws(JetError) in
        guard InfoLevel == UInt32(JET_ErrorInfoSpecificErr), grbit == 0 else { throw .invalidParameter }
        let number = try required(pvContext).loadUnaligned(as: JET_ERR.self)
        let place = try required(pvResult)
        guard Int(cbMax) >= MemoryLayout<JET_ERRINFOBASIC_W>.size else { throw .invalidBufferSize }
        guard let category = ErrorCategory.of(number) else { throw .invalidParameter }
        var info = JET_ERRINFOBASIC_W()
        info.cbStruct = UInt32(MemoryLayout<JET_ERRINFOBASIC_W>.size)
        info.errValue = number
        info.errcatMostSpecific = JET_ERRCAT(rawValue: category.rawValue)
        withUnsafeMutableBytes(of: &info.rgCategoricalHierarchy) { bytes in
            for (index, category) in category.path.enumerated() { bytes[index] = UInt8(category.rawValue) }
        }
        place.storeBytes(of: info, as: JET_ERRINFOBASIC_W.self)
    }
}
