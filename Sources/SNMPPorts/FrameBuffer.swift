// Layer: SNMPPorts. Uses: ShareFrame. Used by: ShareLink, SharedPortCore.
// What has arrived on a connection, cut into frames.
// Memory: payloads are handed out as pieces of the array, in a range that ShareFrame.parse compared with its count.

import PlatformIO

/// Octets of a connection that haven't been used.
struct FrameBuffer {
    private var bytes: [UInt8] = []

    /// Reads what is there, up to 64 KiB.
    mutating func read(_ connection: UnixConnection) throws(IOError) -> StreamReadResult {
        try connection.read(appendingTo: &bytes)
    }

    /// Adds octets that came by another way.
    mutating func append(_ octets: [UInt8]) { bytes += octets }

    /// The octets that wait: less than a frame after `forEach`.
    var byteCount: Int { bytes.count }

    /// Takes the next complete frame, which must have no payload; nil if it hasn't come yet.
    mutating func takeFrame() throws(ShareFrameError) -> ShareFrame? {
        guard let (frame, end) = try ShareFrame.parse(bytes.span, at: 0) else { return nil }
        bytes.removeFirst(end)
        return frame
    }

    /// Takes all complete frames. `body` gets each with its payload (empty if it has none), which it may write to, and
    /// says whether to go on; the frames after that are dropped.
    mutating func forEach(
        _ body: (ShareFrame, UnsafeMutableRawBufferPointer) -> Bool
    ) throws(ShareFrameError) {
        var head = 0
        defer { bytes.removeFirst(head) }
        while let (frame, end) = try ShareFrame.parse(bytes.span, at: head) {
            head = end
            let payload: Range<Int>
            switch frame {
            case .hello, .welcome: payload = end..<end
            case .datagram(let range, _, _, _), .send(let range, _, _): payload = range
            }
            let goesOn = bytes.withUnsafeMutableBufferPointer {
                body(frame, UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer($0)[payload]))
            }
            if !goesOn {
                head = bytes.count
                return
            }
        }
    }
}
