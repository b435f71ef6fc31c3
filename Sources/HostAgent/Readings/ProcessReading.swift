// Layer: HostAgent/Readings. Uses: Access. Used by: HostSampler, groups of running software.
// Processes, from two files each in /proc.

/// A process.
struct Process: Hashable {
    /// Its number, above 0 and below 2^31.
    var number: UInt32
    /// What it calls itself; the kernel keeps 15 bytes.
    var name: [UInt8]
    /// R running, S sleeping, D waiting for a disk, I idle kernel thread, T stopped, t traced, Z zombie, X dead.
    var state: UInt8
    /// Whether it is a thread of the kernel.
    var isKernelThread: Bool
    /// User and system time in ticks.
    var ticks: UInt64
    /// Resident memory in pages.
    var residentPageCount: UInt64
    /// The first word of its command line: most often the path of its file. Empty for threads of the kernel.
    var path: [UInt8] = []
    /// The other words of its command line, with blanks between them.
    var parameters: [UInt8] = []

    /// Reads `/proc/NUMBER/stat`: `1 (name (x)) S 0 …`. A name may hold anything, so it ends at the last parenthesis.
    init?(_ number: UInt32, stat bytes: [UInt8]) {
        guard let open = bytes.firstIndex(of: 0x28), let close = bytes.lastIndex(of: 0x29), open < close
        else { return nil }
        self.number = number
        name = Array(bytes[(open + 1)..<close])
        var text = TextCursor(Array(bytes[(close + 1)...]))
        // Fields by their numbers in proc(5): 3 state, 9 flags, 14 utime, 15 stime, 24 rss.
        guard text.nextLine(), let state = text.word(), state.count == 1, text.skipWords(5), let flags = text.number(),
            text.skipWords(4), let user = text.number(), let system = text.number(), text.skipWords(8),
            let resident = text.signedNumber()
        else { return nil }
        self.state = state[state.startIndex]
        isKernelThread = flags & 0x0020_0000 != 0  // PF_KTHREAD
        ticks = user &+ system
        residentPageCount = UInt64(max(resident, 0))
    }

    /// Takes the command line, whose words end in zero bytes.
    mutating func setCommandLine(_ bytes: [UInt8]) {
        let end = bytes.firstIndex(of: 0) ?? bytes.count
        path = Array(bytes[..<end].prefix(Process.pathLimit))
        guard end < bytes.count else { return }
        parameters = bytes[(end + 1)...].prefix(Process.pathLimit).map { $0 == 0 ? 0x20 : $0 }
        while parameters.last == 0x20 { parameters.removeLast() }
    }

    /// hrSWRunPath and hrSWRunParameters hold at most 128 octets.
    private static let pathLimit = 128
    private static let commandLineByteCount = 512

    /// The numbers of all processes, ascending; nil if /proc can't be listed.
    static func numbers(_ files: some HostFiles) -> [UInt32]? {
        files.entries(of: "/proc", limit: 1 << 17)?.compactMap { UInt32($0) }
            .filter { $0 > 0 && $0 <= UInt32(Int32.max) }.sorted()
    }

    /// Reads all processes. One that ends meanwhile is left out.
    static func readAll(_ files: some HostFiles) -> [Process]? {
        numbers(files)?.prefix(HostLimits.processCount).compactMap { number in
            let directory = "/proc/" + String(number)
            guard let stat = files.read(directory + "/stat", limit: HostLimits.valueByteCount),
                var process = Process(number, stat: stat)
            else { return nil }
            if !process.isKernelThread,
                let commandLine = files.read(directory + "/cmdline", limit: commandLineByteCount)
            {
                process.setCommandLine(commandLine)
            }
            return process
        }
    }
}
