// Layer: StationStore. Uses: ESE, Tables. Used by: StationStore, Recorder, Reader.
// The database while it is open: the writer's session and a pool of sessions for readers.

import ESE
import PlatformIO

/// An instance with its database open. When the engine gives up (it could not write its log), the core is over and the
/// store opens another one.
final class StoreCore: Sendable {
    /// The instance.
    let instance: Instance
    /// The recorder's session; used under its lock only.
    let writer: Tables
    private let idle = Locked<[Tables]>([])

    /// How many sessions wait for readers at most.
    private static let idleLimit = 16

    /// Opens the instance, which recovers what a crash left, and the database.
    init(
        _ directory: String, _ options: StoreOptions, _ environment: EngineEnvironment, _ mode: DatabaseMode
    ) throws(StoreError) {
        var instanceOptions = InstanceOptions()
        instanceOptions.pageSize = options.pageSize
        instanceOptions.cacheByteCount = options.cacheByteCount
        instanceOptions.environment = environment
        do throws(JetError) {
            instance = try Instance.open(directory: directory, instanceOptions)
        } catch {
            throw StoreError(error)
        }
        do throws(StoreError) {
            writer = try Self.makeTables(instance, mode)
            try writer.transaction { (tables) throws(JetError) in
                let found = try tables.value(ofSetting: "format").flatMap { Int32($0) }
                if let found, found > StoreTables.format { throw tables.fail(.newerFormat(found: found)) }
                if found == nil { try tables.set(setting: "format", "\(StoreTables.format)") }
            }
        } catch {
            try? instance.close()
            throw error
        }
    }

    private static func makeTables(_ instance: Instance, _ mode: DatabaseMode) throws(StoreError) -> Tables {
        do throws(JetError) {
            return try Tables(try instance.makeSession(), mode)
        } catch {
            throw StoreError(error)
        }
    }

    /// Runs `body` in a transaction of its own that only reads. From any thread.
    func read<Result>(_ body: (Tables) throws(JetError) -> Result) throws(StoreError) -> Result {
        let waiting = idle.withLock { $0.popLast() }
        let tables = if let waiting { waiting } else { try Self.makeTables(instance, .existing) }
        defer { idle.withLock { idle in if idle.count < Self.idleLimit { idle.append(tables) } } }
        return try tables.transaction(isReadOnly: true, body)
    }

    /// Closes the instance. Waits for calls of other threads.
    func close() throws(StoreError) {
        idle.withLock { $0.removeAll() }
        do throws(JetError) { try instance.close() } catch { throw StoreError(error) }
    }
}
