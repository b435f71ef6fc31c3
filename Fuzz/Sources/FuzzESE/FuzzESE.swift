// The decoders under libFuzzer: the first byte chooses the decoder, the rest is its input.
// With --corpus DIRECTORY it writes what to start from and ends.

import CFuzzer
import ESETestKit
import PlatformIO

@main
struct FuzzESE {
    static func main() throws {
        if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "--corpus" {
            try writeCorpus(CommandLine.arguments[2])
            return
        }
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        let status = LLVMFuzzerRunDriver(&count, &arguments) { data, size in
            FuzzESE.run(Array(UnsafeBufferPointer(start: data, count: size)))
            return 0
        }
        Program.exit(status)
    }

    private static func run(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let targets = DecoderTarget.allCases
        targets[Int(first) % targets.count].run(Array(bytes.dropFirst()))
    }

    private static func writeCorpus(_ directory: String) throws {
        for (number, bytes) in FuzzRunner(images: try FuzzSeeds.databases()).corpus().enumerated() {
            try FileAccess.writeAtomically("\(directory)/seed-\(number)", bytes)
        }
    }
}
