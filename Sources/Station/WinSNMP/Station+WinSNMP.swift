// Layer: Station/WinSNMP. Uses: WinSNMPMirror, RecordingThread. Used by: Station.
// When the devices are written for WinSNMP programs, and who hears of it if that fails.

import StationStore

extension Station {
    /// Begins to write; a failure is a note and an event.
    func startMirror(_ recording: RecordingThread, _ note: @escaping @Sendable (String) -> Void) {
        mirror.devicesChanged()
        mirror.start { text, isFailure in
            note(text)
            if isFailure { recording.add(.event(Self.event(text), confirm: nil)) }
        }
    }

    /// Writes what is due. The store is still open, and so is the recording if there is one.
    func stopMirror() {
        // Who started it hears of it otherwise.
        mirror.stop { [store] text, isFailure in
            if isFailure { _ = try? store.recorder.append(events: [Self.event(text)]) }
        }
    }

    private static func event(_ warning: String) -> EventRecord {
        EventRecord(time: now, kind: "station", severity: .warning, title: warning)
    }
}
