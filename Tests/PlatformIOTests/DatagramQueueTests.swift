import PlatformIO
import Primitives
import Testing

@Suite struct DatagramQueueTests {
    @Test func fullQueueRefuses() {
        var queue = DatagramQueue(byteLimit: 10)
        let first = queue.append([UInt8](repeating: 0, count: 10), to: .loopbackIPv4(port: 1))
        let second = queue.append([1], to: .loopbackIPv4(port: 1))
        #expect(first && !second)
        #expect(queue.count == 1 && queue.byteCount == 10)
        queue.removeAll()
        #expect(queue.isEmpty && queue.byteCount == 0)
        let third = queue.append([1], to: .loopbackIPv4(port: 1))
        #expect(third)
    }

    @Test func emptyDatagramsAreLimitedToo() {
        var queue = DatagramQueue(datagramLimit: 2)
        let taken = (0..<3).map { _ in queue.append([UInt8](), to: .loopbackIPv4(port: 1)) }
        #expect(taken == [true, true, false])
    }

    @Test func queueThatNeverRunsEmptyAgreesWithAnArray() throws {
        let seed: UInt64 = 0xDA7A
        var random = SeededRandom(seed: seed)
        var queue = DatagramQueue(byteLimit: 60_000)
        var model: [([UInt8], SocketAddress, SocketAddress?)] = []
        var modelByteCount = 0
        var refusalCount = 0
        for step in 0..<20_000 {
            let byte = UInt8(truncatingIfNeeded: step)
            let payload = [UInt8](repeating: byte, count: Int(random.next() % 90))
            let destination = SocketAddress.loopbackIPv4(port: UInt16(truncatingIfNeeded: step))
            let source = random.oneIn(2) ? SocketAddress.loopbackIPv6(port: 1) : nil
            let isTaken = queue.append(payload, to: destination, from: source)
            #expect(isTaken == (modelByteCount + payload.count <= 60_000), "seed \(seed)")
            if isTaken {
                model.append((payload, destination, source))
                modelByteCount += payload.count
            } else {
                refusalCount += 1
            }
            if random.oneIn(600) {
                let count = Int(random.next() % UInt64(model.count))
                queue.removeFirst(count)
                modelByteCount -= model[..<count].reduce(0) { $0 + $1.0.count }
                model.removeFirst(count)
                #expect(queue.count == model.count && queue.byteCount == modelByteCount)
                for index in [0, model.count / 2, model.count - 1] {
                    let isEqual = queue.withDatagram(at: index) { bytes, destination, source in
                        model[index].0.elementsEqual(bytes) && model[index].1 == destination
                            && model[index].2 == source
                    }
                    #expect(isEqual, "seed \(seed) step \(step) index \(index)")
                }
            }
        }
        #expect(refusalCount > 0)
        #expect(!queue.isEmpty)
    }
}
