// Layer: ESEEngine/6-Record. Uses: RecordBuffer, RecordView. Used by: RecordBuffer's setters.
// Tagged columns of a record that is being changed: fields are put in, changed in size, taken out; several values.
// ESE: TAGFIELDS.

import ESEFormat

extension RecordBuffer {
    /// How the bytes of a tagged value are stored.
    struct TaggedForm {
        var isSeparated = false
        var isCompressed = false
    }

    /// Sets one value of a tagged column, or takes it out.
    /// - Parameters:
    ///   - value: nil for NULL.
    ///   - occurrence: From 1; 0, and beyond the last, means behind the last.
    ///   - revertsToDefault: With NULL: no mark that hides the default.
    /// - Throws: `recordTooBig`; the record is as it was then.
    func setTagged(
        _ column: UnsafePointer<RecordColumn>, _ value: UnsafeRawBufferPointer?, _ form: TaggedForm,
        occurrence: Int, revertsToDefault: Bool
    ) throws(JetError) {
        state.pointee.changed.insert(column.pointee.key.id)
        let view = try view()
        let (index, isThere) = view.position(column.pointee.key.order)
        guard isThere else {
            return try addField(column.pointee, value, form, at: index, occurrence, revertsToDefault)
        }
        let entry = try view.entry(index)
        let count = try view.valueCount(entry)
        guard let value else {
            return removeValue(column.pointee, view, index, entry, count, occurrence, revertsToDefault)
        }
        if count == 0 || count == 1 && occurrence == 1 && !entry.flags.contains(.multiValues) {
            return try replaceField(column.pointee, value, form, at: index, entry)
        }
        try changeValues(column.pointee, view, index, entry, count, occurrence, value, form)
    }

    // MARK: One value.

    private func addField(
        _ column: RecordColumn, _ value: UnsafeRawBufferPointer?, _ form: TaggedForm, at index: Int,
        _ occurrence: Int, _ revertsToDefault: Bool
    ) throws(JetError) {
        guard let value else {
            guard column.flags.contains(.hasDefault) || column.hasDefault, occurrence == 1, !revertsToDefault else {
                return
            }
            return try addNull(column, at: index)
        }
        let flags = flags(column, form)
        let hasFlags = tables.pointee.isLarge || !flags.isEmpty
        let bits = (column.isFromTemplate ? 0x8000 : 0) | (!tables.pointee.isLarge && hasFlags ? 0x4000 : 0)
        let field = try insertField(column, at: index, bits, (hasFlags ? 1 : 0) &+ value.count)
        if hasFlags { field.setByte(0, flags.rawValue) }
        store(value, column, at: field + (hasFlags ? 1 : 0))
    }

    private func addNull(_ column: RecordColumn, at index: Int) throws(JetError) {
        let bits = column.isFromTemplate ? 0x8000 : 0
        if tables.pointee.isLarge {
            try insertField(column, at: index, bits, 1).setByte(0, nullFlags(column).rawValue)
        } else {
            _ = try insertField(column, at: index, bits | 0x2000, 0)
        }
    }

    private func replaceField(
        _ column: RecordColumn, _ value: UnsafeRawBufferPointer, _ form: TaggedForm, at index: Int,
        _ entry: RecordView.Entry
    ) throws(JetError) {
        let flags = flags(column, form)
        let hasFlags = tables.pointee.isLarge || !flags.isEmpty
        let old = entry.end &- entry.start &+ (entry.hasFlagByte ? 1 : 0)
        let field = try resizeField(at: index, from: old, to: value.count &+ (hasFlags ? 1 : 0))
        setBits(at: index, 0x6000, !tables.pointee.isLarge && hasFlags ? 0x4000 : 0)
        if hasFlags { field.setByte(0, flags.rawValue) }
        store(value, column, at: field + (hasFlags ? 1 : 0))
    }

    /// Takes a value out; never fails, as the record gets no longer.
    private func removeValue(
        _ column: RecordColumn, _ view: RecordView, _ index: Int, _ entry: RecordView.Entry, _ count: Int,
        _ occurrence: Int, _ revertsToDefault: Bool
    ) {
        if count > 1 {
            guard occurrence >= 1, occurrence <= count else { return }
            // Can't fail: not longer than before, and the record was checked.
            return (try? changeValues(column, view, index, entry, count, occurrence, nil, TaggedForm())) ?? ()
        }
        let old = entry.end &- entry.start &+ (entry.hasFlagByte ? 1 : 0)
        if count == 0 {
            if revertsToDefault { removeField(at: index, old) }
        } else if occurrence == 1 {
            guard column.flags.contains(.hasDefault) || column.hasDefault, !revertsToDefault else {
                return removeField(at: index, old)
            }
            if tables.pointee.isLarge {
                (try? resizeField(at: index, from: old, to: 1))?.setByte(0, nullFlags(column).rawValue)
            } else {
                _ = try? resizeField(at: index, from: old, to: 0)
                setBits(at: index, 0x6000, 0x2000)
            }
        }
    }

