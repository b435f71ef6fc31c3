// Layer: StationStore. Used by: Recorder, Reader, whoever uses the store.
// Events: traps, changes of state, what the station noticed. And the questions that can be asked about them.

/// Something that happened.
public struct EventRecord: Hashable, Sendable {
    /// How bad it is.
    public enum Severity: UInt8, Sendable, Hashable {
        /// Good to know.
        case info = 0
        /// Somebody should look.
        case warning = 1
        /// Something failed.
        case error = 2
    }

    /// Its number: its time, or one more than the event's before it. 0 until it is stored.
    public internal(set) var id: Int64
    /// When it happened, in microseconds since 1970 UTC.
    public var time: Int64
    /// The device; 0: none.
    public var device: Int32
    /// What it is, such as `trap`.
    public var kind: String
    /// How bad it is.
    public var severity: Severity
    /// Who said so: an address, or empty.
    public var source: String
    /// One line for people.
    public var title: String
    /// The trap's name in numbers; nil if it is none.
    public var trapOID: String?
    /// The rest, JSON.
    public var detail: String?

    /// Describes an event; its number is 0 until it is stored.
    public init(
        time: Int64, device: Int32 = 0, kind: String, severity: Severity = .info, source: String = "", title: String,
        trapOID: String? = nil, detail: String? = nil
    ) {
        id = 0
        self.time = time
        self.device = device
        self.kind = kind
        self.severity = severity
        self.source = source
        self.title = title
        self.trapOID = trapOID
        self.detail = detail
    }
}

/// Which events are wanted.
public struct EventQuery: Hashable, Sendable {
    /// Only those of a device.
    public var device: Int32?
    /// Only those of a kind.
    public var kind: String?
    /// Words that must all be in title, source, device's name or detail, without regard to case.
    public var search = ""
    /// Only those before an event.
    public var before: Int64?
    /// Only those after an event.
    public var after: Int64?
    /// The most events.
    public var limit = 50
    /// The most rows to look at.
    public var rowLimit = 20_000

    /// Asks for the newest events of all.
    public init() {}
}

/// Events that were found, newest first.
public struct EventPage: Hashable, Sendable {
    /// The events.
    public var events: [EventRecord] = []
    /// Whether there may be more, older ones: one of the limits was reached.
    public var more = false
    /// The value of `EventQuery.before` that goes on from here; nil if there is nothing more.
    public var next: Int64?
}

/// Words that are looked for in texts, without regard to case.
struct WordFilter {
    private let words: [[UInt8]]

    /// Takes words apart that blanks are between.
    init(_ search: String) {
        words = search.split(whereSeparator: \.isWhitespace).map { Array($0.lowercased().utf8) }
    }

    /// Whether there is nothing to look for.
    var isEmpty: Bool { words.isEmpty }

    /// Whether every word is in one of the texts.
    func matches(_ texts: [String]) -> Bool {
        if words.isEmpty { return true }
        var found = [Bool](repeating: false, count: words.count)
        var missing = words.count
        for text in texts where missing > 0 {
            let bytes = Array(text.lowercased().utf8)
            for (place, word) in words.enumerated() where !found[place] && Self.contains(bytes, word) {
                found[place] = true
                missing -= 1
            }
        }
        return missing == 0
    }

    private static func contains(_ text: [UInt8], _ word: [UInt8]) -> Bool {
        guard let first = word.first, text.count >= word.count else { return word.isEmpty }
        for start in 0...(text.count - word.count) where text[start] == first {
            var length = 1
            while length < word.count, text[start + length] == word[length] { length += 1 }
            if length == word.count { return true }
        }
        return false
    }
}
