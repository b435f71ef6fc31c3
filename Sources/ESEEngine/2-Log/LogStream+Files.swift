// Layer: ESEEngine/2-Log. Uses: LogWriter, LogFileNames. Used by: LogStream.
// Beginning the next file, making files ahead, reserves, removing old files.
//
// Order of a roll: the old file is durable; the new one, edbtmp, has its header and is durable; edb.log gets its number
// and that is durable; edbtmp becomes edb.log and that is durable; only then something is written to it. So at any time
// the newest complete files are there: if edb.log is missing, the files with numbers are all there is.

import ESEFormat
import PlatformIO

/// A file filled with zeros, or an old log, as `edbtmp.log`; open, of full size, durable but for its name.
struct PreparedLog: Sendable {
    let file: any StorageFile
    /// It was a reserve.
    let isReserve: Bool
}

extension LogStream {
    /// Closes the current file and begins that of the next generation. The leader's.
    func roll(to generation: UInt32) throws(StorageError) {
        let writer = writer
        let old = writer.state
        precondition(generation == old.generation + 1, "generations are consecutive")
        try writer.sync()
        // Nobody else may make an edbtmp.log before this one has its new name. The work goes on until then.
        defer { prepareSoon() }
        defer { finishFileWork {} }
        let next = try takePrepared()
        let state = LogFileState(generation: generation, creationTime: clock.logTime())
        do throws(StorageError) {
            let header = header(state, previous: old.creationTime, isReserve: next.isReserve)
            try Self.writeHeader(header, to: next.file)
            try storage.rename(names.current, to: names.closed(old.generation))
            try storage.syncDirectory(options.directory)
            try storage.rename(names.prepared, to: names.current)
            try storage.syncDirectory(options.directory)
        } catch {
            next.file.close()
            throw error
        }
        writer.partByteCount = 0
        writer.use(next.file, state)
        lock.withLock {
            control.pointee.current = state
            control.pointee.onEvent?(.newFile)
        }
    }

    /// The header of a new file.
    private func header(_ state: LogFileState, previous: LogTime, isReserve: Bool) -> LogHeader {
        let (attachments, checkpoint) = lock.withLock { (control.pointee.attachments, control.pointee.checkpoint) }
        var header = Self.header(options, state, previous: previous)
        if isReserve { header.flags |= 1 }
        header.attachments = attachments
        header.checkpoint = checkpoint
        return header
    }

    /// The header of a new file, without attached databases.
    static func header(_ options: LogOptions, _ state: LogFileState, previous: LogTime) -> LogHeader {
        var header = LogHeader(
            generation: state.generation, sectorCount: options.sectorCount, pageSize: options.pageSize,
            creationTime: state.creationTime, signature: options.signature)
        header.previousCreationTime = previous
        header.parameters = options.parameters
        // Whether old files are removed now, and may have been before.
        if options.isCircular { header.flags |= 6 }
        return header
    }

    static func writeHeader(_ header: LogHeader, to file: any StorageFile) throws(StorageError) {
        try file.write(header.encoded())
        try file.sync()
    }

    /// Lets the next file be made in the background.
    func prepareSoon() {
        tasks.schedule(.prepareLog) { [weak self] in self?.prepareNext() }
    }

    /// Makes the next file ahead, and the reserves again if they are missing. Failures don't matter yet: the roll tries
    /// again.
    private func prepareNext() {
        let (isWanted, isShort) = lock.withLock { () -> (Bool, Bool) in
            let control = control
            if control.pointee.isClosed || control.pointee.hasFileWork || control.pointee.prepared != nil {
                return (false, false)
            }
            control.pointee.hasFileWork = true
            return (true, control.pointee.isShortOfSpace)
        }
        guard isWanted else { return }
        let next = try? makeNext(mayUseReserve: false)
        let hasReserves = next != nil && isShort && (try? Self.makeReserves(storage, options)) != nil
        finishFileWork {
            control.pointee.prepared = next
            if hasReserves { control.pointee.isShortOfSpace = false }
        }
    }

    /// The next file: what was made ahead, or made now.
    private func takePrepared() throws(StorageError) -> PreparedLog {
        let ready = lock.withLock { () -> PreparedLog? in
            while control.pointee.hasFileWork { changed.wait(lock) }
            control.pointee.hasFileWork = true
            let ready = control.pointee.prepared
            control.pointee.prepared = nil
            return ready
        }
        if let ready { return ready }
        var next: PreparedLog?
        next = try makeNext(mayUseReserve: true)
        if next?.isReserve == true {
            lock.withLock { control.pointee.isShortOfSpace = true }
            reporter.report(.warning, "the disk of the log is full: a reserve is used")
        }
        guard let next else { throw StorageError(.failed, "no log file was made") }
        return next
    }

    private func finishFileWork(_ change: () -> Void) {
        lock.withLock {
            change()
            control.pointee.hasFileWork = false
            changed.broadcast()
        }
    }

