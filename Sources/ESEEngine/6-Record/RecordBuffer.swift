// Layer: ESEEngine/6-Record. Uses: RecordShape, RecordView. Used by: cursors (PrepareUpdate to Update), RecordShape.
// One record that is being made or changed: fixed and variable columns. ESE's term: copy buffer (dataWorkBuf).
//
// Unsafe: the memory has room for a page. `load` checks a record once, every offset of it; every change is checked
// against the record's limit, which is below a page, before bytes move.

public import ESEFormat

/// What a record is being prepared for.
public enum RecordUpdate: UInt8, Sendable {
    /// A new record.
    case insert
    /// A new record whose number the caller sets. C name: JET_prepInsertMustSetAutoIncrement.
    case insertWithNumber
    /// A change of a record that is there.
    case replace
}

/// One editable record. Used by one thread at a time; the memory is allocated once.
public final class RecordBuffer {
    struct State {
        let base: UnsafeMutableRawPointer
        let capacity: Int
        var byteCount: Int
        var shape: UnsafePointer<ShapeTables>?
        var update: RecordUpdate
        var changed: ColumnSet
        /// As much room again, for values that are put together; nil until it is needed.
        var scratch: UnsafeMutableRawPointer?
    }

    let state: UnsafeMutablePointer<State>
    /// Keeps what `state` points into.
    private(set) var shape: RecordShape?

    /// Makes an empty buffer for records of databases of a page size.
    public init(pageSize: PageSize) {
        state = .allocate(capacity: 1)
        state.initialize(
            to: State(
                base: .allocate(byteCount: pageSize.byteCount, alignment: 8), capacity: pageSize.byteCount,
                byteCount: 0, shape: nil, update: .insert, changed: ColumnSet(), scratch: nil))
    }

    deinit {
        state.pointee.base.deallocate()
        state.pointee.scratch?.deallocate()
        state.deallocate()
    }

    // MARK: Starting.

    @inline(__always)
    private func use(_ shape: RecordShape, _ update: RecordUpdate) {
        precondition(shape.tables.pointee.pageByteCount <= state.pointee.capacity, "a buffer of this page size")
        if state.pointee.shape != shape.tables { self.shape = shape }
        state.pointee.shape = shape.tables
        state.pointee.update = update
        state.pointee.changed = ColumnSet()
    }

    /// Starts a new record: of the defaults of fixed and variable columns.
    @inline(__always)
    public func startInsert(_ shape: RecordShape, mustSetNumber: Bool = false) {
        use(shape, mustSetNumber ? .insertWithNumber : .insert)
        let tables = shape.tables
        let count = tables.pointee.defaultByteCount
        let base = state.pointee.base
        if count == RecordLayout.headerByteCount {
            base.storeBytes(of: tables.pointee.defaultRecord.loadUnaligned(as: UInt32.self), as: UInt32.self)
        } else {
            base.copyMemory(from: tables.pointee.defaultRecord, byteCount: count)
        }
        state.pointee.byteCount = count
    }

    /// Starts with the bytes of a record.
    /// - Parameter update: `replace`, or an insert for a copy of a record.
    /// - Throws: `databaseCorrupted` if the bytes are no record of this shape.
    public func load(
        _ record: UnsafeRawBufferPointer, _ shape: RecordShape, for update: RecordUpdate = .replace
    ) throws(JetError) {
        use(shape, update)
        guard let start = record.baseAddress, record.count <= state.pointee.capacity else { throw .databaseCorrupted }
        try RecordView(record, shape: shape).check()
        state.pointee.base.copyMemory(from: start, byteCount: record.count)
        state.pointee.byteCount = record.count
    }

    // MARK: The record.

    /// Bytes of the record as it is now.
    @inline(__always)
    public var byteCount: Int { state.pointee.byteCount }

