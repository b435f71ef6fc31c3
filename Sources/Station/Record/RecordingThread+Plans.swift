// Layer: Station/Record. Uses: StationStore (Recorder), LiveState, PlanRecords. Used by: RecordingThread.
// What was found on devices. A plan that can't be recorded waits, and with it what the device says from then on: rounds
// are nothing without the numbers of their series.

import PlatformIO
import Primitives
import StationPoller
import StationStore

/// What waits for a device's plan to be recorded.
enum HeldWork {
    case plan(DevicePlan)
    case round(PolledRound)
}

extension RecordingThread {
    /// Takes a plan and what changed with it.
    func take(_ plan: DevicePlan, _ changes: [PlanChange], of device: Int32) {
        let now = wallMicroseconds
        for change in changes { events.append((EventRecord(change, time: now, device: device), nil)) }
        if held[device] != nil || !adopt(plan, of: device) { held[device, default: []].append(.plan(plan)) }
    }

    /// Takes a round.
    func take(_ round: PolledRound) {
        if held[round.device] == nil { return adopt(round) }
        guard reserve(round.values.count, isHeld: true) else { return }
        held[round.device]?.append(.round(round))
    }

    /// Tries to record the plans that wait.
    func releaseHeld() {
        guard !held.isEmpty else { return }
        for device in held.keys.sorted() {
            guard let works = held.removeValue(forKey: device) else { continue }
            for (place, work) in works.enumerated() {
                switch work {
                case .plan(let plan):
                    guard !adopt(plan, of: device) else { continue }
                    held[device] = Array(works[place...])
                case .round(let round):
                    release(round.values.count)
                    adopt(round)
                    continue
                }
                break
            }
        }
        if held.isEmpty { planning.pass() }
    }

    /// Records a plan. False if that may work later.
    private func adopt(_ plan: DevicePlan, of device: Int32) -> Bool {
        do throws(StoreError) {
            let result = try store.recorder.record(plan.catalogue, of: device, now: wallMicroseconds)
            let series = plan.series(result)
            // A device that was removed meanwhile, or a catalogue that names something twice.
            guard series.count == plan.instances.count else { return true }
            let record = try store.recorder.update(device: device) { record in
                record.sysDescr = plan.system.description
                record.sysObjectID = plan.system.objectID
                record.sysName = plan.system.name
                record.sysContact = plan.system.contact
                record.sysLocation = plan.system.location
            }
            plans[device] = (plan.revision, series.map(\.id))
            _ = live.change(device) { live in
                live.record = record
                live.adopt(plan, objects: result.objects.map(\.record), series: series)
            }
            return true
        } catch {
            plans[device] = nil
            switch error {
            case .noDevice, .closed: return true
            default:
                planning.fail(error, SystemClock.now)
                return false
            }
        }
    }
}
