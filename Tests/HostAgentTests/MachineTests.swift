// Layer: tests. Uses: HostAgent on the machine that runs the tests.

import HostAgent
import PlatformIO
import Primitives
import SNMPCodec
import Testing

#if os(Linux)
    @Suite struct MachineTests {
        @Test func everyGroupOfThisMachineIsInOrder() {
            let agent = HostAgent(files: SystemFiles(), startedAt: SystemClock.now)
            for group in HostGroup.allCases {
                let bindings = agent.bindings(of: group, at: SystemClock.now)
                #expect(bindings.isInOrder(under: group.root), "\(group)")
                #expect(!bindings.isEmpty, "\(group)")
            }
        }

        @Test func thisProcessRuns() throws {
            let agent = HostAgent(files: SystemFiles(), startedAt: SystemClock.now)
            let software = agent.bindings(of: .hostSoftware, at: SystemClock.now)
            let path = try #require(software.value(.hostSoftware, "2.1.4.\(Program.id)")?.asText)
            #expect(path.hasPrefix("/"))
            #expect(software.value(.hostSoftware, "2.1.6.\(Program.id)") == .integer(4))
            let performance = agent.bindings(of: .hostSoftwarePerformance, at: SystemClock.now)
            let kibibytes = try #require(performance.value(.hostSoftwarePerformance, "1.1.2.\(Program.id)")?.asInt64)
            #expect(kibibytes > 1000)
        }

        @Test func loopbackIsAnInterfaceWithItsAddress() {
            let agent = HostAgent(files: SystemFiles(), startedAt: SystemClock.now)
            let interfaces = agent.bindings(of: .interfaces, at: SystemClock.now)
            #expect(interfaces.value(.interfaces, "2.1.2.1") == .string("lo"))
            #expect(interfaces.value(.interfaces, "2.1.3.1") == .integer(24))
            let ip = agent.bindings(of: .ip, at: SystemClock.now)
            #expect(ip.value(.ip, "20.1.2.127.0.0.1") == .integer(1))
        }

        @Test func systemNamesThisMachine() {
            let agent = HostAgent(files: SystemFiles(), startedAt: SystemClock.now)
            let name = SystemName.current
            let system = agent.systemBindings(at: SystemClock.now)
            #expect(system[0].value.asText?.hasPrefix("\(name.system) \(name.host) \(name.release) ") == true)
        }
    }
#endif
