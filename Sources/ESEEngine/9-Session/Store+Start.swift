// Layer: ESEEngine/9-Session. Uses: Store, 2-Log, 8-Recovery. Used by: instances.
// The start of an instance: directories, log, cache, version store.

import ESEFormat
import Synchronization

extension Store {
    /// See `InstanceWork`. After an error it can be tried again.
    public func initialise(recovery: (Bool) -> Void) throws(JetError) {
        precondition(!isRunning, "it isn't initialised twice")
        let options = try StoreOptions(parameters, storage)
        // Background work begins when everything is there.
        isEnding.store(true, ordering: .relaxed)
        isQuiescing.store(false, ordering: .relaxed)
        nextProgress.store(.max, ordering: .relaxed)
        let versions = makeVersions(options)
        let buffers = makeBuffers(options)
        var log: LogStream?
        if options.isLogged {
            try prepareDirectory(options.logDirectory, options, .invalidLogDirectory)
            try prepareDirectory(options.systemDirectory, options, .invalidSystemPath)
            log = try startLog(options, buffers, versions, recovery)
        }
        setParts(
            Parts(
                options: options, log: log, buffers: buffers, versions: versions,
                checkpointer: log.map { makeCheckpointer($0, buffers) },
                cleaner: Worker(versions.clock.make(session: 0), isSystem: true),
                system: Worker(versions.clock.make(session: 0), isSystem: true)))
        isEnding.store(false, ordering: .sequentiallyConsistent)
        guard let log else { return }
        log.setEventHandler { [weak self] event in
            switch event {
            case .failed(let error): self?.makeUnavailable(error)
            case .newFile: self?.scheduleWriting()
            }
        }
        do throws(JetError) {
            try logStart(log, options)
        } catch {
            isEnding.store(true, ordering: .sequentiallyConsistent)
            log.close()
            tasks.drain()
            setParts(nil)
            throw error
        }
    }

    private func makeCheckpointer(_ log: LogStream, _ buffers: BufferManager) -> Checkpointer {
        let checkpointer = Checkpointer(log, buffers, position: log.endPosition)
        checkpointer.onLostWrites = { [weak self] error in self?.makeUnavailable(error) }
        return checkpointer
    }

    /// Says in the log that an engine starts, and lets the next recovery begin there: nothing before is needed.
    private func logStart(_ log: LogStream, _ options: StoreOptions) throws(JetError) {
        let span = try append(InitializeRecord(parameters: options.logged, time: clock.logTime()))
        try log.flush(upTo: span.end)
        try log.writeCheckpoint(Checkpoint(position: span.start, signature: log.options.signature))
        setNextProgress(after: span.end)
    }

    /// Appends a record that is one piece and perhaps a path.
    func append(_ record: some LogRecordFields, path: [UInt8] = []) throws(JetError) -> LogSpan {
        guard let log else { return .none }
        var bytes = [UInt8](repeating: 0, count: record.fixedByteCount)
        bytes.withUnsafeMutableBytes { record.encodeFixed(into: $0.baseAddress.unsafelyUnwrapped) }
        bytes += path
        return try bytes.lend { (bytes) throws(JetError) in try log.append(bytes.buffer) }
    }

    private func prepareDirectory(
        _ path: String, _ options: StoreOptions, _ error: JetError
    ) throws(JetError) {
        do throws(StorageError) {
            if try storage.exists(path) { return }
            guard options.createsDirectories else { throw StorageError(.notFound, "no such directory: \(path)") }
            try storage.createDirectory(path)
        } catch let failure {
            reporter.report(.error, failure.text)
            throw error
        }
    }

    private func makeVersions(_ options: StoreOptions) -> VersionStore {
        VersionStore(
            clock: TransactionClock(), options: options.versions,
            requestClean: { [weak self] in self?.scheduleCleaning() },
            reclaim: { [weak self] in self?.cleanForRoom() ?? false })
    }

    private func makeBuffers(_ options: StoreOptions) -> BufferManager {
        let size = options.pageSize
        return BufferManager(
            pageSize: size, byteLimit: options.cacheByteCount, reporter: reporter, clock: clock,
            pressure: { [weak self] in self?.noteShortage() },
            check: { bytes, number in
                // The check reads only.
                Page.check(UnsafeMutableRawBufferPointer(mutating: bytes), number: number, size: size) == nil
            })
    }

    // MARK: The log.

    /// Begins a new log, or goes on in the one that is there, after recovery if its end isn't an orderly one.
    private func startLog(
        _ options: StoreOptions, _ buffers: BufferManager, _ versions: VersionStore, _ recovery: (Bool) -> Void
    ) throws(JetError) -> LogStream {
        let environment = LogEnvironment(storage: storage, clock: clock, tasks: tasks, reporter: reporter)
        let new = options.log(
            DatabaseSignature(random: UInt32(truncatingIfNeeded: clock.random()), time: clock.logTime()))
        if try hasLogs(new) { recovery(true) }
        defer { recovery(false) }
        let alternate = options.parameters.alternateDatabaseRecoveryPath
        let mapping: RedoOptions.PathMapping =
            alternate.isEmpty ? .asLogged : .directory(try StoreOptions.complete(alternate, storage, .invalidPath))
        let work = Recovery(
            environment, new, buffers: buffers, versions: versions, mapping: mapping,
            ignoresMissingDatabases: ignoresMissingDatabases)
        let result = try work.run(
            isCancelled: { [self] in isQuiescing.load(ordering: .acquiring) },
            progress: { [onProgress] part in onProgress?(part) })
        recoveredDatabases = result.databases
        return result.log
    }

    private func hasLogs(_ options: LogOptions) throws(JetError) -> Bool {
        let names = LogFileNames(options)
        do throws(StorageError) {
            if try storage.exists(names.current) { return true }
            return try storage.list(options.directory).contains { names.generation(ofName: $0) != nil }
        } catch {
            reporter.report(.error, error.text)
            throw LogError.of(error)
        }
    }
}