    // MARK: Several values.

    /// Changes, adds or takes out one of a field's values and writes all of them anew.
    private func changeValues(
        _ column: RecordColumn, _ view: RecordView, _ index: Int, _ entry: RecordView.Entry, _ count: Int,
        _ occurrence: Int, _ value: UnsafeRawBufferPointer?, _ form: TaggedForm
    ) throws(JetError) {
        let isAdded = value != nil && (occurrence < 1 || occurrence > count)
        let newCount = isAdded ? count &+ 1 : value == nil ? count &- 1 : count
        let touched = isAdded ? count : occurrence &- 1
        let isLarge = tables.pointee.isLarge
        let isLong = column.type.isLong
        let isPair =
            newCount == 2 && !isLong
            && (entry.flags.contains(.twoValues) || count == 1 && isAdded && !isLarge)
        // How many bytes that makes.
        var size = isPair ? 1 : newCount == 1 ? 0 : 2 &* newCount
        for number in 0..<count where number != touched {
            size &+= try view.value(number, of: count, entry).bytes.count
        }
        size &+= value?.count ?? 0
        var flags: TaggedFlags = isLong ? .longValue : []
        if entry.flags.contains(.encrypted) { flags.insert(.encrypted) }
        if isPair { flags.formUnion([.multiValues, .twoValues]) } else if newCount > 1 { flags.insert(.multiValues) }
        if touched == 0 {
            if value != nil, form.isCompressed { flags.insert(.compressed) }
        } else if entry.flags.contains(.compressed) {
            flags.insert(.compressed)
        }
        let old = entry.end &- entry.start &+ (entry.hasFlagByte ? 1 : 0)
        let hasFlags = isLarge || !flags.isEmpty
        let new = size &+ (hasFlags ? 1 : 0)
        guard state.pointee.byteCount &+ new &- old <= max(tables.pointee.limit, state.pointee.byteCount) else {
            throw .recordTooBig
        }
        let scratch = scratch()
        var place = isPair ? 1 : newCount == 1 ? 0 : 2 &* newCount
        var target = 0
        for number in 0..<(count &+ (isAdded ? 1 : 0)) {
            let isTouched = number == touched
            if isTouched, value == nil { continue }
            var bytes = value
            var isSeparated = form.isSeparated
            if !isTouched {
                let kept = try view.value(number, of: count, entry)
                bytes = kept.bytes
                isSeparated = kept.traits.contains(.separated)
            }
            guard let bytes else { continue }
            if newCount == 1 {
                if isSeparated { flags.insert(.separated) }
            } else if isPair {
                if target == 0 { scratch.setByte(0, UInt8(truncatingIfNeeded: bytes.count)) }
            } else {
                scratch.setWord(2 &* target, place | (isSeparated ? 0x8000 : 0))
            }
            if isTouched {
                store(bytes, column, at: scratch + place)
            } else if let start = bytes.baseAddress {
                (scratch + place).copyMemory(from: start, byteCount: bytes.count)
            }
            place &+= bytes.count
            target &+= 1
        }
        let field = try resizeField(at: index, from: old, to: new)
        setBits(at: index, 0x6000, !isLarge && hasFlags ? 0x4000 : 0)
        if hasFlags { field.setByte(0, flags.rawValue) }
        (field + (hasFlags ? 1 : 0)).copyMemory(from: scratch, byteCount: size)
    }

    // MARK: Bytes.

    private func flags(_ column: RecordColumn, _ form: TaggedForm) -> TaggedFlags {
        var flags: TaggedFlags = column.type.isLong ? .longValue : []
        if form.isSeparated { flags.insert(.separated) }
        if form.isCompressed { flags.insert(.compressed) }
        return flags
    }

    /// On large pages NULL is said by a byte.
    private func nullFlags(_ column: RecordColumn) -> TaggedFlags {
        column.type.isLong ? [.null, .longValue] : .null
    }

    /// Copies a value; true of Bit is always the same byte.
    @inline(__always)
    private func store(_ value: UnsafeRawBufferPointer, _ column: RecordColumn, at target: UnsafeMutableRawPointer) {
        guard let start = value.baseAddress, value.count > 0 else { return }
        if column.type == .bit {
            target.setByte(0, start.byte(0) == 0 ? 0 : 0xff)
        } else {
            target.copyMemory(from: start, byteCount: value.count)
        }
    }

