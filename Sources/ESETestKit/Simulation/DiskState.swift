// Layer: ESETestKit/Simulation. Uses: FileNode. Used by: SimulatedDisk, which holds a lock around each call.
// Names, files and faults of a simulated disk.

import ESEEngine
import Primitives

/// What a simulated disk is made of. Not safe for several threads by itself.
final class DiskState {
    /// A change of names that isn't durable.
    struct NameChange {
        var sequence: Int
        /// A name that goes, if any.
        var removed: String?
        /// A name that comes, or goes to another file, if any.
        var added: String?
        /// What it is the name of.
        var node: FileNode?

        /// Whether the changes concern the same name, so that the later one can't be without the earlier one.
        func touches(_ names: Set<String>) -> Bool {
            removed.map(names.contains) == true || added.map(names.contains) == true
        }
    }

    struct CallFault {
        var number: Int
        var kind: StorageError.Kind
        var isLasting: Bool
        var operations: Set<StorageOperation>?
        var suffix: String
    }

    enum WriteFault { case torn, lost, misdirected }

    let sectorByteCount: Int
    var random: SeededRandom
    /// Counts power failures; files opened in an earlier epoch are dead.
    private(set) var epoch = 0
    private(set) var isOff = false

    private(set) var directories: Set<String> = ["/"]
    /// Files by path, as programs see them.
    private(set) var names: [String: FileNode] = [:]
    /// Files by path, as they are on the disk for sure.
    private(set) var durableNames: [String: FileNode] = [:]
    private var pendingNames: [NameChange] = []
    private var lastSequence = 0

    private(set) var callCount = 0
    private(set) var writeCount = 0
    var trace: [StorageCall]?
    var callFault: CallFault?
    var lastCall: Int?
    var writeFaults: [Int: WriteFault] = [:]
    var byteLimit: Int?

    init(seed: UInt64, sectorByteCount: Int) {
        random = SeededRandom(seed: seed)
        self.sectorByteCount = sectorByteCount
    }

    func copy(seed: UInt64) -> DiskState {
        let other = DiskState(seed: seed, sectorByteCount: sectorByteCount)
        var copies: [ObjectIdentifier: FileNode] = [:]
        func copied(_ node: FileNode) -> FileNode {
            let id = ObjectIdentifier(node)
            if let copy = copies[id] { return copy }
            let copy = FileNode(copying: node)
            copies[id] = copy
            return copy
        }
        other.directories = directories
        other.names = names.mapValues(copied)
        other.durableNames = durableNames.mapValues(copied)
        other.pendingNames = pendingNames.map { change in
            var change = change
            change.node = change.node.map(copied)
            return change
        }
        other.lastSequence = lastSequence
        other.byteLimit = byteLimit
        return other
    }

    func clearFaults() {
        callFault = nil
        lastCall = nil
        writeFaults = [:]
    }

    func draw(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }

    private func nextSequence() -> Int {
        lastSequence += 1
        return lastSequence
    }

    // MARK: Paths

