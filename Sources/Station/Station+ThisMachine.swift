// Layer: Station. Uses: HostService, StationStore. Used by: Station.
// This machine's agent, and what the station's own SNMP engines are called.

import PlatformIO
import Primitives
import SNMP
import SNMPCodec
import SNMPSecurity
import StationStore

extension Station {
    /// An SNMP engine of the station: its ID and how often it was started, which is once more now.
    func engineState(_ name: String) throws(StationError) -> (engineID: EngineID, boots: Int32) {
        try storing { () throws(StoreError) in
            let reader = store.reader
            var id = EngineID.random(using: .fromSystem())
            if let text = try reader.setting("\(name).id"), let known = EngineID(hex: text) { id = known }
            let last = try reader.setting("\(name).boots").flatMap { Int32($0) } ?? 0
            let boots = last == .max ? 1 : last + 1
            try store.recorder.set(setting: "\(name).id", id.description)
            try store.recorder.set(setting: "\(name).boots", String(boots))
            return (id, boots)
        }
    }

    /// Starts the agent of this machine, and keeps a device for it, with keys of its own that were made at random.
    func ownAgent() throws(StationError) -> HostService {
        let known = live.devices.first { $0.record.origin == .builtIn }?.record
        var security: DeviceSecurity?
        if let known {
            security = try? store.reader.security(of: known.id)
        }
        // Each of 128 random bits.
        let passwords = (0..<2).map { _ in
            (0..<2).flatMap { _ in Array(EngineID.random(using: .fromSystem()).description.utf8) }
        }
        let keys =
            security
            ?? .v3(
                DeviceUser(
                    name: "station", authentication: .init(protocolName: "SHA-256", password: passwords[0]),
                    privacy: .init(protocolName: "AES", password: passwords[1])))
        guard let user = keys.user else { throw .invalid("the device of this machine has no user") }
        let engine = try engineState("agent")
        let service: HostService
        do throws(SNMPServiceError) {
            service = try HostService(
                HostService.Settings(
                    engineID: engine.engineID, engineBoots: engine.boots, users: [try user.credentials(in: "agent")]),
                [ServiceEndpoint(.loopbackIPv4(port: 0))])
        } catch {
            throw .service(error.description)
        }
        let address = service.endpoints[0].text
        do throws(StationError) {
            let record = try storing { () throws(StoreError) in
                guard let known else {
                    let name = try freeName("this machine")
                    return try store.recorder.add(
                        DeviceRecord(
                            name: name, address: address, intervalMilliseconds: options.ownInterval, origin: .builtIn,
                            added: Self.now), security: keys)
                }
                if security == nil { try store.recorder.set(security: keys, of: known.id) }
                return try store.recorder.update(device: known.id) { $0.address = address }
            }
            live.put(record, now: Self.now)
        } catch {
            service.close()
            throw error
        }
        return service
    }

    private func freeName(_ name: String) throws(StoreError) -> String {
        var candidate = name
        var number = 2
        while try store.reader.device(named: candidate) != nil {
            candidate = "\(name) \(number)"
            number += 1
        }
        return candidate
    }
}

extension DeviceUser {
    /// The user for the SNMP library, with the library's own kind of error.
    fileprivate func credentials(in part: String) throws(SNMPServiceError) -> USMCredentials {
        do throws(StationError) { return try credentials() } catch { throw .security(.keyLengthInvalid) }
    }
}
