// Layer: SNMPPorts. Uses: FrameBuffer, PortLoop. Used by: ShareOwner, SharedPortCore.
// One end of a connection between owner and follower, on the loop's thread.
// Memory: payloads come from FrameBuffer and are handed on for the call only.

import PlatformIO

/// A connection that speaks frames. All on the loop's thread.
final class ShareLink {
    /// Takes a frame and its payload; false ends the connection, as a frame that makes no sense does.
    typealias Handler = (ShareFrame, UnsafeMutableRawBufferPointer) -> Bool

    /// Once so many octets wait for the peer, it gets no more.
    static let pendingLimit = 4 << 20
    /// Reads before others on the loop get their turn; each may bring 64 KiB.
    private static let readsPerRound = 16

    let peer: UnixConnection.Peer
    private let connection: UnixConnection
    private let events: EventLoop
    private var buffer: FrameBuffer
    private var handler: Handler?
    private var onEnd: (() -> Void)?

    /// Starts to watch a connection.
    /// - Parameters:
    ///   - buffer: what was read from it before.
    ///   - onEnd: called once when the connection ends by the peer's doing; not after `close`.
    init(
        _ connection: UnixConnection, buffer: FrameBuffer = FrameBuffer(), _ events: EventLoop,
        handler: @escaping Handler, onEnd: @escaping () -> Void
    ) throws(IOError) {
        self.connection = connection
        self.events = events
        self.buffer = buffer
        self.handler = handler
        self.onEnd = onEnd
        peer = connection.peer
        connection.pendingLimit = ShareLink.pendingLimit
        try events.register(connection.descriptor, interest: .read) { self.ready($0) }
    }

    /// Handles what was read before.
    func begin() { handleFrames() }

    /// Sends frames. False if they were dropped because too much waits, or because the connection has ended.
    func write(_ frames: [UInt8]) -> Bool {
        guard !connection.isClosed else { return false }
        do throws(IOError) {
            let isTaken = try connection.write(frames)
            try events.setInterest(connection.descriptor, connection.interest)
            return isTaken
        } catch {
            end()
            return false
        }
    }

    /// Closes the connection; no handler is called any more.
    func close() {
        (handler, onEnd) = (nil, nil)
        guard !connection.isClosed else { return }
        events.unregister(connection.descriptor)
        connection.close()
    }

    private func end() {
        let onEnd = onEnd
        close()
        onEnd?()
    }

    private func ready(_ readiness: Readiness) {
        do throws(IOError) {
            if readiness.contains(.write) {
                _ = try connection.flush()
                try events.setInterest(connection.descriptor, connection.interest)
            }
            for _ in 0..<ShareLink.readsPerRound where !connection.isClosed {
                switch try buffer.read(connection) {
                case .bytes: handleFrames()
                case .wouldBlock: return
                case .end: return end()
                }
            }
        } catch {
            end()
        }
    }

    private func handleFrames() {
        // Held apart: a handler may close the link or come back to it.
        var taken = FrameBuffer()
        swap(&taken, &buffer)
        do throws(ShareFrameError) {
            var isSound = true
            try taken.forEach { frame, payload in
                guard let handler else { return false }
                isSound = handler(frame, payload)
                return isSound
            }
            guard isSound else { return end() }
            swap(&taken, &buffer)
        } catch {
            end()
        }
    }
}
