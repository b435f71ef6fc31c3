import Primitives
import SNMPCodec
import SNMPEngine
import StationSeries
import Testing

@testable import StationPoller

@Suite struct PlanTests {
    /// The plan of a device with these contents, after an earlier one.
    private func plan(
        _ contents: FakeContents, after previous: DevicePlan = DevicePlan(), restarted: Bool = false,
        without: TableStep? = nil
    ) -> DevicePlan {
        var builder = PlanBuilder(previous: previous, hasRestarted: restarted)
        builder.system.name = contents.name
        for step in TableStep.allCases {
            if step == without {
                builder.complain(step, "no answer to parts of it")
                continue
            }
            for object in contents.objects { _ = builder.take(object, of: step) }
        }
        return builder.plan()
    }

    private func metrics(_ plan: DevicePlan, _ key: String) -> Set<String> {
        let instances = plan.instances.filter { instance in
            instance.object.map { plan.objects[$0].kind == .interface && plan.objects[$0].key == key } ?? false
        }
        return Set(instances.map(\.description.name))
    }

    @Test func wideCountersStandInForNarrowOnesPortByPort() {
        var contents = FakeContents(ports: 3)
        contents.ports[1].isWide = false
        contents.ports[2].hasNarrow = false
        let plan = plan(contents)
        for key in ["1", "3"] {
            #expect(metrics(plan, key).contains("ifHCInOctets") && !metrics(plan, key).contains("ifInOctets"))
        }
        #expect(metrics(plan, "2").contains("ifInOctets") && !metrics(plan, "2").contains("ifHCInOctets"))
        #expect(metrics(plan, "2").contains("ifOutUcastPkts"))
        let types = Set(plan.instances.filter { $0.description.name == "ifHCInOctets" }.map(\.type))
        #expect(types == [.counter64])
    }

    @Test func objectsHaveNamesAndAttributes() throws {
        var contents = FakeContents(ports: 2)
        contents.ports[0].alias = "uplink"
        contents.ports[1].isWide = false
        let plan = plan(contents)
        let port = try #require(plan.object(.interface, "1"))
        #expect(port.name == "ge-1" && port.alias == "uplink" && port.index == 1)
        #expect(port.attributes["ifDescr"] == "Port 1" && port.attributes["ifPhysAddress"] == "02:00:00:00:00:01")
        #expect(port.attributes["ifAlias"] == nil)
        #expect(port.bitsPerSecond == 1_000_000_000)
        #expect(plan.object(.interface, "2")?.name == "Port 2")
        #expect(plan.objects.filter { $0.kind == .processor }.map(\.name) == ["cpu0", "cpu1"])
        let disk = try #require(plan.object(.storage, "31"))
        #expect(disk.name == "/" && disk.unitOctets == 4_096)
    }

    @Test(arguments: [
        ("1000000000", "1000", UInt64(1_000_000_000)), ("1544000", "2", 1_544_000),
        ("4294967295", "100000", 100_000_000_000), ("0", "10", 10_000_000), ("4294967295", "0", 4_294_967_295),
    ]) func theSpeedIsTheExactOneWhereItFits(speed: String, high: String, bits: UInt64) {
        let attributes = ["ifSpeed": speed, "ifHighSpeed": high]
        let port = PolledObject(kind: .interface, key: "1", index: 1, name: "", attributes: attributes)
        #expect(port.bitsPerSecond == bits)
    }

    @Test func nothingChangedMeansNoChanges() {
        let contents = FakeContents()
        let first = plan(contents)
        let second = plan(contents, after: first)
        #expect(PlanChange.between(first, second).isEmpty)
        #expect(second.revision == first.revision + 1)
        var same = second
        same.revision = first.revision
        #expect(same == first)
    }

    @Test func portsThatTradeIndexesKeepTheirKeys() {
        let seed: UInt64 = 7
        var random = SeededRandom(seed: seed)
        var contents = FakeContents(ports: 50)
        var last = plan(contents)
        for round in 0..<20 {
            let indexes = contents.ports.map(\.index).shuffled(using: &random)
            for (place, index) in indexes.enumerated() { contents.ports[place].index = index }
            let next = plan(contents, after: last, restarted: true)
            for port in contents.ports {
                let object = next.objects.first { $0.kind == .interface && $0.index == port.index }
                #expect(object?.name == port.name, "seed \(seed), round \(round)")
                #expect(object?.key == "\(port.number)", "seed \(seed), round \(round)")
            }
            let kinds = Set(PlanChange.between(last, next).map(\.kind))
            #expect(kinds == [.indexChanged], "seed \(seed), round \(round)")
            last = next
        }
    }