    /// The path from the root without `.`, `..` and empty parts.
    static func normalized(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    private static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    func node(_ path: String) -> FileNode? { names[DiskState.normalized(path)] }

    private func error(_ kind: StorageError.Kind, _ operation: StorageOperation, _ path: String) -> StorageError {
        StorageError(kind, "cannot \(operation) \(path): simulated (\(kind))")
    }

    // MARK: Calls

    /// Counts a call and does it, unless a fault has it fail.
    /// - Parameters:
    ///   - takesSpace: whether it can fail with `full`.
    ///   - onFailure: what a failing call does all the same.
    ///   - body: what it does. Not done by a call that brings to the disk and during which the power goes.
    func call<Result>(
        _ call: StorageCall, takesSpace: Bool = false, onFailure: () -> Void = {},
        _ body: () throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        guard !isOff else { throw StorageError(.failed, "cannot \(call.operation) \(call.path): the power is off") }
        callCount += 1
        trace?.append(call)
        if callCount == lastCall {
            isOff = true
            if call.operation != .sync && call.operation != .syncDirectory { _ = try body() }
            throw StorageError(.failed, "cannot \(call.operation) \(call.path): the power went off")
        }
        if let fault = callFault, callCount >= fault.number, fault.kind != .full || takesSpace,
            fault.operations?.contains(call.operation) != false, call.path.hasSuffix(fault.suffix)
        {
            if !fault.isLasting { callFault = nil }
            onFailure()
            throw error(fault.kind, call.operation, call.path)
        }
        return try body()
    }

    /// Whether files may grow by so many bytes.
    func hasRoom(for count: Int) -> Bool {
        guard let byteLimit, count > 0 else { return true }
        return names.values.reduce(0) { $0 + $1.content.count } + count <= byteLimit
    }

    func open(_ path: String, _ mode: StorageMode) throws(StorageError) -> FileNode {
        let name = DiskState.normalized(path)
        let takesSpace = mode == .creating || mode == .replacing
        return try call(StorageCall(operation: .open, path: path), takesSpace: takesSpace) {
            () throws(StorageError) in
            if directories.contains(name) {
                throw error(mode == .creating ? .exists : .denied, .open, path)
            }
            guard let node = names[name] else {
                guard takesSpace, directories.contains(DiskState.parent(name))
                else { throw error(.notFound, .open, path) }
                let node = FileNode()
                change(NameChange(sequence: nextSequence(), removed: nil, added: name, node: node))
                node.isLocked = true
                return node
            }
            if mode == .creating { throw error(.exists, .open, path) }
            if mode == .reading { return node }
            if node.isLocked { throw error(.locked, .open, path) }
            node.isLocked = true
            if mode == .replacing { node.setByteCount(0, sequence: nextSequence()) }
            return node
        }
    }

    func exists(_ path: String) throws(StorageError) -> Bool {
        let name = DiskState.normalized(path)
        return try call(StorageCall(operation: .exists, path: path)) { () throws(StorageError) in
            names[name] != nil || directories.contains(name)
        }
    }

    func remove(_ path: String) throws(StorageError) {
        let name = DiskState.normalized(path)
        try call(StorageCall(operation: .remove, path: path)) { () throws(StorageError) in
            if directories.contains(name) { throw error(.denied, .remove, path) }
            guard names[name] != nil else { throw error(.notFound, .remove, path) }
            change(NameChange(sequence: nextSequence(), removed: name, added: nil, node: nil))
        }
    }

    func rename(_ path: String, to newPath: String) throws(StorageError) {
        let name = DiskState.normalized(path)
        let newName = DiskState.normalized(newPath)
        try call(StorageCall(operation: .rename, path: path, newPath: newPath), takesSpace: true) {
            () throws(StorageError) in
            if directories.contains(name) || directories.contains(newName) { throw error(.denied, .rename, path) }
            guard let node = names[name], directories.contains(DiskState.parent(newName))
            else { throw error(.notFound, .rename, path) }
            if name == newName { return }
            change(NameChange(sequence: nextSequence(), removed: name, added: newName, node: node))
        }
    }

    func list(_ path: String) throws(StorageError) -> [String] {
        let directory = DiskState.normalized(path)
        return try call(StorageCall(operation: .list, path: path)) { () throws(StorageError) in
            guard directories.contains(directory) else { throw error(.notFound, .list, path) }
            let prefix = directory == "/" ? "/" : directory + "/"
            let inside = names.keys.filter { DiskState.parent($0) == directory }
            let below = directories.filter { $0 != "/" && DiskState.parent($0) == directory }
            return (inside + below).map { String($0.dropFirst(prefix.count)) }.sorted()
        }
    }

    func createDirectory(_ path: String) throws(StorageError) {
        let directory = DiskState.normalized(path)
        try call(StorageCall(operation: .createDirectory, path: path), takesSpace: true) {
            () throws(StorageError) in
            var missing: [String] = []
            var place = directory
            while !directories.contains(place) {
                if names[place] != nil { throw error(.exists, .createDirectory, path) }
                missing.append(place)
                place = DiskState.parent(place)
            }
            directories.formUnion(missing)
        }
    }

    func syncDirectory(_ path: String) throws(StorageError) {
        let directory = DiskState.normalized(path)
        try call(StorageCall(operation: .syncDirectory, path: path)) { () throws(StorageError) in
            guard directories.contains(directory) else { throw error(.notFound, .syncDirectory, path) }
            // A change comes with those before it that concern its names, also those in other directories.
            var wanted: Set<String> = []
            var isWanted = [Bool](repeating: false, count: pendingNames.count)
            for (index, change) in pendingNames.enumerated().reversed() {
                let touched = [change.removed, change.added].compactMap(\.self)
                guard touched.contains(where: { DiskState.parent($0) == directory || wanted.contains($0) })
                else { continue }
                isWanted[index] = true
                wanted.formUnion(touched)
            }
            for (index, change) in pendingNames.enumerated() where isWanted[index] {
                DiskState.apply(change, to: &durableNames)
            }
            pendingNames = pendingNames.indices.filter { !isWanted[$0] }.map { pendingNames[$0] }
        }
    }

    func fullPath(_ path: String) throws(StorageError) -> String {
        try call(StorageCall(operation: .fullPath, path: path)) { () throws(StorageError) in
            guard !path.isEmpty else { throw error(.notFound, .fullPath, path) }
            return DiskState.normalized(path)
        }
    }

    private func change(_ change: NameChange) {
        DiskState.apply(change, to: &names)
        pendingNames.append(change)
    }

    private static func apply(_ change: NameChange, to names: inout [String: FileNode]) {
        if let removed = change.removed { names[removed] = nil }
        if let added = change.added { names[added] = change.node }
    }

    func putFile(_ path: String, _ bytes: [UInt8]) {
        let name = DiskState.normalized(path)
        var directory = DiskState.parent(name)
        while directories.insert(directory).inserted { directory = DiskState.parent(directory) }
        let node = FileNode(bytes)
        names[name] = node
        durableNames[name] = node
        pendingNames.removeAll { $0.touches([name]) }
    }

    func flipBit(_ path: String, _ offset: Int, _ bit: Int) -> Bool {
        guard let node = node(path), offset >= 0, offset < node.content.count else { return false }
        node.flip(offset, bit)
        return true
    }

    // MARK: Contents

    func write(_ bytes: [UInt8], at offset: Int, _ node: FileNode, _ path: String) throws(StorageError) {
        let isFull = !hasRoom(for: offset + bytes.count - node.content.count)
        let asked = StorageCall(operation: .write, path: path, offset: UInt64(offset), byteCount: bytes.count)
        func writeSome() {
            for part in FileNode.tear(bytes, at: offset, sectorByteCount, &random)
            where hasRoom(for: part.offset + part.bytes.count - node.content.count) {
                node.write(part.bytes, at: part.offset, sequence: nextSequence())
            }
        }
        try call(asked, takesSpace: true, onFailure: writeSome) { () throws(StorageError) in
            if isFull {
                writeSome()
                throw error(.full, .write, path)
            }
            writeCount += 1
            switch writeFaults.removeValue(forKey: writeCount) {
            case nil: node.write(bytes, at: offset, sequence: nextSequence())
            case .torn?: writeSome()
            case .lost?: break
            case .misdirected?:
                // Elsewhere among the sectors that the file has, so that the write doesn't make it longer.
                let sectorCount = max(0, node.content.count - bytes.count) / sectorByteCount + 1
                let shift = offset % sectorByteCount
                let places = (0..<sectorCount).map { $0 * sectorByteCount + shift }.filter {
                    $0 != offset && $0 + bytes.count <= node.content.count
                }
                if let place = places.randomElement(using: &random) {
                    node.write(bytes, at: place, sequence: nextSequence())
                }
            }
            let end = offset + bytes.count
            // The file system's own notes are right, whatever became of the bytes.
            if !bytes.isEmpty, end > node.content.count { node.setByteCount(end, sequence: nextSequence()) }
        }
    }

    func setByteCount(_ count: Int, _ node: FileNode, _ path: String) throws(StorageError) {
        try call(StorageCall(operation: .setByteCount, path: path, offset: UInt64(count)), takesSpace: true) {
            () throws(StorageError) in
            guard hasRoom(for: count - node.content.count) else { throw error(.full, .setByteCount, path) }
            node.setByteCount(count, sequence: nextSequence())
        }
    }

    func sync(_ node: FileNode, _ path: String) throws(StorageError) {
        try call(
            StorageCall(operation: .sync, path: path),
            onFailure: {
                let loss = SettledLoss(.any, sequences: node.pending.map(\.sequence), &random)
                var summary = PowerFailureSummary()
                node.settle(
                    loss, sectorByteCount: sectorByteCount, random: &random, summary: &summary, isRestart: false)
            }
        ) { () throws(StorageError) in node.sync() }
    }

    // MARK: Power

    func powerFailure(_ loss: PowerLoss) -> PowerFailureSummary {
        // In an order that follows from the seed, which that of a dictionary doesn't.
        var nodes: [FileNode] = []
        var seen: Set<ObjectIdentifier> = []
        let pendingNodes = pendingNames.compactMap(\.node)
        for node in durableNames.sorted(by: { $0.key < $1.key }).map(\.value) + pendingNodes
        where seen.insert(ObjectIdentifier(node)).inserted {
            nodes.append(node)
        }
        let sequences = pendingNames.map(\.sequence) + nodes.flatMap { $0.pending.map(\.sequence) }
        let settled = SettledLoss(loss, sequences: sequences, &random)
        var summary = PowerFailureSummary(loss: settled.loss)
        // Names that a lost change concerned: no later change of them can be there.
        var frozen: Set<String> = []
        for change in pendingNames {
            if !change.touches(frozen), settled.fate(of: change.sequence, &random) == .kept {
                DiskState.apply(change, to: &durableNames)
                summary.keptNameCount += 1
            } else {
                frozen.formUnion([change.removed, change.added].compactMap(\.self))
                summary.lostNameCount += 1
            }
        }
        for node in nodes {
            node.settle(
                settled, sectorByteCount: sectorByteCount, random: &random, summary: &summary, isRestart: true)
        }
        pendingNames = []
        names = durableNames
        epoch += 1
        isOff = false
        clearFaults()
        return summary
    }
}
