// Layer: ESEEngine/9-Session. Uses: Store, 2-Log, 8-Recovery. Used by: instances.
// The start of an instance: directories, log, cache, version store.

import ESEFormat
import Synchronization

extension Store {
    /// See `InstanceWork`. After an error it can be tried again.
    public func initialise(recovery: (Bool) -> Void) throws(JetError) {
        precondition(!isRunning, "it isn't initialised twice")
        let options = try StoreOptions(parameters, storage)
        isEnding.store(false, ordering: .relaxed)
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
                cleaner: Worker(versions.clock.make(session: 0), isSystem: true),
                system: Worker(versions.clock.make(session: 0), isSystem: true)))
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
            pressure: { [weak self] in self?.scheduleWriting() },
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
        guard try hasLogs(new) else { return try LogStream.create(environment, new) }
        // Here recovery goes: until then only logs that end in order are gone on with.
        return try resumeLog(environment, new, recovery)
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

    private func resumeLog(
        _ environment: LogEnvironment, _ new: LogOptions, _ recovery: (Bool) -> Void
    ) throws(JetError) -> LogStream {
        let names = LogFileNames(new)
        recovery(true)
        defer { recovery(false) }
        do throws(StorageError) {
            let file = try storage.open(names.current, .writing)
            defer { file.close() }
            var bytes = [UInt8](repeating: 0, count: LogHeader.byteCount)
            if try file.read(into: &bytes, at: 0) == bytes.count,
                let header = try? LogHeader(decoding: bytes.span.bytes)
            {
                _ = try LogTail.repair(file, header)
            }
        } catch {
            reporter.report(.error, error.text)
            throw LogError.of(error)
        }
        var options = RedoOptions(
            logDirectory: new.directory, baseName: new.baseName, checkpointPath: names.checkpoint, mapping: .asLogged)
        options.logExtension = new.fileExtension
        let driver = RedoDriver(storage, options)
        do throws(RedoError) {
            try driver.run()
        } catch {
            reporter.report(.error, "the log can't be read: \(error)")
            throw error.code
        }
        guard driver.report.isTerminated, driver.report.transactions.isEmpty else {
            reporter.report(.error, "the log needs recovery: \(new.directory)")
            throw .databaseDirtyShutdown
        }
        var log = new
        log.signature = driver.signature
        return try LogStream.resume(environment, log, at: driver.report.end)
    }
}