    /// The record; valid until the next change.
    @inline(__always)
    public var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: state.pointee.base, count: state.pointee.byteCount)
    }

    /// The record, for reading; valid until the next change.
    @inline(__always)
    public func view() throws(JetError) -> RecordView { try RecordView(bytes, tables) }

    /// The columns that were set since the start.
    @inline(__always)
    public var changed: ColumnSet { state.pointee.changed }

    /// The shape that was started with.
    @inline(__always)
    var tables: UnsafePointer<ShapeTables> {
        guard let tables = state.pointee.shape else { preconditionFailure("no record was started") }
        return tables
    }

    // MARK: Fixed columns.

    /// Sets a fixed column; for callers that know it is one. No bytes mean NULL.
    /// - Throws: `columnNotFound`; `invalidColumnType` for columns that are the engine's; `nullInvalid`;
    ///   `autoIncrementNotSet`; `invalidBufferSize` if the value has not the column's size (shorter text and binary are
    ///   filled up); `recordTooBig`. The record is as it was then.
    @inline(__always)
    public func setFixed(_ id: ColumnID, _ start: UnsafeRawPointer?, byteCount: Int) throws(JetError) {
        precondition(id.rawValue < 128, "no fixed column")
        try setFixed(tables.pointee.fixed + Int(id.rawValue), start, byteCount, isEngine: false)
    }

    /// Sets a column that is the engine's: a number, a counter of changes. The size is the column's.
    /// - Throws: `columnNotFound`, `invalidBufferSize`, `recordTooBig`.
    public func setByEngine(_ key: ColumnKey, _ value: UnsafeRawBufferPointer) throws(JetError) {
        guard let column = tables.pointee.find(key), column.pointee.storage == .fixed else { throw .columnNotFound }
        try setFixed(column, value.baseAddress, value.count, isEngine: true)
    }

    @inline(__always)
    func setFixed(
        _ column: UnsafePointer<RecordColumn>, _ start: UnsafeRawPointer?, _ count: Int, isEngine: Bool
    ) throws(JetError) {
        guard column.pointee.exists else { throw .columnNotFound }
        let flags = column.pointee.flags
        if !flags.isDisjoint(with: [.notNull, .autoincrement, .version]) {
            try checkFixed(column.pointee, isNull: count == 0, isEngine)
        }
        let size = Int(column.pointee.maximumByteCount)
        if count != size, count != 0 {
            let type = column.pointee.type
            guard count < size, type == .binary || type == .text else { throw .invalidBufferSize }
        }
        let state = state
        let base = state.pointee.base
        let number = Int(column.pointee.key.rawValue & 0xff)
        if number > Int(base.byte(0)) { try extendFixed(number, column.pointee.fixedEnd) }
        state.pointee.changed.insert(column.pointee.key.id)
        let bit = number &- 1
        let bits = base.word(2) &- (Int(base.byte(0)) &+ 7) >> 3 &+ bit >> 3
        let mask: UInt8 = 1 << UInt8(bit & 7)
        guard count != 0, let start else { return base.setByte(bits, base.byte(bits) | mask) }
        base.setByte(bits, base.byte(bits) & ~mask)
        let target = base + Int(column.pointee.offset)
        if count == 8 {
            target.storeBytes(of: start.loadUnaligned(as: UInt64.self), as: UInt64.self)
        } else if count == 4 {
            target.storeBytes(of: start.loadUnaligned(as: UInt32.self), as: UInt32.self)
        } else if column.pointee.type == .bit {
            target.setByte(0, start.byte(0) == 0 ? 0 : 0xff)
        } else {
            target.copyMemory(from: start, byteCount: count)
        }
        if count < size { fill(target, count, size, column.pointee) }
    }

    private func checkFixed(_ column: RecordColumn, isNull: Bool, _ isEngine: Bool) throws(JetError) {
        if !isEngine {
            if column.flags.contains(.version), state.pointee.update == .replace { throw .invalidColumnType }
            if column.flags.contains(.autoincrement), state.pointee.update != .insertWithNumber {
                throw .invalidColumnType
            }
        }
        guard isNull else { return }
        if column.flags.contains(.notNull) { throw .nullInvalid }
        if column.flags.contains(.autoincrement), !column.hasDefault { throw .autoIncrementNotSet }
    }

    /// Fills a short value up: text with spaces, binary with zeros.
    private func fill(_ target: UnsafeMutableRawPointer, _ count: Int, _ size: Int, _ column: RecordColumn) {
        for place in count..<size {
            let isHigh = column.codePage == 1_200 && place & 1 != 0
            target.setByte(place, column.type == .text && !isHigh ? 0x20 : 0)
        }
    }

    /// Makes room for a fixed column beyond the last one; those between get their defaults, or are NULL.
    @inline(never)
    private func extendFixed(_ number: Int, _ newEnd: Int) throws(JetError) {
        let base = state.pointee.base
        let count = state.pointee.byteCount
        let oldLast = Int(base.byte(0))
        let oldBitsEnd = base.word(2)
        let oldBitCount = (oldLast &+ 7) >> 3
        let oldEnd = oldBitsEnd &- oldBitCount
        let newBitsEnd = newEnd &+ (number &+ 7) >> 3
        let shift = newBitsEnd &- oldBitsEnd
        guard count &+ shift <= tables.pointee.limit else { throw .recordTooBig }
        (base + newBitsEnd).take(base + oldBitsEnd, count &- oldBitsEnd)
        (base + newEnd).take(base + oldEnd, oldBitCount)
        // Bits of numbers that nothing is stored for yet: NULL.
        if oldLast & 7 != 0 {
            let last = newEnd &+ oldBitCount &- 1
            base.setByte(last, base.byte(last) | 0xff << UInt8(oldLast & 7))
        }
        let freshBits = newEnd &+ oldBitCount
        var place = freshBits
        while place < newBitsEnd {
            base.setByte(place, 0xff)
            place &+= 1
        }
        // The column's own bytes are about to be set, or mean nothing.
        let unset = newEnd &- oldEnd
        if unset == 8 {
            base.storeBytes(of: 0x2a2a_2a2a_2a2a_2a2a, toByteOffset: oldEnd, as: UInt64.self)
        } else {
            (base + oldEnd).initializeMemory(as: UInt8.self, repeating: RecordShape.fill, count: unset)
        }
        state.pointee.byteCount = count &+ shift
        base.setByte(0, UInt8(truncatingIfNeeded: number))
        base.setWord(2, newBitsEnd)
        let tables = tables
        let lastDefault = min(number, Int(tables.pointee.defaultRecord.byte(0)))
        guard lastDefault > oldLast else { return }
        for between in (oldLast &+ 1)...lastDefault {
            let column = tables.pointee.fixed + between
            guard column.pointee.exists, let value = column.pointee.defaultBytes?.baseAddress else { continue }
            (base + Int(column.pointee.offset)).copyMemory(
                from: value, byteCount: Int(column.pointee.maximumByteCount))
            let place = newEnd &+ (between &- 1) >> 3
            base.setByte(place, base.byte(place) & ~(1 << UInt8((between &- 1) & 7)))
        }
    }

    // MARK: Variable columns.

    /// Sets a variable column; for callers that know it is one.
    /// - Parameter start: nil for NULL; with `byteCount` 0 a value without bytes.
    /// - Returns: Whether the value was cut to the column's size (JET_wrnColumnMaxTruncated).
    /// - Throws: `columnNotFound`, `nullInvalid`, `recordTooBig`. The record is as it was then.
    @inline(__always)
    @discardableResult
    public func setVariable(
        _ id: ColumnID, _ start: UnsafeRawPointer?, byteCount: Int
    ) throws(JetError) -> Bool {
        precondition(id.rawValue >= 128 && id.rawValue < 256, "no variable column")
        return try setVariable(tables.pointee.fixed + Int(id.rawValue), start, byteCount, isNull: start == nil)
    }

    @inline(__always)
    func setVariable(
        _ column: UnsafePointer<RecordColumn>, _ start: UnsafeRawPointer?, _ count: Int, isNull: Bool
    ) throws(JetError) -> Bool {
        guard column.pointee.exists else { throw .columnNotFound }
        if isNull, column.pointee.flags.contains(.notNull) { throw .nullInvalid }
        let most = Int(column.pointee.maximumByteCount)
        let isCut = !isNull && most > 0 && count > most
        let used = isNull ? 0 : isCut ? most : count
        let state = state
        let base = state.pointee.base
        let limit = tables.pointee.limit
        let number = Int(column.pointee.key.rawValue & 0xff)
        if number > Int(base.byte(1)) { try extendVariable(number, used) }
        let offsets = base.word(2)
        let fieldCount = Int(base.byte(1)) &- 127
        let data = offsets &+ 2 &* fieldCount
        let place = offsets &+ 2 &* (number &- 128)
        let from = number == 128 ? 0 : base.word(place &- 2) & 0x7fff
        let to = base.word(place) & 0x7fff
        let delta = used &- (to &- from)
        if delta != 0 {
            let total = state.pointee.byteCount
            guard total &+ delta <= limit else { throw .recordTooBig }
            let tail = data &+ to
            if tail != total { (base + tail + delta).copyMemory(from: base + tail, byteCount: total &- tail) }
            state.pointee.byteCount = total &+ delta
            var later = place
            while later < data {
                base.setWord(later, base.word(later) &+ delta)
                later &+= 2
            }
        }
        state.pointee.changed.insert(column.pointee.key.id)
        if let start { (base + data + from).take(start, used) }
        base.setWord(place, (base.word(place) & 0x7fff) | (isNull ? 0x8000 : 0))
        return isCut
    }

    /// Makes entries for variable columns up to one; those between get their defaults, or are NULL.
    @inline(never)
    private func extendVariable(_ number: Int, _ valueByteCount: Int) throws(JetError) {
        let base = state.pointee.base
        let count = state.pointee.byteCount
        let tables = tables
        let oldLast = Int(base.byte(1))
        let need = 2 &* (number &- oldLast)
        let lastDefault = min(number &- 1, Int(tables.pointee.defaultRecord.byte(1)))
        var defaultByteCount = 0
        if lastDefault > oldLast {
            for between in (oldLast &+ 1)...lastDefault {
                defaultByteCount &+= tables.pointee.fixed[between].defaultBytes?.count ?? 0
            }
        }
        guard count &+ need &+ defaultByteCount &+ valueByteCount <= tables.pointee.limit else {
            throw .recordTooBig
        }
        let offsets = base.word(2)
        let oldData = offsets &+ 2 &* (oldLast &- 127)
        let end = oldLast == 127 ? 0 : base.word(oldData &- 2) & 0x7fff
        (base + oldData + need).take(base + oldData, count &- oldData)
        var place = oldData
        while place < oldData &+ need {
            base.setWord(place, end | 0x8000)
            place &+= 2
        }
        base.setByte(1, UInt8(truncatingIfNeeded: number))
        state.pointee.byteCount = count &+ need
        guard defaultByteCount > 0 else { return }
        for between in (oldLast &+ 1)...lastDefault {
            let column = tables.pointee.fixed + between
            guard column.pointee.exists, let value = column.pointee.defaultBytes else { continue }
            let wasChanged = state.pointee.changed
            _ = try setVariable(column, value.baseAddress, value.count, isNull: false)
            state.pointee.changed = wasChanged
        }
    }
}

