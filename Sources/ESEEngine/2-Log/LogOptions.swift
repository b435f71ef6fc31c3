// Layer: ESEEngine/2-Log. Uses: ESEFormat. Used by: LogStream, recovery, the instance.
// What a log stream is made with, and the names of its files.

public import ESEFormat

/// What a log stream is made with.
public struct LogOptions: Sendable {
    /// The directory of the logs, absolute. ESE's term: JET_paramLogFilePath.
    public var directory: String
    /// The directory of the checkpoint, absolute. ESE's term: JET_paramSystemPath.
    public var checkpointDirectory: String
    /// What file names begin with. ESE's term: JET_paramBaseName.
    public var baseName = "edb"
    /// The end of the names of logs, without the dot: `log`, or `jtx` and then the checkpoint's is `jcp`.
    public var fileExtension = "log"
    /// Whether numbers in names have eight digits even while five do.
    public var hasLongNames = false
    /// Segments of a log file, with its header, 16...65535. ESE's term: JET_paramLogFileSize, in KiB.
    public var sectorCount: UInt16 = 1_280
    /// The size of the databases' pages.
    public var pageSize: PageSize
    /// Bytes of the log buffer; rounded up to a power of two, at least 128 KiB. ESE's term: JET_paramLogBuffers.
    public var bufferByteCount = 512 << 10
    /// Whether logs that the checkpoint has passed are used again. ESE's term: JET_paramCircularLog.
    public var isCircular = false
    /// Tells which logs belong together. ESE's term: signLog.
    public var signature: DatabaseSignature
    /// The engine's parameters, for people who read headers.
    public var parameters = LogParameters()

    /// Makes options; the checkpoint's directory is that of the logs.
    public init(directory: String, pageSize: PageSize, signature: DatabaseSignature) {
        self.directory = directory
        checkpointDirectory = directory
        self.pageSize = pageSize
        self.signature = signature
    }
}

/// The paths of a stream's files.
public struct LogFileNames: Sendable {
    let options: LogOptions

    /// Makes the names for these options.
    public init(_ options: LogOptions) { self.options = options }

    /// The file that is being written: `edb.log`.
    public var current: String { path("") }
    /// The file that is being prepared: `edbtmp.log`.
    public var prepared: String { path("tmp") }
    /// The checkpoint: `edb.chk`.
    public var checkpoint: String {
        let name = options.fileExtension == "jtx" ? "jcp" : "chk"
        return options.checkpointDirectory + "/" + options.baseName + "." + name
    }

    /// A closed file: `edb0001A.log`.
    public func closed(_ generation: UInt32) -> String {
        path(Self.digits(generation, options.hasLongNames || generation > 0xfffff ? 8 : 5))
    }

    /// A file that keeps room for bad times: `edbres00001.jrs`.
    public func reserve(_ number: UInt32) -> String {
        options.directory + "/" + options.baseName + "res" + Self.digits(number, 5) + ".jrs"
    }

    /// The generation of a closed file; nil for any other name. Takes a name without its directory.
    public func generation(ofName name: String) -> UInt32? {
        let end = "." + options.fileExtension
        guard name.hasPrefix(options.baseName), name.hasSuffix(end) else { return nil }
        let digits = name.utf8.dropFirst(options.baseName.utf8.count).dropLast(end.utf8.count)
        guard digits.count == 5 || digits.count == 8 else { return nil }
        var number: UInt32 = 0
        for digit in digits {
            guard let value = Character(Unicode.Scalar(digit)).hexDigitValue else { return nil }
            number = number << 4 | UInt32(value)
        }
        return number > 0 ? number : nil
    }

    private func path(_ middle: String) -> String {
        options.directory + "/" + options.baseName + middle + "." + options.fileExtension
    }

    private static func digits(_ number: UInt32, _ count: Int) -> String {
        let text = String(number, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
}

/// Where a record stands in the log.
public struct LogSpan: Hashable, Sendable, BitwiseCopyable {
    let startRaw: UInt64
    let endRaw: UInt64

    @inline(__always)
    init(startRaw: UInt64, endRaw: UInt64) {
        self.startRaw = startRaw
        self.endRaw = endRaw
    }

    /// Its first byte. What a page keeps of its first change.
    public var start: LogPosition { LogPosition(rawValue: startRaw) }
    /// Behind its last byte; the log must be durable up to here before a page with this change is written.
    public var end: LogPosition { LogPosition(rawValue: endRaw) }
}

/// The bytes of one record, in up to four pieces. Lent for the time of a call.
public struct LogPieces: BitwiseCopyable {
    var first: UnsafeRawBufferPointer
    var second: UnsafeRawBufferPointer
    var third: UnsafeRawBufferPointer
    var fourth: UnsafeRawBufferPointer

    /// Makes a record of pieces; empty ones are left out.
    @inline(__always)
    public init(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer = .none,
        _ third: UnsafeRawBufferPointer = .none, _ fourth: UnsafeRawBufferPointer = .none
    ) {
        self.first = first
        self.second = second
        self.third = third
        self.fourth = fourth
    }

    /// Bytes of the record.
    @inline(__always)
    public var byteCount: Int { first.count &+ second.count &+ third.count &+ fourth.count }
}

extension UnsafeRawBufferPointer {
    /// No bytes.
    @inline(__always)
    public static var none: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }
}

/// Errors of the log that only this layer makes.
enum LogError {
    /// No space for the next log file. C name: JET_errLogDiskFull.
    static let diskFull = JetError(rawValue: -529)
    /// Writing failed. C name: JET_errLogWriteFail.
    static let writeFailed = JetError.logWriteFail
    /// A record is greater than the log buffer or a log file. C name: JET_errLogBufferTooSmall.
    static let recordTooGreat = JetError(rawValue: -517)
    /// A log file has another size than it should. C name: JET_errLogFileSizeMismatch.
    static let sizeMismatch = JetError(rawValue: -541)
    /// A log file belongs to others. C name: JET_errBadLogSignature.
    static let badSignature = JetError(rawValue: -530)

    /// JET's number for what the storage says about a log file.
    static func of(_ error: StorageError) -> JetError {
        switch error.kind {
        case .full: diskFull
        case .notFound: .fileNotFound
        case .exists: .fileAlreadyExists
        case .locked, .denied: .fileAccessDenied
        case .failed: .diskIO
        }
    }
}
