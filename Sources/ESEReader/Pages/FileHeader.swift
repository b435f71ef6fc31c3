// Layer: ESEReader/Pages. Uses: DatabaseHeader. Used by: ESEDatabase.
// What the start of a file says, and what whoever reads it should be told.

import ESEFormat

/// The header of a file that is opened.
struct FileHeader {
    let header: DatabaseHeader
    let warnings: [ReadWarning]

    init(_ source: any DatabaseSource) throws(ESEError) {
        let wanted = Int(min(source.byteCount, UInt64(DatabaseHeader.usefulStartByteCount)))
        var bytes = [UInt8](repeating: 0, count: wanted)
        let count: Int
        do { count = try source.read(at: 0, into: &bytes, count: wanted) } catch { throw .system(error) }
        let reading: DatabaseHeaderReading
        do {
            reading = try DatabaseHeader.read(start: bytes.span.bytes.extracting(0..<count))
        } catch {
            throw .notADatabase(source.name, error)
        }
        header = reading.header
        var warnings = reading.warnings.map(ReadWarning.init)
        if reading.source != .pages, !header.isClean {
            warnings.append(.dirty(header.state, requiredLogs: header.requiredLogs))
        }
        if source.byteCount % UInt64(header.pageSize.byteCount) != 0 { warnings.append(.partialPage) }
        self.warnings = warnings
    }
}

extension ReadWarning {
    fileprivate init(_ warning: DatabaseHeaderReading.Warning) {
        self =
            switch warning {
            case .primaryDamaged: .headerDamaged
            case .shadowDamaged: .shadowDamaged
            case .bothDamaged: .headersLost
            case .copiesDiffer: .headersDiffer
            case .newerFormat(let format): .newerFormat(format)
            case .unknownFormat(let format): .unknownFormat(format)
            }
    }
}