    @Test func aNameThatAppearsTwiceIsMatchedByIndexToo() {
        var contents = FakeContents(ports: 4)
        for place in 0..<3 {
            contents.ports[place].name = "bond"
            contents.ports[place].description = "Bond"
        }
        let first = plan(contents)
        #expect(Set(first.objects.map(\.identity)).count == first.objects.count)
        contents.ports.remove(at: 1)
        let second = plan(contents, after: first)
        let keys = second.objects.filter { $0.kind == .interface }.map(\.key)
        #expect(keys == ["1", "3", "4"])
        #expect(second.gone.map(\.key) == ["2"])
    }

    @Test func withoutIfNameTheDescriptionCounts() {
        var contents = FakeContents(ports: 3)
        for place in contents.ports.indices { contents.ports[place].isWide = false }
        let first = plan(contents)
        for place in contents.ports.indices { contents.ports[place].index += 10 }
        let second = plan(contents, after: first, restarted: true)
        #expect(second.objects.filter { $0.kind == .interface }.map(\.key) == ["1", "2", "3"])
        #expect(second.gone.isEmpty)
    }

    @Test func anotherNameUnderTheSameIndexIsTheSamePort() {
        let first = plan(FakeContents(ports: 2))
        var contents = FakeContents(ports: 2)
        contents.ports[0].name = "lan"
        contents.ports[0].description = "lan"
        // After a restart only if the address agrees.
        for restarted in [false, true] {
            let second = plan(contents, after: first, restarted: restarted)
            let changes = PlanChange.between(first, second)
            let renamed = changes.first { $0.kind == .objectRenamed }
            #expect(renamed?.key == "1" && renamed?.before == "ge-1" && renamed?.after == "lan")
            #expect(renamed?.text == "interface ge-1 is called \"lan\" now")
            #expect(!changes.contains { $0.kind == .objectAdded })
        }
        contents.ports[0].number = 99
        let third = plan(contents, after: first, restarted: true)
        #expect(third.objects.first { $0.name == "lan" }?.key == "1/2")
        #expect(third.gone.map(\.key) == ["1"])
    }

    @Test func aRenamedPortIsTheOneThatWasThereNotOneLongGone() {
        let gone = PolledObject(
            kind: .interface, key: "old", index: 1, name: "old",
            attributes: ["ifName": "old", "ifPhysAddress": "02:00:00:00:00:01"])
        let first = plan(FakeContents(ports: 1), after: DevicePlan(known: [], gone: [gone]))
        #expect(first.objects.first { $0.kind == .interface }?.key == "old")
        var contents = FakeContents(ports: 1)
        var previous = plan(contents)
        previous.gone = [gone]
        contents.ports[0].name = "new"
        contents.ports[0].description = "new"
        #expect(plan(contents, after: previous).objects.first { $0.kind == .interface }?.key == "1")
    }

    @Test(arguments: 0..<20) func whateverChangesKeysStayUniqueAndNothingIsAskedTwice(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var last = DevicePlan()
        for round in 0..<25 {
            var contents = FakeContents(ports: 0)
            contents.disks = (0..<Int(random.next() % 4)).map { _ in "/disk\(random.next() % 5)" }
            contents.processors = Int(random.next() % 4)
            var indexes = (1...30).map { UInt32($0) }.shuffled(using: &random)
            contents.ports = (0..<Int(random.next() % 12)).map { _ in
                FakePort(
                    index: indexes.removeLast(), number: random.next() % 6, name: "p\(random.next() % 8)",
                    description: "d\(random.next() % 8)", isWide: random.next() % 4 > 0)
            }
            let without = random.oneIn(3) ? TableStep.allCases[Int(random.next() % 5)] : nil
            let next = plan(contents, after: last, restarted: random.oneIn(2), without: without)
            let label = "seed \(seed), round \(round)"
            let identities = Set(next.objects.map(\.identity))
            #expect(identities.count == next.objects.count, "\(label)")
            #expect(identities.isDisjoint(with: next.gone.map(\.identity)), "\(label)")
            #expect(Set(next.gone.map(\.identity)).count == next.gone.count, "\(label)")
            #expect(Set(next.instances.map(\.oid)).count == next.instances.count, "\(label)")
            // Nothing that was known is forgotten.
            let before = Set((last.objects + last.gone).map(\.identity))
            #expect(before.isSubset(of: identities.union(next.gone.map(\.identity))), "\(label)")
            for instance in next.instances {
                guard let object = instance.object else { continue }
                let index = next.objects[object].index
                #expect(instance.oid == instance.description.oid.appending(index), "\(label)")
                #expect(instance.description.kind == next.objects[object].kind, "\(label)")
            }
            // The changes say what came and went.
            let changes = PlanChange.between(last, next)
            let came = changes.count { $0.kind == .objectAdded || $0.kind == .objectReturned }
            let went = changes.count { $0.kind == .objectGone }
            #expect(last.objects.count + came - went == next.objects.count, "\(label)")
            last = next
        }
    }

