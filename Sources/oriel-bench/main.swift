// Our side of the benchmarks; Benchmarks/README.md describes the modes, the flags and the output.

import PlatformIO

do {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if FleetBench.isWanted(arguments) { Program.exit(try FleetBench.run(arguments)) }
    if RecorderBench.isWanted(arguments) {
        try RecorderBench.run(arguments)
        Program.exit(0)
    }
    let options = try Options(arguments)
    if options.mode == "faults" {
        try FaultBench.run()
        Program.exit(0)
    }
    let measurement =
        switch options.mode {
        case "get" where options.api == "winsnmp", "bulkwalk" where options.api == "winsnmp":
            try WinSNMPBench(options).run()
        case "get" where options.api == "async": try AsyncBench.get(options)
        case "get": try RequestBench(options).get()
        case "bulkwalk": try RequestBench(options).bulkWalk()
        case "codec": try CodecBench.run(options)
        case "engine": try EngineBench.run(options)
        case "ese-make": try ESEMake.run(options)
        case "ese-read": try ESEBench.read(options)
        case "ese-scan": try ESEBench.scan(options)
        case "traps": try TrapBench.run(options)
        default: throw BenchFailure("unknown mode \(options.mode)")
        }
    print(measurement.line(options))
} catch {
    StandardError.write("oriel-bench: \(error)\n")
    Program.exit(2)
}
