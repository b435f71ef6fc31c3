// The library without C: memory that runs out, and several libraries in a process.

import ESE
import ESEEngine
import Foundation
import Jet
import PlatformIO
import Testing

@Suite struct LibraryTests {
    /// An instance without log and temporary database, which needs no files.
    private func makeInstance(_ library: JetLibrary, sessions: UInt64) throws -> UInt {
        let instance = try library.createInstance(name: "test", displayName: nil)
        let settings: [(JetParameter, ParameterValue)] = [
            (.recovery, .text("off")), (.maxTemporaryTables, .integer(0)), (.maxSessions, .integer(sessions)),
        ]
        for (parameter, value) in settings {
            try library.setParameter(parameter.rawValue, to: value, instance: instance, session: 0)
        }
        return try library.initialise(.handle(instance))
    }

    /// Handles get memory in pieces; the second piece for sessions is refused.
    @Test func noMemoryForHandles() throws {
        let pieces = Locked(0)
        let library = JetLibrary(memory: { byteCount in
            let isRefused = pieces.withLock { count in
                count += 1
                return count > 2
            }
            return isRefused ? nil : SystemMemory.allocate(byteCount: byteCount, alignment: 128)
        })
        let instance = try makeInstance(library, sessions: 30_000)
        var sessions: [UInt] = []
        #expect(throws: JetError.outOfMemory) {
            while true { sessions.append(try library.beginSession(instance)) }
        }
        #expect(sessions.count == 1024)
        #expect(throws: JetError.outOfMemory) { _ = try library.duplicateSession(sessions[0]) }
        try library.endSession(sessions.removeLast())
        sessions.append(try library.duplicateSession(sessions[0]))
        try library.terminate(instance, .abrupt)
    }

    @Test func noMemoryForAnInstance() throws {
        let library = JetLibrary(memory: { _ in nil })
        #expect(throws: JetError.outOfMemory) { _ = try library.createInstance(name: nil, displayName: nil) }
        // Nothing is left of it: the mode is open again.
        try library.enableMultipleInstances([]) { _ in }
    }

    @Test func librariesKnowNothingOfEachOther() throws {
        let (first, second) = (JetLibrary(), JetLibrary())
        let instance = try makeInstance(first, sessions: 4)
        let session = try first.beginSession(instance)
        #expect(throws: JetError.notInitialized) { _ = try second.duplicateSession(session) }
        #expect(throws: JetError.invalidParameter) { _ = try second.beginSession(instance) }
        try first.terminate(instance, .complete)
    }
}
