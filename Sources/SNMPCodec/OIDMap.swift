// Layer: SNMPCodec. Uses: ObjectIdentifier. Used by: agent, names, host objects, simulations.
// Object identifiers in order, with a value each. Two arrays rather than a tree: maps are built once and read often, a
// GETNEXT is one binary search, and a walk reads neighbours in memory.

/// A dictionary of object identifiers that keeps them in the order of GETNEXT.
///
/// Lookups take O(log n) comparisons. Inserting and removing moves what lies behind, O(n); adding at the end is O(1)
/// amortised.
public struct OIDMap<Value> {
    /// The keys, strictly ascending.
    public private(set) var keys: [ObjectIdentifier]
    /// The values, in the order of their keys.
    public private(set) var values: [Value]

    /// A map without entries.
    public init() {
        keys = []
        values = []
    }

    /// A map of `pairs` in any order; of equal keys the last one counts.
    ///
    /// O(n) comparisons when the keys are ascending already, O(n log n) otherwise.
    public init(_ pairs: some Sequence<(ObjectIdentifier, Value)>) {
        self.init()
        keys.reserveCapacity(pairs.underestimatedCount)
        values.reserveCapacity(pairs.underestimatedCount)
        var isAscending = true
        for (key, value) in pairs {
            if let last = keys.last, isAscending { isAscending = last < key }
            keys.append(key)
            values.append(value)
        }
        if !isAscending { sort() }
    }

    /// Puts unordered keys into order, and keeps the last of equal ones.
    private mutating func sort() {
        let order = keys.indices.sorted { keys[$0] == keys[$1] ? $0 < $1 : keys[$0] < keys[$1] }
        var sorted = OIDMap()
        sorted.keys.reserveCapacity(order.count)
        sorted.values.reserveCapacity(order.count)
        for index in order {
            if sorted.keys.last == keys[index] {
                sorted.values[sorted.values.count - 1] = values[index]
            } else {
                sorted.keys.append(keys[index])
                sorted.values.append(values[index])
            }
        }
        self = sorted
    }

    /// The position of the first key that is not less than `key`; `count` if there is none.
    @inlinable
    public func lowerBound(_ key: ObjectIdentifier) -> Int {
        // A span lends the keys; the array would copy each that is compared.
        let keys = keys.span
        var low = 0
        var high = keys.count
        while low < high {
            let middle = low + (high - low) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The position of the first key that is greater than `key`; `count` if there is none.
    @inlinable
    public func upperBound(_ key: ObjectIdentifier) -> Int {
        let keys = keys.span
        var low = 0
        var high = keys.count
        while low < high {
            let middle = low + (high - low) / 2
            if key < keys[middle] { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The position of `key`, or nil if the map does not have it.
    @inlinable
    public func position(of key: ObjectIdentifier) -> Int? {
        let index = lowerBound(key)
        return index < keys.count && keys[index] == key ? index : nil
    }

    /// The positions of all keys that begin with `prefix`, which may be among them.
    @inlinable
    public func positions(under prefix: ObjectIdentifier) -> Range<Int> {
        let start = lowerBound(prefix)
        guard let next = prefix.nextSibling else { return start..<keys.count }
        return start..<lowerBound(next)
    }

    /// The first entry whose key is strictly greater than `key`, as GETNEXT asks; nil at the end.
    @inlinable
    public func next(after key: ObjectIdentifier) -> Element? {
        let index = upperBound(key)
        return index < keys.count ? self[index] : nil
    }

    /// The value of `key`; nil if there is none. Assigning nil removes the entry.
    public subscript(key: ObjectIdentifier) -> Value? {
        get { position(of: key).map { values[$0] } }
        set {
            if let newValue { updateValue(newValue, forKey: key) } else { removeValue(forKey: key) }
        }
    }

    /// Sets the value of `key` and returns the one it had.
    @discardableResult
    public mutating func updateValue(_ value: Value, forKey key: ObjectIdentifier) -> Value? {
        // Most maps are filled in order.
        let index = keys.last.map { $0 < key } ?? true ? keys.count : lowerBound(key)
        if index < keys.count, keys[index] == key {
            let old = values[index]
            values[index] = value
            return old
        }
        keys.insert(key, at: index)
        values.insert(value, at: index)
        return nil
    }

    /// Changes the value at `position` in place, `0..<count`.
    public mutating func updateValue<E: Error>(at position: Int, _ change: (inout Value) throws(E) -> Void) throws(E) {
        try change(&values[position])
    }

    /// Removes `key` and returns the value it had.
    @discardableResult
    public mutating func removeValue(forKey key: ObjectIdentifier) -> Value? {
        guard let index = position(of: key) else { return nil }
        keys.remove(at: index)
        return values.remove(at: index)
    }

    /// Removes all entries whose keys begin with `prefix`.
    public mutating func removeAll(under prefix: ObjectIdentifier) {
        let range = positions(under: prefix)
        keys.removeSubrange(range)
        values.removeSubrange(range)
    }

    /// Removes all entries.
    public mutating func removeAll() {
        keys.removeAll()
        values.removeAll()
    }
}

extension OIDMap: RandomAccessCollection {
    /// A key and its value.
    public typealias Element = (key: ObjectIdentifier, value: Value)
    /// The position of the first entry.
    @inlinable
    public var startIndex: Int { 0 }
    /// The position behind the last entry.
    @inlinable
    public var endIndex: Int { keys.count }
    /// The entry at `position`, `0..<count`.
    @inlinable
    public subscript(position: Int) -> Element { (keys[position], values[position]) }
}

extension OIDMap: Sendable where Value: Sendable {}
extension OIDMap: Equatable where Value: Equatable {}
extension OIDMap: Hashable where Value: Hashable {}

extension OIDMap: ExpressibleByDictionaryLiteral {
    /// Makes a map from a literal in any order; of equal keys the last one counts.
    public init(dictionaryLiteral pairs: (ObjectIdentifier, Value)...) { self.init(pairs) }
}