    /// As much memory as a record may have.
    func scratch() -> UnsafeMutableRawPointer {
        if let scratch = state.pointee.scratch { return scratch }
        let scratch = UnsafeMutableRawPointer.allocate(byteCount: 2 * state.pointee.capacity, alignment: 8)
        state.pointee.scratch = scratch
        return scratch
    }

    /// Where the array of tagged columns starts, and how many there are.
    private func section() -> (start: Int, count: Int) {
        let base = state.pointee.base
        let fieldCount = Int(base.byte(1)) &- 127
        let data = base.word(2) &+ 2 &* fieldCount
        let start = data &+ (fieldCount == 0 ? 0 : base.word(data &- 2) & 0x7fff)
        if start == state.pointee.byteCount { return (start, 0) }
        return (start, (base.word(start &+ 2) & tables.pointee.offsetMask) >> 2)
    }

    /// Puts a field in; returns where its data is to be written.
    private func insertField(
        _ column: RecordColumn, at index: Int, _ bits: Int, _ dataByteCount: Int
    ) throws(JetError) -> UnsafeMutableRawPointer {
        let base = state.pointee.base
        let total = state.pointee.byteCount
        let (start, count) = section()
        let mask = tables.pointee.offsetMask
        guard total &+ 4 &+ dataByteCount <= tables.pointee.limit, total &- start &+ 4 &+ dataByteCount <= mask else {
            throw .recordTooBig
        }
        let array = base + start
        let place = index < count ? array.word(4 &* index &+ 2) & mask : total &- start
        let growth = 4 &+ dataByteCount
        (array + place + growth).copyMemory(from: array + place, byteCount: total &- start &- place)
        (array + 4 &* index + 4).copyMemory(from: array + 4 &* index, byteCount: place &- 4 &* index)
        array.setWord(4 &* index, Int(column.key.rawValue & 0xffff))
        array.setWord(4 &* index &+ 2, (place &+ 4) | bits)
        for earlier in 0..<index { array.setWord(4 &* earlier &+ 2, array.word(4 &* earlier &+ 2) &+ 4) }
        var later = index &+ 1
        while later <= count {
            array.setWord(4 &* later &+ 2, array.word(4 &* later &+ 2) &+ growth)
            later &+= 1
        }
        state.pointee.byteCount = total &+ growth
        return array + place + 4
    }

    /// Changes the size of a field's data (with its byte of flags); returns where it starts.
    private func resizeField(at index: Int, from old: Int, to new: Int) throws(JetError) -> UnsafeMutableRawPointer {
        let base = state.pointee.base
        let total = state.pointee.byteCount
        let (start, count) = section()
        let mask = tables.pointee.offsetMask
        let delta = new &- old
        if delta > 0 {
            guard total &+ delta <= tables.pointee.limit, total &- start &+ delta <= mask else {
                throw .recordTooBig
            }
        }
        let array = base + start
        let place = array.word(4 &* index &+ 2) & mask
        if delta != 0 {
            let tail = place &+ old
            (array + tail + delta).copyMemory(from: array + tail, byteCount: total &- start &- tail)
            var later = index &+ 1
            while later < count {
                array.setWord(4 &* later &+ 2, array.word(4 &* later &+ 2) &+ delta)
                later &+= 1
            }
            state.pointee.byteCount = total &+ delta
        }
        return array + place
    }

    /// Takes a field out.
    func removeField(at index: Int, _ byteCount: Int) {
        let base = state.pointee.base
        let total = state.pointee.byteCount
        let (start, count) = section()
        let array = base + start
        let place = array.word(4 &* index &+ 2) & tables.pointee.offsetMask
        let entry = 4 &* index
        (array + entry).copyMemory(from: array + entry + 4, byteCount: place &- entry &- 4)
        let tail = place &+ byteCount
        (array + place - 4).copyMemory(from: array + tail, byteCount: total &- start &- tail)
        for left in 0..<(count &- 1) {
            let word = 4 &* left &+ 2
            array.setWord(word, array.word(word) &- (left < index ? 4 : 4 &+ byteCount))
        }
        state.pointee.byteCount = total &- 4 &- byteCount
    }

    private func setBits(at index: Int, _ mask: Int, _ bits: Int) {
        let array = state.pointee.base + section().start
        let word = 4 &* index &+ 2
        array.setWord(word, array.word(word) & ~mask | bits)
    }
}