    /// Makes `edbtmp.log`. Only for who has set `hasFileWork`.
    private func makeNext(mayUseReserve: Bool) throws(StorageError) -> PreparedLog {
        if options.isCircular, let old = reuseOldest() { return PreparedLog(file: old, isReserve: false) }
        do throws(StorageError) {
            return PreparedLog(file: try Self.makeZeros(storage, names.prepared, options), isReserve: false)
        } catch {
            guard error.kind == .full, mayUseReserve else { throw error }
            for number: UInt32 in [2, 1] {
                guard (try? storage.rename(names.reserve(number), to: names.prepared)) != nil else { continue }
                if let file = openWhole(names.prepared) { return PreparedLog(file: file, isReserve: true) }
            }
            throw error
        }
    }

    /// A file of full size whose bytes are on the disk, all zero, so that later writes find their place. If that fails
    /// nothing is left.
    static func makeZeros(
        _ storage: any StorageSystem, _ path: String, _ options: LogOptions
    ) throws(StorageError) -> any StorageFile {
        let file = try storage.open(path, .replacing)
        do throws(StorageError) {
            let zeros = [UInt8](repeating: 0, count: 64 * LogSegment.byteCount)
            var offset: UInt64 = 0
            var left = Int(options.sectorCount) * LogSegment.byteCount
            while left > 0 {
                let count = min(left, zeros.count)
                try file.write(zeros, count: count, at: offset)
                offset += UInt64(count)
                left -= count
            }
            try file.sync()
            return file
        } catch {
            file.close()
            try? storage.remove(path)
            throw error
        }
    }

    /// Makes the reserves that are missing. ESE: two, whatever the size.
    static func makeReserves(_ storage: any StorageSystem, _ options: LogOptions) throws(StorageError) {
        let names = LogFileNames(options)
        for number: UInt32 in [1, 2] where try !storage.exists(names.reserve(number)) {
            try makeZeros(storage, names.reserve(number), options).close()
        }
    }

    /// Opens a file if it has the right size.
    private func openWhole(_ path: String) -> (any StorageFile)? {
        guard let file = try? storage.open(path, .writing) else { return nil }
        if (try? file.byteCount()) == UInt64(options.sectorCount) * UInt64(LogSegment.byteCount) { return file }
        file.close()
        return nil
    }

    /// Takes the oldest closed file that the checkpoint has passed as the next one. Its segments stay: nobody takes
    /// them for new ones, since they carry their generation.
    private func reuseOldest() -> (any StorageFile)? {
        let (oldest, limit) = lock.withLock {
            (
                control.pointee.oldestGeneration,
                min(control.pointee.checkpoint.generation, control.pointee.current.generation)
            )
        }
        guard oldest < limit else { return nil }
        var next = oldest
        var file: (any StorageFile)?
        while next < limit, file == nil {
            // Durable before its header is written over: else the old name might show the new header.
            if (try? storage.rename(names.closed(next), to: names.prepared)) != nil,
                (try? storage.syncDirectory(options.directory)) != nil
            {
                file = openWhole(names.prepared)
            }
            next += 1
        }
        // Two more are kept, as the checkpoint moves in steps.
        while next + 2 < limit, (try? storage.remove(names.closed(next))) != nil { next += 1 }
        lock.withLock { control.pointee.oldestGeneration = max(control.pointee.oldestGeneration, next) }
        return file
    }

    /// Removes closed files of generations before `generation`: those that no database needs, after a backup. At most
    /// those before the last checkpoint's.
    public func removeFiles(before generation: UInt32) throws(JetError) {
        let (oldest, limit) = lock.withLock { () -> (UInt32, UInt32) in
            while control.pointee.hasFileWork { changed.wait(lock) }
            control.pointee.hasFileWork = true
            let limit = min(generation, control.pointee.checkpoint.generation, control.pointee.current.generation)
            return (control.pointee.oldestGeneration, limit)
        }
        var next = oldest
        defer { finishFileWork { control.pointee.oldestGeneration = max(control.pointee.oldestGeneration, next) } }
        do throws(StorageError) {
            while next < limit {
                do throws(StorageError) {
                    try storage.remove(names.closed(next))
                } catch  where error.kind == .notFound {
                    // Gone before.
                }
                next += 1
            }
            try storage.syncDirectory(options.directory)
        } catch {
            throw LogError.of(error)
        }
    }
}

extension StorageFile {
    /// Writes the first `count` bytes of an array, by default all, at `offset`.
    func write(_ bytes: [UInt8], count: Int? = nil, at offset: UInt64 = 0) throws(StorageError) {
        var failure: StorageError?
        bytes.withUnsafeBytes { buffer in
            do throws(StorageError) {
                try self.write(UnsafeRawBufferPointer(rebasing: buffer[..<(count ?? buffer.count)]), at: offset)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Reads into an array from `offset`, until it is full or the file ends.
    func read(into bytes: inout [UInt8], at offset: UInt64) throws(StorageError) -> Int {
        var result: Result<Int, StorageError> = .success(0)
        bytes.withUnsafeMutableBytes { buffer in
            do throws(StorageError) {
                result = .success(try read(into: buffer, at: offset))
            } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }
}
