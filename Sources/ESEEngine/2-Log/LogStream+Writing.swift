// Layer: ESEEngine/2-Log. Uses: LogRing, LogWriter. Used by: LogStream.
// What a leader does: copies segments from the ring, seals them, writes them, makes them durable.
//
// How a power failure at any moment leaves everything readable that was said to be durable, even if the device loses or
// tears any of the writes since the last sync: a segment is written over only by one that has the same records and
// more, and together with a second copy behind it (ESE: the shadow). Nothing else is written until both are durable. If
// both copies are torn, `LogTail` puts the old one together from them. A file is begun only when the one before is
// durable, and each segment says what was durable when it was written.

import ESEFormat
import PlatformIO

extension LogStream {
    /// What a leader found in the ring when it began.
    private struct Snapshot {
        var first = 0
        /// The last segment to write; less than `first` if none.
        var last = -1
        /// Bytes of it if records may still be added behind them, else nil.
        var partByteCount: Int?
        /// What is durable when all of that is; raw.
        var end: UInt64 = 0
    }

    /// The work of a leader, without the lock.
    func work(_ work: LogWork) throws(JetError) {
        let snapshot = lock.withLock { takeSnapshot(work) }
        do throws(StorageError) {
            try write(snapshot)
            guard case .fullSegments = work else {
                try writer.sync()
                setDurable(snapshot.end)
                return
            }
        } catch {
            reporter.report(.error, "the log can't be written: \(error.text)")
            throw error.kind == .full ? LogError.diskFull : LogError.writeFailed
        }
    }

    private func takeSnapshot(_ work: LogWork) -> Snapshot {
        var snapshot = Snapshot()
        snapshot.first = ring.pointee.firstIndex
        let entry = ring.pointee.entryIndex
        let byte = ring.pointee.entryByte
        snapshot.last = byte == LogSegment.byteCount ? entry : entry - 1
        snapshot.end = endPosition.rawValue
        switch work {
        case .fullSegments:
            break
        case .newFile(let generation)
        where ring.pointee.entryPosition >> 32 == UInt64(generation) && ring.pointee.freeCount > 0:
            ring.pointee.advance(rolls: true, clock.logTime())
            snapshot.last = entry + 1
            snapshot.partByteCount = LogSegment.headerByteCount
        case .all, .newFile:
            guard byte > LogSegment.headerByteCount, byte < LogSegment.byteCount else { break }
            snapshot.last = entry
            let written = entry == snapshot.first ? max(writer.partByteCount, LogSegment.headerByteCount) : 0
            let new = (entry - snapshot.first) * LogSegment.bodyByteCount + byte - written
            // If the next flush would hardly fit behind this one, a new segment costs less than a sync of its own for
            // writing over this one and only then the next.
            if LogSegment.byteCount - byte < max(64, new + new / 4) {
                ring.pointee.closeEntry()
            } else {
                snapshot.partByteCount = byte
            }
        }
        return snapshot
    }

    /// Writes the segments. What is not the last partial one is released as soon as it was copied.
    private func write(_ snapshot: Snapshot) throws(StorageError) {
        let writer = writer
        let durable = flushedPosition.rawValue
        let slots = slots
        var index = snapshot.first
        while index <= snapshot.last {
            let position = slots.position(index)
            if position.generation != writer.state.generation { try roll(to: position.generation) }
            // Copies of a run of segments of this file.
            var count = 0
            var part: Int?
            while index + count <= snapshot.last, count < LogWriter.runLimit {
                let place = slots.position(index + count)
                guard place.generation == position.generation else { break }
                part = index + count == snapshot.last ? snapshot.partByteCount : nil
                // An empty segment: its file was begun for it.
                if part == LogSegment.headerByteCount { break }
                writer.stage(
                    slots[index + count], byteCount: part ?? LogSegment.byteCount, at: place, durable: durable,
                    slot: count)
                count += 1
                if part != nil { break }
                // The first one is on the disk in part: it and its second copy first.
                if writer.partByteCount > 0 { break }
            }
            if count == 0 { break }
            // A partial segment stays in the ring.
            release(before: part == nil ? index + count : index + count - 1)
            let isOver = writer.partByteCount > 0
            if part != nil || isOver {
                writer.stageShadow(behind: count)
                try writer.write(segmentCount: count + 1, at: position.sector)
            } else {
                try writer.write(segmentCount: count, at: position.sector)
            }
            writer.partByteCount = part ?? 0
            if part == nil, isOver { try writer.sync() }
            index += count
        }
    }

    private func release(before index: Int) {
        lock.withLock {
            ring.pointee.release(before: index)
            if control.pointee.roomWaiterCount > 0 { changed.broadcast() }
        }
    }
}
