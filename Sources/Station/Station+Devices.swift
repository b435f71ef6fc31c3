// Layer: Station. Uses: DeviceSpec, NameWatch, StationPoller, StationStore. Used by: Station, StationWeb, the commands.
// Devices are added, removed and watched.

import PlatformIO
import Primitives
import SNMP
import SNMPEngine
import SNMPSecurity
import StationPoller
public import StationStore

extension Station {
    /// Adds a device, and watches it if the station runs.
    /// - Throws: `invalid` for what can't be a device; `store` with `nameTaken`.
    @discardableResult
    public func add(_ spec: DeviceSpec) throws(StationError) -> DeviceRecord {
        _ = try spec.security.target()
        let text = HostText(spec.host)
        guard !text.address.isEmpty else { throw .invalid("the host is missing") }
        let record = DeviceRecord(
            name: spec.effectiveName, address: spec.host, intervalMilliseconds: spec.intervalMilliseconds,
            added: Self.now)
        let peer = try options.resolve(record)
        let added = try storing { () throws(StoreError) in try store.recorder.add(record, security: spec.security) }
        live.put(added, now: Self.now)
        mirror.devicesChanged()
        if let parts = running.withLock({ $0 }) { try watch(added, at: peer, parts) }
        return added
    }

    /// Adds many devices: all of them or, if one can't be added, none.
    public func add(_ specs: [DeviceSpec]) throws(StationError) -> [DeviceRecord] {
        var added: [DeviceRecord] = []
        for spec in specs {
            do throws(StationError) {
                added.append(try add(spec))
            } catch {
                for record in added { try? remove(record) }
                throw .invalid("\(spec.effectiveName): \(error)")
            }
        }
        return added
    }

    /// Removes a device with its samples; its events stay.
    public func remove(_ record: DeviceRecord) throws(StationError) {
        if let parts = running.withLock({ $0 }) {
            parts.names.remove(record.id)
            parts.poller.remove(record.id)
            parts.traps?.remove(device: record.id)
        }
        try storing { () throws(StoreError) in try store.recorder.removeDevice(record.id) }
        live.remove(record.id)
        mirror.devicesChanged()
    }

    /// The device of a name or number.
    public func device(_ name: String) throws(StationError) -> DeviceRecord {
        let reader = store.reader
        let found = try storing { () throws(StoreError) -> DeviceRecord? in
            if let record = try reader.device(named: name) { return record }
            return try Int32(name).flatMap { (id) throws(StoreError) in try reader.device(id) }
        }
        guard let found else { throw .notFound("there is no device \"\(name)\"; oriel station list shows them") }
        return found
    }

    /// Begins to poll a device; what keeps it from that becomes its message.
    func watch(_ record: DeviceRecord, _ note: (String) -> Void) {
        guard let parts = running.withLock({ $0 }) else { return }
        do throws(StationError) {
            try watch(record, at: try options.resolve(record), parts)
        } catch {
            fail(record, error, note)
        }
    }

    private func fail(_ record: DeviceRecord, _ error: StationError, _ note: (String) -> Void) {
        note("\(record.name): \(error)")
        _ = live.change(record.id) { device in
            device.state = .down
            device.message = error.description
        }
    }

    func namesSeam(
        _ recording: RecordingThread, _ note: @escaping @Sendable (String) -> Void
    ) -> NameWatch.Seam {
        NameWatch.Seam(
            resolve: options.resolve,
            silent: { [live] in
                live.devices.filter { $0.state == .down && $0.record.isEnabled && !$0.record.isNumeric }.map(\.record)
            },
            found: { [weak self] record, address, before in
                guard let self, let parts = running.withLock({ $0 }), live.device(record.id) != nil else { return }
                do throws(StationError) {
                    try watch(record, at: address, parts)
                } catch {
                    return fail(record, error, note)
                }
                guard let before else { return }
                let title = "its name leads to \(address.text) now; it was \(before.text)"
                recording.add(
                    .event(
                        EventRecord(time: Self.now, device: record.id, kind: "change", title: title), confirm: nil))
            },
            failed: { [weak self] record, error in self?.fail(record, error, note) })
    }

    private func watch(_ record: DeviceRecord, at peer: Peer, _ parts: Running) throws(StationError) {
        let reader = store.reader
        let (security, objects) = try storing { () throws(StoreError) in
            (try reader.security(of: record.id), try reader.objects(of: record.id))
        }
        let target = try security.target()
        parts.names.note(record.id, at: peer)
        if record.origin == .user {
            // It may have had another address.
            parts.traps?.remove(device: record.id)
            parts.traps?.add(peer.address, device: record.id)
        }
        if case .v3(let user, _, _) = target { try? parts.traps?.add(user) }
        guard record.isEnabled else { return }
        do throws(SNMPError) {
            try parts.poller.add(
                PolledDevice(
                    number: record.id, name: record.name, configuration: TargetConfiguration(peer, target),
                    options: PollingOptions(interval: .milliseconds(Int64(record.intervalMilliseconds))),
                    profile: record.profile.map { TargetProfile(text: $0) } ?? TargetProfile(),
                    known: DevicePlan(record, objects)))
        } catch {
            throw .service(error.description)
        }
    }
}

extension DeviceRecord {
    /// Whether no name server is needed to find it.
    var isNumeric: Bool {
        (try? AddressResolver.numeric(HostText(address).address, defaultPort: 161)) != nil
    }
}
