// Layer: StationStore. Uses: Recorder, DeviceSealing. Used by: Station.
// Devices are added, changed and removed.

import ESE
import PlatformIO

extension Recorder {
    /// Adds a device.
    /// - Returns: It, with its number.
    /// - Throws: `nameInvalid`, `nameTaken`; `encryptionFailed`; what writing throws.
    public func add(_ device: DeviceRecord, security: DeviceSecurity) throws(StoreError) -> DeviceRecord {
        try Self.check(name: device.name)
        return try state.lock.withLock { () throws(StoreError) -> DeviceRecord in
            let core = try loadedCore()
            var device = device
            device.version = security.version
            try store.watching(core) { () throws(StoreError) in
                try core.writer.transaction { (tables) throws(JetError) in
                    device.id = try tables.takeNumbers("device", 1)
                    let sealed = try seal(security, device.id, tables)
                    let record = device
                    try naming(record.name, tables) { () throws(JetError) in
                        try tables.devices.insert { (row) throws(JetError) in
                            try tables.write(record, to: row)
                            try row.set(tables.device.security, sealed)
                        }
                    }
                }
            }
            state.addDevice(device.id, count: 0)
            return device
        }
    }

    /// Changes a device; its number, version and secrets stay.
    /// - Returns: It as it is now.
    /// - Throws: `noDevice`, `nameInvalid`, `nameTaken`; what writing throws.
    @discardableResult
    public func update(
        device id: Int32, _ change: (inout DeviceRecord) -> Void
    ) throws(StoreError) -> DeviceRecord {
        try write { (_, tables) throws(JetError) in
            guard let before = try tables.deviceRecord(id) else { throw tables.fail(.noDevice(id)) }
            var record = before
            change(&record)
            guard record != before else { return record }
            do throws(StoreError) { try Self.check(name: record.name) } catch { throw tables.fail(error) }
            let after = record
            try naming(after.name, tables) { () throws(JetError) in
                try tables.devices.replace { (row) throws(JetError) in try tables.write(after, to: row) }
            }
            return after
        }
    }

    /// Keeps what was learned of devices (`DeviceRecord.profile`), in one transaction. Devices that aren't there any
    /// more are left out.
    /// - Throws: What writing throws.
    public func keep(profiles: [(device: Int32, profile: String)]) throws(StoreError) {
        guard !profiles.isEmpty else { return }
        try write { (_, tables) throws(JetError) in
            let column = tables.device.profile
            for (id, profile) in profiles {
                guard try tables.findDevice(id) else { continue }
                try tables.devices.replace { (row) throws(JetError) in try row.set(column, profile) }
            }
        }
    }

    /// Gives a device other secrets.
    /// - Throws: `noDevice`; `encryptionFailed`; what writing throws.
    public func set(security: DeviceSecurity, of id: Int32) throws(StoreError) {
        try write { (_, tables) throws(JetError) in
            guard try tables.findDevice(id) else { throw tables.fail(.noDevice(id)) }
            let sealed = try seal(security, id, tables)
            try tables.devices.replace { (row) throws(JetError) in
                try row.set(tables.device.security, sealed)
                try row.set(tables.device.version, security.version.rawValue)
            }
        }
    }

    /// Removes a device. Its name is free at once, and nothing of it is found any more but its events; what it has of
    /// rows is deleted by `retain`.
    /// - Throws: `noDevice`; what writing throws.
    public func removeDevice(_ id: Int32) throws(StoreError) {
        try state.lock.withLock { () throws(StoreError) in
            let core = try loadedCore()
            try store.watching(core) { () throws(StoreError) in
                try core.writer.transaction { (tables) throws(JetError) in
                    guard try tables.findDevice(id) else { throw tables.fail(.noDevice(id)) }
                    try tables.devices.delete()
                    let column = tables.removedDevice
                    try tables.removals.insert { (row) throws(JetError) in try row.set(column, id) }
                }
            }
            state.devices[id] = nil
            state.removals.append(id)
            // A sweep that is under way begins again, with what was removed.
            state.sweep = RecorderState.Sweep()
        }
    }

    private func seal(
        _ security: DeviceSecurity, _ id: Int32, _ tables: Tables
    ) throws(JetError) -> [UInt8] {
        guard let plain = security.encoded() else { throw tables.fail(.secretsTooLong) }
        do throws(StoreError) {
            return try store.key.seal(plain, device: id)
        } catch {
            throw tables.fail(error)
        }
    }

    /// Says which name was taken.
    private func naming(
        _ name: String, _ tables: Tables, _ body: () throws(JetError) -> Void
    ) throws(JetError) {
        do throws(JetError) {
            try body()
        } catch {
            throw error == .keyDuplicate ? tables.fail(.nameTaken(name)) : error
        }
    }

    private static func check(name: String) throws(StoreError) {
        let isFine =
            (1...DeviceRecord.nameLimit).contains(name.utf16.count)
            && name.first?.isWhitespace == false && name.last?.isWhitespace == false
            && !name.unicodeScalars.contains { $0.properties.generalCategory == .control }
        guard isFine else { throw .nameInvalid(name) }
    }
}