    @Test func changesAreToldForPeople() {
        var contents = FakeContents(ports: 2)
        let first = plan(contents)
        contents.name = "core"
        contents.ports[0].alias = "to Berlin"
        contents.ports[1].type = 53
        contents.disks = ["/"]
        contents.ports.append(FakePort(index: 9, number: 9, name: "ge-9", description: "Port 9"))
        let texts = PlanChange.between(first, plan(contents, after: first)).map(\.text)
        #expect(
            Set(texts) == [
                "sysName was \"switch\" and is \"core\"", "ifAlias of interface ge-1 was empty and is \"to Berlin\"",
                "ifType of interface ge-2 was \"6\" and is \"53\"", "storage /var is not there any more",
                "new interface ge-9",
            ])
    }

    @Test func theListOfChangesIsLimited() {
        let first = plan(FakeContents(ports: 0))
        let changes = PlanChange.between(first, plan(FakeContents(ports: 500), after: first))
        #expect(changes.count == PlanChange.limit + 1)
        #expect(changes.last?.text == "300 more changes")
    }

    @Test func aTableThatCouldNotBeReadKeepsWhatWasKnown() {
        let contents = FakeContents(ports: 4)
        let first = plan(contents)
        for step in TableStep.allCases {
            let second = plan(contents, after: first, without: step)
            #expect(Set(second.objects.map(\.identity)) == Set(first.objects.map(\.identity)), "\(step)")
            #expect(Set(second.instances.map(\.oid)) == Set(first.instances.map(\.oid)), "\(step)")
            #expect(second.gone.isEmpty, "\(step)")
            let kinds = PlanChange.between(first, second).map(\.kind)
            #expect(kinds == [.verdictChanged], "\(step)")
            #expect(second.shortfall == "\(step.title): no answer to parts of it")
        }
    }

    @Test func goneObjectsAreRememberedUpToALimit() {
        var last = DevicePlan()
        for round in 0..<30 {
            var contents = FakeContents(ports: 0)
            contents.ports = (0..<100).map {
                let number = UInt64(round * 100 + $0)
                return FakePort(index: UInt32(number + 1), number: number, name: "veth\(number)", description: "")
            }
            last = plan(contents, after: last)
        }
        #expect(last.gone.count == DevicePlan.maximumGone)
        #expect(last.gone.last?.name == "veth2899")
    }

    @Test func indexesOfOtherShapesAreLeftOut() {
        var builder = PlanBuilder(previous: DevicePlan(), hasRestarted: false)
        let column = Column.ifEntry.appending(8)
        for name in [column, column.appending(1).appending(2), Column.ifEntry, [1, 3], []] as [ObjectIdentifier] {
            let isTaken = builder.take(VarBind(name, .integer(1)), of: .interfaces)
            #expect(isTaken)
        }
        #expect(builder.plan().objects.isEmpty)
    }

    @Test func valuesBecomeSamples() {
        #expect(RawValue(.integer(-1)) == RawValue(type: .integer32, bits: .max))
        #expect(RawValue(.uinteger32(5)) == RawValue(type: .gauge32, bits: 5))
        #expect(RawValue(.timeTicks(5))?.type == .timeTicks)
        #expect(RawValue(.float(1.5))?.bits == UInt64(Float(1.5).bitPattern))
        #expect(RawValue(.double(1.5))?.bits == 1.5.bitPattern)
        for value: SNMPValue in [.null, .octetString([1]), .noSuchInstance, .ipAddress(1), .opaque([1])] {
            #expect(RawValue(value) == nil)
        }
    }
}
