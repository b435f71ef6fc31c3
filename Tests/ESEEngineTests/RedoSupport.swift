// What the tests of redo share: samples on a simulated disk, and pages as values that can be compared.

import ESEEngine
import ESEFormat
import ESETestKit
import Foundation
import Testing

/// The sample files that the tests of redo use.
enum RedoSamples {
    /// The directory of `ORIEL_SAMPLES`, by default `../shared/samples` beside the package.
    static let directory: String? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../.."
        let path = ProcessInfo.processInfo.environment["ORIEL_SAMPLES"] ?? "\(root)/../shared/samples"
        return FileManager.default.fileExists(atPath: "\(path)/INDEX.tsv") ? path : nil
    }()

    static var isAvailable: Bool { directory != nil }
    static let skipReason: Comment = "no sample databases here: ORIEL_SAMPLES names their directory"

    static func bytes(_ name: String) throws -> [UInt8] {
        let data = FileManager.default.contents(atPath: "\(try #require(directory))/\(name)")
        return [UInt8](try #require(data, "sample \(name)"))
    }

    /// A disk with samples: path on the disk, name of the sample.
    static func disk(_ files: [(path: String, sample: String)]) throws -> SimulatedDisk {
        let disk = SimulatedDisk(seed: 1)
        for (path, sample) in files { disk.putFile(path, try bytes(sample)) }
        return disk
    }

    /// The logs of the chain from nothing to two known databases.
    enum Chain {
        static let folder = "srum-server2022-full-chain"
        /// Generations 1 and 2 as they were at the first known database.
        static let toFirst = [
            ("/logs/SRU00001.log", "\(folder)/SRU00001.log"), ("/logs/SRU.log", "\(folder)/expected-t0/SRU.log"),
        ]
        /// All generations.
        static let all =
            (1...4).map { ("/logs/SRU0000\($0).log", "\(folder)/SRU0000\($0).log") }
            + [("/logs/SRU.log", "\(folder)/SRU.log")]
    }

    static func options(checkpoint: Bool = false) -> RedoOptions {
        var options = RedoOptions(logDirectory: "/logs", baseName: "SRU", mapping: .directory("/db"))
        if checkpoint { options.checkpointPath = "/logs/SRU.chk" }
        return options
    }
}

/// The parts of a page that matter: not checksum, flush type, free space and what is left over.
struct PageContents: Equatable {
    var time: DatabaseTime
    var previous: PageNumber
    var next: PageNumber
    var tree: ObjectID
    var flags: PageFlags
    var externalHeader: [UInt8] = []
    var nodes: [ModelNode] = []

    init(_ page: Page) {
        time = page.databaseTime
        previous = page.previous
        next = page.next
        tree = page.objectID
        flags = page.flags.subtracting([.newChecksum, .flushType])
        guard !flags.contains(.preInit), !flags.contains(.empty) else { return }
        externalHeader = page.externalHeader.array()
        nodes = (0..<page.nodeCount).map { ModelNode(page.node($0)) }
    }

    /// What differs, in words.
    func difference(_ other: PageContents) -> String? {
        if self == other { return nil }
        var words: [String] = []
        if time != other.time { words.append("time \(time) \(other.time)") }
        if previous != other.previous { words.append("previous \(previous) \(other.previous)") }
        if next != other.next { words.append("next \(next) \(other.next)") }
        if tree != other.tree { words.append("tree \(tree) \(other.tree)") }
        if flags != other.flags {
            words.append("flags \(String(flags.rawValue, radix: 16)) \(String(other.flags.rawValue, radix: 16))")
        }
        if externalHeader != other.externalHeader { words.append("header \(externalHeader) \(other.externalHeader)") }
        if nodes.count != other.nodes.count {
            words.append("nodes \(nodes.count) \(other.nodes.count)")
        } else if let line = nodes.indices.first(where: { nodes[$0] != other.nodes[$0] }) {
            words.append("line \(line): \(nodes[line]) \(other.nodes[line])")
        }
        return words.joined(separator: ", ")
    }
}

/// The pages of a database file.
struct DatabasePages {
    let size: PageSize
    var pages: [PageNumber: TestPage] = [:]
    var lastPage: UInt32

    /// Takes those pages of a file that were written.
    init(_ bytes: [UInt8], size: PageSize = .kibibytes4) {
        self.size = size
        lastPage = UInt32(bytes.count / size.byteCount - 2)
        for number in 1...lastPage {
            let start = Int(size.fileOffset(of: PageNumber(number)))
            let page = Array(bytes[start..<start + size.byteCount])
            guard PageChecksum.verify(page.span.bytes, number: PageNumber(number), size: size) == .valid else {
                continue
            }
            pages[PageNumber(number)] = TestPage(size, number: PageNumber(number), bytes: page)
        }
    }

    /// Differences of the pages of a store to these; pages that neither has are equal.
    func differences(_ store: RedoPageStore) throws -> [String] {
        var found: [String] = []
        for number in 1...max(lastPage, store.lastPage.rawValue) {
            let number = PageNumber(number)
            let page = try store.page(number)
            switch (page, pages[number]) {
            case (nil, nil): break
            case (let page?, let expected?):
                if let text = PageContents(page).difference(PageContents(expected.page)) {
                    found.append("page \(number): \(text)")
                }
            case (nil, let expected?):
                found.append("page \(number): missing, \(PageContents(expected.page).flags)")
            case (let page?, nil): found.append("page \(number): too many, time \(page.databaseTime)")
            }
        }
        return found
    }
}

/// Counts before-images and how many of them are the page.
final class BeforeImages {
    var count = 0
    var differences: [String] = []

    func watch<Pages: RedoPages>(_ database: RedoDatabase<Pages>) {
        database.redo?.onBeforeImage = { [self] number, image, page in
            count += 1
            if let text = PageContents(image).difference(PageContents(page)) {
                differences.append("page \(number): \(text)")
            }
        }
    }
}
