// Layer: a program for tests. Uses: ESETestKit. Used by: ESEFuzzTests, people.
// Damages databases and reads them, for some time or some cases. Each case is named before it runs, so that the last
// line tells which one ended the program.

import ESETestKit
import PlatformIO
import Primitives

@main
struct EseFuzz {
    private static let usage = """
        usage: ese-fuzz [--seconds N] [--cases N] [--seed N] [--target NAME] [--case NAME:SEED] [--save PATH]
                        [--cpu-milliseconds N] [FILE...]
          Damages small databases, and the files, and reads everything. --case runs one case again; --save writes its
          database. Targets: \(FuzzTarget.all.map(\.name).joined(separator: ", ")).

        """
    private static let output = BufferedOutput(descriptor: 1, name: "standard output", capacity: 0)

    private var seconds = 60.0
    private var caseLimit = Int.max
    private var seed: UInt64 = 1
    private var targets = FuzzTarget.all
    private var single: (target: FuzzTarget, seed: UInt64)?
    private var savePath: String?
    private var files: [String] = []
    private var cpuLimitMilliseconds: Int64?

    static func main() {
        guard let program = EseFuzz(Array(CommandLine.arguments.dropFirst())) else {
            say(usage)
            Program.exit(64)
        }
        do {
            Program.exit(try program.run() ? 0 : 1)
        } catch {
            say("\(error)\n")
            Program.exit(2)
        }
    }

    private static func say(_ text: String) { try? output.write(text) }

    private init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--") else {
                files.append(argument)
                continue
            }
            guard let value = rest.popFirst() else { return nil }
            switch argument {
            case "--seconds":
                guard let number = Double(value) else { return nil }
                seconds = number
            case "--cases":
                guard let number = Int(value) else { return nil }
                caseLimit = number
            case "--seed":
                guard let number = UInt64(value) else { return nil }
                seed = number
            case "--target":
                guard let target = Self.target(value) else { return nil }
                targets = [target]
            case "--case":
                let parts = value.split(separator: ":")
                guard parts.count == 2, let target = Self.target(String(parts[0])), let number = UInt64(parts[1])
                else { return nil }
                single = (target, number)
            case "--save": savePath = value
            case "--cpu-milliseconds":
                guard let number = Int64(value) else { return nil }
                cpuLimitMilliseconds = number
            default: return nil
            }
        }
    }

    private static func target(_ name: String) -> FuzzTarget? { FuzzTarget.all.first { $0.name == name } }

    /// Whether nothing was wrong.
    private func run() throws -> Bool {
        var images = try FuzzSeeds.databases()
        for file in files {
            let bytes = try FileAccess.read(file, limit: 64 << 20)
            if let image = DatabaseImage(bytes, name: file) { images.append(image) }
        }
        var runner = FuzzRunner(images: images)
        if let cpuLimitMilliseconds { runner.cpuLimitMilliseconds = cpuLimitMilliseconds }
        if let single {
            if let savePath, let image = runner.damagedDatabase(seed: single.seed) {
                try FileAccess.writeAtomically(savePath, image.bytes)
            }
            let fault = runner.run(single.target, seed: single.seed)
            Self.say(fault.map { "fault: \($0)\n" } ?? "nothing wrong\n")
            return fault == nil
        }
        return campaign(runner)
    }

    private func campaign(_ runner: FuzzRunner) -> Bool {
        // The whole reader gets half of the time, the decoders share the rest.
        let memoryLimit = Program.peakResidentByteCount + Self.memoryAllowance
        let start = SystemClock.now
        var faultCount = 0
        for (position, target) in targets.enumerated() {
            let end =
                targets.count == 1 || position == 0 ? 0.5 : 0.5 + 0.5 * Double(position) / Double(targets.count - 1)
            let deadline = start + Interval(nanoseconds: Int64(seconds * (targets.count == 1 ? 1 : end) * 1e9))
            let targetStart = SystemClock.now
            var seeds = SeededRandom(seed: seed &+ UInt64(position))
            var count = 0
            while count < caseLimit, SystemClock.now < deadline {
                let caseSeed = seeds.next()
                Self.say("case \(target.name):\(caseSeed)\n")
                var fault = runner.run(target, seed: caseSeed)
                let peak = Program.peakResidentByteCount
                if fault == nil, peak > memoryLimit { fault = "\(peak >> 20) MiB of memory" }
                count += 1
                guard let fault else { continue }
                faultCount += 1
                Self.say("fault \(target.name):\(caseSeed): \(fault)\n")
                // The peak stays, so that all later cases would look bad.
                if peak > memoryLimit || faultCount >= 20 { return false }
            }
            let elapsed = Double((SystemClock.now - targetStart).nanoseconds) / 1e9
            Self.say("done \(target.name): \(count) cases, \(Int(Double(count) / max(elapsed, 0.001))) a second\n")
        }
        Self.say("peak \(Program.peakResidentByteCount >> 20) MiB\n")
        return faultCount == 0
    }

    /// What the cases may add to the memory that the seeds took: the cache, copies of a file, reports.
    private static let memoryAllowance = FuzzRunner.cacheByteLimit + 2 * FuzzRunner.longValueByteLimit + (160 << 20)
}
