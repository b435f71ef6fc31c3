import SNMPCodec
import Testing

@testable import StationPoller

@Suite struct CatalogueTests {
    @Test func namesAndIdentifiersAreUnique() {
        let metrics = Catalogue.metrics
        #expect(Set(metrics.map(\.name)).count == metrics.count)
        #expect(Set(metrics.map(\.oid)).count == metrics.count)
        for (place, metric) in metrics.enumerated() {
            #expect(metric.number == place)
            #expect(Catalogue.metric(metric.name) == metric)
        }
        #expect(Catalogue.metric("sysDescr") == nil)
    }

    @Test(arguments: [
        ("ifHCInOctets", "1.3.6.1.2.1.31.1.1.1.6"), ("ifHCOutBroadcastPkts", "1.3.6.1.2.1.31.1.1.1.13"),
        ("ifInOctets", "1.3.6.1.2.1.2.2.1.10"), ("ifOutUcastPkts", "1.3.6.1.2.1.2.2.1.17"),
        ("ifOutMulticastPkts", "1.3.6.1.2.1.31.1.1.1.4"), ("ifInBroadcastPkts", "1.3.6.1.2.1.31.1.1.1.3"),
        ("ifInDiscards", "1.3.6.1.2.1.2.2.1.13"), ("ifOutErrors", "1.3.6.1.2.1.2.2.1.20"),
        ("ifOperStatus", "1.3.6.1.2.1.2.2.1.8"), ("ifCounterDiscontinuityTime", "1.3.6.1.2.1.31.1.1.1.19"),
        ("hrProcessorLoad", "1.3.6.1.2.1.25.3.3.1.2"), ("hrStorageUsed", "1.3.6.1.2.1.25.2.3.1.6"),
        ("ssCpuRawSteal", "1.3.6.1.4.1.2021.11.64.0"), ("memAvailReal", "1.3.6.1.4.1.2021.4.6.0"),
        ("laLoadInt.3", "1.3.6.1.4.1.2021.10.1.5.3"), ("hrSystemProcesses", "1.3.6.1.2.1.25.1.6.0"),
    ]) func objectsStandWhereTheirMIBsSay(name: String, oid: String) {
        #expect(Catalogue.metric(name)?.oid.description == oid)
    }

    @Test func narrowCountersGiveWayToWideOnes() {
        let wide = Catalogue.metrics.filter { $0.preferredOver != nil }
        #expect(wide.count == 8)
        for metric in wide {
            let narrow = metric.preferredOver.flatMap { Catalogue.metric($0) }
            #expect(narrow?.exportName == metric.exportName)
            #expect(narrow?.kind == metric.kind)
            #expect(metric.name == narrow?.name.replacing("if", with: "ifHC"))
        }
    }

    @Test func oneExportNameMeansOneThing() {
        var known: [String: Metric] = [:]
        for metric in Catalogue.metrics {
            #expect(metric.exportName.wholeMatch(of: #/oriel_[a-z0-9_]+/#) != nil)
            #expect(!metric.help.isEmpty && !metric.help.hasSuffix("."))
            #expect(metric.exportScale > 0)
            guard let other = known.updateValue(metric, forKey: metric.exportName) else { continue }
            #expect(other.nature == metric.nature && other.exportScale == metric.exportScale)
            #expect(other.exportLabel != metric.exportLabel || other.preferredOver == metric.name)
        }
    }
}
