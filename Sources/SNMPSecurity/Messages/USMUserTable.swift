// Layer: SNMPSecurity. Uses: USMCredentials. Used by: USMAuthority, USMRemoteEngines.
// Users found by the octets of a message, without an allocation for each message.

import SNMPCodec

/// Users in the order of their names.
struct USMUserTable<Value> {
    /// A user, with a number that is never given out twice.
    struct User {
        let id: UInt32
        let credentials: USMCredentials
        var value: Value

        var name: [UInt8] { credentials.userName }
    }

    private(set) var users: [User] = []
    private var nextID: UInt32 = 0

    /// Adds a user, instead of the one with the same name.
    mutating func add(_ credentials: USMCredentials, _ value: Value) {
        let user = User(id: nextID, credentials: credentials, value: value)
        nextID &+= 1
        let index = position(of: credentials.userName.span.bytes)
        if index < users.count, users[index].name == credentials.userName {
            users[index] = user
        } else {
            users.insert(user, at: index)
        }
    }

    /// Removes a user; false if there is none of that name.
    mutating func remove(_ name: [UInt8]) -> Bool {
        guard let index = index(of: name.span.bytes) else { return false }
        users.remove(at: index)
        return true
    }

    /// Where the user with this name is.
    func index(of name: RawSpan) -> Int? {
        let index = position(of: name)
        return index < users.count && order(users[index].name, name) == 0 ? index : nil
    }

    /// Index of the first user whose name is not before `name`.
    private func position(of name: RawSpan) -> Int {
        var low = 0, high = users.count
        while low < high {
            let middle = (low + high) / 2
            if order(users[middle].name, name) < 0 { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Negative, 0 or positive, as `a` is before, equal to or after `b`: by length, then by octets.
    private func order(_ a: [UInt8], _ b: RawSpan) -> Int {
        if a.count != b.byteCount { return a.count - b.byteCount }
        for index in a.indices {
            let other = b.unsafeLoad(fromByteOffset: index, as: UInt8.self)
            if a[index] != other { return Int(a[index]) - Int(other) }
        }
        return 0
    }
}
