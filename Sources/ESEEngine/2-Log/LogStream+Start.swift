// Layer: ESEEngine/2-Log. Uses: LogWriter, LogTail. Used by: the instance, recovery.
// Making a stream: a new one, or one that goes on where recovery found the end.

public import ESEFormat
import PlatformIO

extension LogStream {
    /// Begins a log with a new file. `generation` is 1, or the one after the last closed file if there is no current
    /// one; `previous` is then when that was begun. Throws `fileAlreadyExists` if there is a current file, and JET's
    /// errors for failed I/O.
    public static func create(
        _ environment: LogEnvironment, _ options: LogOptions, generation: UInt32 = 1, previous: LogTime = .none
    ) throws(JetError) -> LogStream {
        check(options)
        precondition(generation > 0, "generations start at 1")
        let names = LogFileNames(options)
        let storage = environment.storage
        let state = LogFileState(generation: generation, creationTime: environment.clock.logTime())
        let file = try io(environment) { () throws(StorageError) in
            try storage.createDirectory(options.directory)
            guard try !storage.exists(names.current) else {
                throw StorageError(.exists, "there is a log already: \(names.current)")
            }
            let file = try makeZeros(storage, names.prepared, options)
            do throws(StorageError) {
                try writeHeader(header(options, state, previous: previous), to: file)
                try storage.rename(names.prepared, to: names.current)
                try storage.syncDirectory(options.directory)
            } catch {
                file.close()
                throw error
            }
            return file
        }
        let ring = LogRing(
            byteCount: options.bufferByteCount, lastSector: lastSector(options), generation: generation, sector: 1,
            time: state.creationTime)
        let stream = LogStream(environment, options, ring, LogWriter(file: file, state: state))
        try stream.beginOrClose()
        return stream
    }

    /// Goes on in the current file behind the last good record, which ends before `end`: its sector is 0 if there is no
    /// record in this file. What stands behind is removed for good. `LogTail.repair` was done before the log was read.
    /// Throws `logFileCorrupt` if the file is not of that generation or has no such segment, -541 if its size is not
    /// what the options say, -530 if its signature isn't, and JET's errors for failed I/O.
    public static func resume(
        _ environment: LogEnvironment, _ options: LogOptions, at end: LogPosition
    ) throws(JetError) -> LogStream {
        check(options)
        let names = LogFileNames(options)
        let isEmpty = end.sector == 0 || end.sector == 1 && end.byte <= UInt16(LogSegment.headerByteCount)
        let sector = isEmpty ? 1 : Int(end.sector)
        let byte = isEmpty ? LogSegment.headerByteCount : max(Int(end.byte), LogSegment.headerByteCount)
        guard sector <= lastSector(options), byte <= LogSegment.byteCount else { throw .logFileCorrupt }
        let file = try io(environment) { () throws(StorageError) in
            try environment.storage.open(names.current, .writing)
        }
        let state: LogFileState
        let segment: [UInt8]
        do throws(JetError) {
            let header = try readHeader(environment, file, options, generation: end.generation)
            state = LogFileState(generation: header.generation, creationTime: header.creationTime)
            let found = try io(environment) { () throws(StorageError) in
                try LogTail.prepareEnd(file, header, sector: sector, byteCount: byte)
            }
            guard let found else { throw JetError.logFileCorrupt }
            segment = found
        } catch {
            file.close()
            throw error
        }
        var ring = LogRing(
            byteCount: options.bufferByteCount, lastSector: lastSector(options), generation: state.generation,
            sector: sector, time: environment.clock.logTime())
        let writer = LogWriter(file: file, state: state)
        if byte > LogSegment.headerByteCount {
            segment.withUnsafeBytes { bytes in
                ring.slots[0].copyMemory(from: bytes.baseAddress.unsafelyUnwrapped, byteCount: LogSegment.byteCount)
            }
            ring.reopen(at: byte)
            writer.partByteCount = byte
        }
        let stream = LogStream(environment, options, ring, writer)
        try stream.beginOrClose()
        return stream
    }

    /// Same as `begin`; if that fails the file is closed.
    private func beginOrClose() throws(JetError) {
        do throws(JetError) {
            try begin()
        } catch {
            close()
            throw error
        }
    }

    /// What a new or continued stream does besides.
    private func begin() throws(JetError) {
        let storage = storage
        let options = options
        let names = try Self.io(environment) { () throws(StorageError) in
            do throws(StorageError) {
                try Self.makeReserves(storage, options)
            } catch  where error.kind == .full {
                lock.withLock { control.pointee.isShortOfSpace = true }
                reporter.report(.warning, "the disk of the log is full: there are no reserves")
            }
            return try storage.list(options.directory)
        }
        let generations = names.compactMap { self.names.generation(ofName: $0) }
        lock.withLock { control.pointee.oldestGeneration = generations.min() ?? control.pointee.current.generation }
        prepareSoon()
    }

    private static func readHeader(
        _ environment: LogEnvironment, _ file: any StorageFile, _ options: LogOptions, generation: UInt32
    ) throws(JetError) -> LogHeader {
        var bytes = [UInt8](repeating: 0, count: LogHeader.byteCount)
        let (count, size) = try io(environment) { () throws(StorageError) in
            (try file.read(into: &bytes, at: 0), try file.byteCount())
        }
        guard count == bytes.count, let header = try? LogHeader(decoding: bytes.span.bytes),
            header.generation == generation
        else { throw .logFileCorrupt }
        guard header.signature == options.signature else { throw LogError.badSignature }
        guard header.sectorCount == options.sectorCount,
            size == UInt64(options.sectorCount) * UInt64(LogSegment.byteCount)
        else { throw LogError.sizeMismatch }
        return header
    }

    private static func lastSector(_ options: LogOptions) -> Int {
        Int(LogSegment.lastUsable(sectorCount: options.sectorCount))
    }

    /// Reports what the storage says and makes it JET's error.
    private static func io<Result>(
        _ environment: LogEnvironment, _ body: () throws(StorageError) -> Result
    ) throws(JetError) -> Result {
        do throws(StorageError) {
            return try body()
        } catch {
            environment.reporter.report(.error, "the log can't be begun: \(error.text)")
            throw LogError.of(error)
        }
    }

    private static func check(_ options: LogOptions) {
        precondition(options.sectorCount >= 16, "a log file has at least 16 segments")
        precondition(!options.baseName.isEmpty && !options.directory.isEmpty, "a log has a name and a place")
    }
}
