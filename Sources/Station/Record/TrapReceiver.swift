// Layer: Station/Record. Uses: SNMP (NotificationListener), RecordingThread, LiveState. Used by: Station.
// Receives traps and informs and hands them to the recorder. An inform is answered after its commit.

import PlatformIO
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine
import SNMPSecurity
import StationStore

/// Receives traps and informs.
final class TrapReceiver: Sendable {
    private let listener: NotificationListener
    private let recording: RecordingThread
    private let live: LiveState
    /// Devices by their addresses, without ports.
    private let senders = Locked<[SocketAddress: Set<Int32>]>([:])

    /// Where it listens.
    var endpoints: [ServiceEndpoint] { listener.endpoints }
    /// What was counted.
    var statistics: NotificationListener.Statistics { listener.statistics }

    /// Binds the endpoints.
    init(
        _ endpoints: [ServiceEndpoint], engine: (engineID: EngineID, boots: Int32), _ recording: RecordingThread,
        _ live: LiveState
    ) throws(SNMPServiceError) {
        var options = NotificationListener.Options(endpoints)
        options.localEngine = engine
        listener = try NotificationListener(options)
        self.recording = recording
        self.live = live
    }

    func start() {
        listener.start { [weak self] notification in self?.receive(notification) }
    }

    func close() { listener.close() }

    /// Notifications from this address are a device's, unless there are several of that address.
    func add(_ address: SocketAddress, device: Int32) {
        senders.withLock { _ = $0[address.with(port: 0), default: []].insert(device) }
    }

    func remove(device: Int32) {
        senders.withLock { senders in
            senders = senders.mapValues { $0.subtracting([device]) }.filter { !$0.value.isEmpty }
        }
    }

    /// Lets a user of SNMPv3 send.
    func add(_ user: USMCredentials) throws(SNMPServiceError) { try listener.add(user) }

    private func receive(_ notification: ReceivedNotification) {
        let devices = senders.withLock { $0[notification.source.address.with(port: 0)] } ?? []
        let device = devices.count == 1 ? devices.first ?? 0 : 0
        let event = EventRecord(
            notification, time: SystemClock.wallNanoseconds / 1_000, device: device,
            interfaceName: { [live] index in live.device(device)?.interfaceName(index) })
        var confirm: (@Sendable (Bool) -> Void)?
        if case .inform(let token) = notification.kind {
            confirm = { [weak listener] isKept in
                if isKept { listener?.confirm(token) } else { listener?.refuse(token) }
            }
        }
        guard !recording.add(.event(event, confirm: confirm)) else { return }
        confirm?(false)
        if confirm == nil { live.count { $0.lostTraps += 1 } }
    }
}
