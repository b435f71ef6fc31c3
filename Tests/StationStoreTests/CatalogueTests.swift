// Layer: StationStoreTests. Tests: devices, objects, series, settings.

import StationSeries
import StationStore
import Testing

@Suite struct CatalogueTests {
    @Test func deviceIsFoundByNumberAndNameOfAnyCase() throws {
        let rig = try Rig()
        let id = try rig.addDevice("Core-1")
        let device = try #require(try rig.reader.device(id))
        #expect(device.name == "Core-1" && device.version == .v2c && device.isEnabled)
        #expect(try rig.reader.device(named: "CORE-1") == device)
        #expect(try rig.reader.device(named: "core-2") == nil)
        #expect(try rig.reader.device(named: "") == nil)
        #expect(try rig.reader.device(id + 1) == nil)
    }

    @Test func nameOfAnotherCaseIsTaken() throws {
        let rig = try Rig()
        let id = try rig.addDevice("Zürich-1")
        #expect(storeError { _ = try rig.addDevice("zÜRICH-1") } == .nameTaken("zÜRICH-1"))
        let other = try rig.addDevice("zurich-1")
        #expect(
            storeError { try rig.recorder.update(device: other) { $0.name = "ZÜRICH-1" } } == .nameTaken("ZÜRICH-1"))
        try rig.recorder.update(device: id) { $0.name = "ZÜRICH-1" }
        #expect(try rig.reader.devices().map(\.name) == ["ZÜRICH-1", "zurich-1"])
    }

    @Test func longNamesThatEndDifferentlyAreDifferent() throws {
        let rig = try Rig()
        let name = String(repeating: "ä", count: DeviceRecord.nameLimit - 1)
        _ = try rig.addDevice(name + "a")
        _ = try rig.addDevice(name + "b")
        #expect(storeError { _ = try rig.addDevice(name.uppercased() + "A") } == .nameTaken(name.uppercased() + "A"))
    }

    @Test(arguments: ["", " a", "a ", "a\nb", String(repeating: "x", count: DeviceRecord.nameLimit + 1)])
    func namesThatNoDeviceCanHave(_ name: String) throws {
        let rig = try Rig()
        #expect(storeError { _ = try rig.addDevice(name) } == .nameInvalid(name))
    }

    @Test func everythingOfADeviceCanBeChangedButNumberAndVersion() throws {
        let rig = try Rig()
        let id = try rig.addDevice()
        let changed = try rig.recorder.update(device: id) {
            $0.address = "udp:[::1]:161"
            $0.intervalMilliseconds = 60_000
            $0.isEnabled = false
            $0.profile = "{\"window\": 4}"
            $0.engineID = [0x80, 0, 0x1F]
            $0.sysName = "sw"
            $0.sysDescr = String(repeating: "Linux ", count: 500)
            $0.sysObjectID = "1.3.6.1.4.1"
            $0.sysContact = ""
            $0.sysLocation = "Lab 🧪"
        }
        #expect(try rig.reopened().reader.device(id) == changed)
        #expect(changed.id == id && changed.sysContact == "")
    }

    @Test func profilesOfManyDevicesAreKeptTogether() throws {
        let rig = try Rig()
        let ids = [try rig.addDevice("a"), try rig.addDevice("b"), try rig.addDevice("c")]
        try rig.recorder.removeDevice(ids[1])
        let before = try rig.reader.devices()
        let security = try rig.reader.security(of: ids[0])
        try rig.recorder.keep(profiles: ids.map { ($0, "{\"number\":\($0)}") })
        let reopened = try rig.reopened()
        let devices = try reopened.reader.devices()
        #expect(devices.map(\.profile) == ["{\"number\":\(ids[0])}", "{\"number\":\(ids[2])}"])
        // Nothing else changed.
        #expect(devices.map(\.name) == ["a", "c"] && devices.map(\.address) == before.map(\.address))
        #expect(try reopened.reader.security(of: ids[0]) == security)
    }

    @Test func changingWhatIsNotThereIsAnError() throws {
        let rig = try Rig()
        #expect(storeError { try rig.recorder.update(device: 9) { $0.name = "x" } } == .noDevice(9))
        #expect(storeError { try rig.recorder.removeDevice(9) } == .noDevice(9))
        #expect(storeError { try rig.recorder.set(security: .v1(community: []), of: 9) } == .noDevice(9))
        #expect(storeError { _ = try rig.reader.security(of: 9) } == .noDevice(9))
        #expect(storeError { _ = try rig.recorder.record(DeviceCatalogue(), of: 9, now: 1) } == .noDevice(9))
    }

    private func interface(
        _ key: String, alias: String = "", _ metrics: [String] = ["in", "out"]
    ) -> DeviceCatalogue.Object {
        DeviceCatalogue.Object(
            kind: "interface", key: key, name: "eth\(key)", alias: alias, attributes: "{\"mtu\": 1500}",
            series: metrics.map {
                DeviceCatalogue.Series(
                    metric: $0, oid: "1.3.\(key)", type: .counter64, unit: "octets", nature: .counter)
            })
    }

    @Test func catalogueIsMadeOnceAndFoundAgain() throws {
        let rig = try Rig()
        let id = try rig.addDevice()
        let catalogue = DeviceCatalogue(
            series: [DeviceCatalogue.Series(metric: "load", oid: "1.2", type: .integer32, unit: "", nature: .gauge)],
            objects: [interface("1"), interface("2")])
        let made = try rig.recorder.record(catalogue, of: id, now: 100)
        #expect(made.objects.map(\.change) == [.added, .added])
        #expect(made.series.map(\.object) == [0])
        #expect(try rig.reader.seriesCount() == 5)
        #expect(try rig.reader.object(made.objects[1].record.id) == made.objects[1].record)
        #expect(Set(made.objects.flatMap(\.series).map(\.id) + made.series.map(\.id)).count == 5)
        let again = try rig.reopened().recorder.record(catalogue, of: id, now: 200)
        #expect(again.objects.map(\.change) == [.none, .none])
        #expect(again.series == made.series)
        #expect(again.objects.map(\.series) == made.objects.map(\.series))
        #expect(again.objects.map(\.record.lastSeen) == [200, 200])
        #expect(again.objects.map(\.record.firstSeen) == [100, 100])
    }

    @Test func objectsChangeGoAndReturn() throws {
        let rig = try Rig()
        let id = try rig.addDevice()
        let first = try rig.recorder.record(DeviceCatalogue(objects: [interface("1"), interface("2")]), of: id, now: 1)
        let partial = try rig.recorder.record(
            DeviceCatalogue(objects: [interface("1", alias: "uplink")], isComplete: false), of: id, now: 2)
        #expect(partial.objects.map(\.change) == [.changed] && partial.gone.isEmpty)
        #expect(partial.objects[0].before?.alias == "")
        let without = try rig.recorder.record(
            DeviceCatalogue(objects: [interface("1", alias: "uplink")]), of: id, now: 3)
        #expect(without.gone.map(\.key) == ["2"] && without.objects.map(\.change) == [.none])
        #expect(try rig.reader.objects(of: id).map(\.isGone) == [false, true])
        let still = try rig.recorder.record(DeviceCatalogue(objects: [interface("1", alias: "uplink")]), of: id, now: 4)
        #expect(still.gone.isEmpty)
        let back = try rig.recorder.record(
            DeviceCatalogue(objects: [interface("2")], isComplete: false), of: id, now: 5)
        #expect(back.objects.map(\.change) == [.returned])
        #expect(back.objects[0].record.id == first.objects[1].record.id)
        #expect(back.objects[0].series == first.objects[1].series)
    }

    @Test func keysOfAnotherCaseAndLongOnesAreOthers() throws {
        let rig = try Rig()
        let id = try rig.addDevice()
        let long = "/var/lib/" + String(repeating: "overlay", count: 60)
        let result = try rig.recorder.record(
            DeviceCatalogue(objects: ["a", "A", long + "1", long + "2"].map { interface($0) }), of: id, now: 1)
        #expect(Set(result.objects.map(\.record.id)).count == 4)
    }

    @Test func objectNamedTwiceIsOne() throws {
        let rig = try Rig()
        let id = try rig.addDevice()
        let result = try rig.recorder.record(
            DeviceCatalogue(objects: [interface("1", ["in", "in"]), interface("1", ["out"])]), of: id, now: 1)
        #expect(result.objects[0].record.id == result.objects[1].record.id)
        #expect(try rig.reader.objects(of: id).count == 1)
        #expect(try rig.reader.series(of: id).map(\.metric) == ["in", "out"])
    }

    @Test func seriesKeepsItsNumberWhenItsNameOrTypeChanges() throws {
        let rig = try Rig()
        let id = try rig.addDevice()
        var series = DeviceCatalogue.Series(
            metric: "in", oid: "1.3.1", type: .counter32, unit: "octets", nature: .counter)
        let before = try rig.recorder.record(DeviceCatalogue(series: [series]), of: id, now: 1).series[0]
        (series.oid, series.type) = ("1.3.2", .counter64)
        let after = try rig.recorder.record(DeviceCatalogue(series: [series]), of: id, now: 2).series[0]
        #expect(after.id == before.id)
        #expect(try rig.reader.series(before.id) == after && after.type == .counter64)
    }

    @Test func removedDeviceIsGoneAtOnceAndNumbersAreNotGivenOutAgain() throws {
        let rig = try Rig()
        let (id, series) = try rig.addDevice("a", seriesCount: 3)
        try rig.recorder.append(rounds: [(id, makeRound(second, [(series[0], 1)]))])
        try rig.recorder.append(events: [EventRecord(time: 5, device: id, kind: "state", title: "down")])
        try rig.recorder.removeDevice(id)
        #expect(try rig.reader.devices().isEmpty && rig.reader.series(of: id).isEmpty)
        #expect(try rig.reader.series(series[0]) == nil)
        #expect(storeError { _ = try rig.samples(series[0]) } == .noSeries(series[0]))
        #expect(try rig.reader.events(EventQuery()).events.map(\.device) == [id])
        #expect(try rig.recorder.append(rounds: [(id, makeRound(2 * second, [(series[0], 2)]))]) == 0)
        let again = try rig.reopened()
        let (other, others) = try again.addDevice("A", seriesCount: 3)
        #expect(other > id && Set(others).isDisjoint(with: series))
    }

    @Test func settingsAreKept() throws {
        let rig = try Rig()
        #expect(try rig.reader.setting("retention") == nil)
        try rig.recorder.set(setting: "retention", "400")
        try rig.recorder.set(setting: "retention", String(repeating: "ü", count: 9_000))
        #expect(try rig.reopened().reader.setting("retention")?.count == 9_000)
    }
}