extension RecordView {
    /// Checks all that buffers rely on: the order of offsets, columns and fields.
    func check() throws(JetError) {
        let last = Int(base.byte(0))
        let bitsEnd = base.word(2)
        let bits = bitsEnd - (last + 7) / 8
        let fixed = shape.pointee.fixed
        // Offsets of columns ascend, so that the last one inside and the first one outside tell.
        var inside = last
        while inside > 0, !fixed[inside].exists { inside &-= 1 }
        guard inside == 0 || fixed[inside].fixedEnd <= bits else { throw .databaseCorrupted }
        var outside = last &+ 1
        let greatest = shape.pointee.lastFixed
        while outside <= greatest, !fixed[outside].exists { outside &+= 1 }
        guard outside > greatest || Int(fixed[outside].offset) >= bits else { throw .databaseCorrupted }
        let count = Int(base.byte(1)) - 127
        var end = 0
        for index in 0..<count {
            let next = base.word(bitsEnd + 2 * index) & 0x7fff
            guard next >= end else { throw .databaseCorrupted }
            end = next
        }
        var order: UInt32 = 0
        var place = tagged + 4 * taggedCount
        for index in 0..<taggedCount {
            let entry = try entry(index)
            let start = entry.start - (entry.hasFlagByte ? 1 : 0)
            guard entry.order > order, start == place else { throw .databaseCorrupted }
            order = entry.order
            place = entry.end
            let count = try valueCount(entry)
            for number in 0..<count { _ = try value(number, of: count, entry) }
        }
    }
}
