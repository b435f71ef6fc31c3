// Layer: WinSNMP. Uses: SNMP. Used by: WinSNMPLibrary.
// All that lives between startup and cleanup. Guarded by the library's lock, unless a comment says otherwise.

import PlatformIO
import Primitives
import SNMP
import SNMPCodec
import SNMPEngine
import SNMPPorts
import WinSNMPDatabase

final class Instance {
    var sessions = HandleTable<SessionRecord>(.session)
    var entities = HandleTable<EntityRecord>(.entity)
    var contexts = HandleTable<ContextRecord>(.context)
    var pdus = HandleTable<PDURecord>(.pdu)
    var vbls = HandleTable<VBLRecord>(.vbl)
    /// Sessions by the slot under which handles know their owner.
    var sessionSlots: [SessionRecord?] = []
    var freeSessionSlots: [Int] = []
    /// Sessions that wait to be handed to the dispatcher, when the lock is released.
    var woken: [SessionRecord] = []

    var translateMode = TranslateMode.untranslatedV1
    var isRetransmitting = true
    var database: (any WinSNMPDatabase)?

    let dispatcher: Dispatcher
    let random: RandomSource
    private var lastRequestID: Int32

    // The network: made when first needed.
    var loop: SNMPLoop?
    /// Managers, each with sockets of its own: a request goes to the first where its request-id is free.
    var managers: [SNMPManager] = []
    static let maximumManagers = 256
    /// Registrations and listening entities; opened and closed under `portLock`.
    var portLoop: PortLoop?
    var trapService: TrapService?
    var isShutDown = false

    init(_ library: WinSNMPLibrary) {
        dispatcher = Dispatcher { library.serve($0) }
        random = RandomSource.fromSystem()
        lastRequestID = Int32(truncatingIfNeeded: random.next() & 0x3FFF_FFFF)
    }

    // MARK: Request-ids

    /// A request-id that is not 0 and that no request of the session waits with.
    func newRequestID(_ session: SessionRecord?) -> Int32 {
        repeat {
            lastRequestID = lastRequestID == .max ? 1 : lastRequestID + 1
        } while session?.outstanding[lastRequestID] != nil
        return lastRequestID
    }

    // MARK: Look-up

    /// The session that owns a live handle of a table.
    func owner<Record: AnyObject>(of handle: UInt64, in table: HandleTable<Record>) -> SessionRecord? {
        guard let slot = table.owner(handle), slot < sessionSlots.count else { return nil }
        return sessionSlots[slot]
    }

    func takeSessionSlot() -> Int {
        if let slot = freeSessionSlots.popLast() { return slot }
        sessionSlots.append(nil)
        return sessionSlots.count - 1
    }

    // MARK: End

    /// Ends everything, after the instance was taken out of the library, so that no function finds it any more. Not
    /// under the lock. Waits for callbacks that run, but for the caller's own.
    func shutDown(_ library: WinSNMPLibrary) {
        var all: [SessionRecord] = []
        let (managers, loop) = library.portLock.withLock { () -> ([SNMPManager], SNMPLoop?) in
            let (service, listeners) = library.lock.withLock { () -> (TrapService?, [Listener]) in
                isShutDown = true
                all = sessionSlots.compactMap(\.self)
                let listeners = all.flatMap { library.dismantle($0, self) }
                defer { trapService = nil }
                return (trapService, listeners)
            }
            service?.close()
            for listener in listeners { listener.close() }
            return library.lock.withLock {
                defer { (self.managers, self.loop) = ([], nil) }
                return (self.managers, self.loop)
            }
        }
        portLoop?.stop()
        for manager in managers { manager.close() }
        loop?.stop()
        if dispatcher.stop() { return }
        // Called from a callback: another callback may wait for this one, so only those are waited for that don't.
        library.lock.withLock {
            for session in all { library.waitForCallback(of: session) }
        }
    }
}
