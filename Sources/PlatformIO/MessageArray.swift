// Layer: PlatformIO. Uses: libc. Used by: UDPSocket, once for receiving and once for sending.
// The arrays that recvmmsg and sendmmsg work on, allocated once per socket, so that a batch allocates nothing.

import CLinux

/// `slotCount` message headers, each with room for one address, one buffer reference and its ancillary data.
struct MessageArray: ~Copyable {
    /// Datagrams per system call: enough to make the call's own cost small, few enough to stay in the cache.
    static let slotCount = 64
    /// Bytes between the addresses of two slots.
    private static let nameStride = 32
    /// Bytes of ancillary data per slot: packet information, drop counter and an extended error take 40 + 24 + 64.
    static let controlStride = 192

    let headers: UnsafeMutablePointer<mmsghdr>
    private let vectors: UnsafeMutablePointer<iovec>
    private let names: UnsafeMutableRawPointer
    private let controls: UnsafeMutableRawPointer

    init() {
        let count = MessageArray.slotCount
        precondition(MessageArray.nameStride >= socketAddressByteCount, "addresses don't fit their slots")
        headers = .allocate(capacity: count)
        vectors = .allocate(capacity: count)
        names = .allocate(byteCount: count * MessageArray.nameStride, alignment: 16)
        controls = .allocate(byteCount: count * MessageArray.controlStride, alignment: 16)
        names.initializeMemory(as: UInt8.self, repeating: 0, count: count * MessageArray.nameStride)
        controls.initializeMemory(as: UInt8.self, repeating: 0, count: count * MessageArray.controlStride)
        vectors.initialize(repeating: iovec(), count: count)
        headers.initialize(repeating: mmsghdr(), count: count)
        for index in 0..<count {
            headers[index].msg_hdr.msg_name = name(index)
            headers[index].msg_hdr.msg_iov = vectors + index
            headers[index].msg_hdr.msg_iovlen = 1
        }
    }

    deinit {
        headers.deallocate()
        vectors.deallocate()
        names.deallocate()
        controls.deallocate()
    }

    /// The memory of a slot's address: `socketAddressByteCount` bytes or more.
    @inline(__always)
    func name(_ index: Int) -> UnsafeMutableRawPointer { names + index * MessageArray.nameStride }

    /// The memory of a slot's ancillary data: `controlStride` bytes.
    @inline(__always)
    func control(_ index: Int) -> UnsafeMutableRawPointer { controls + index * MessageArray.controlStride }

    /// Points a slot at its bytes.
    @inline(__always)
    func setBuffer(_ index: Int, _ base: UnsafeMutableRawPointer?, _ byteCount: Int) {
        vectors[index] = iovec(iov_base: base, iov_len: byteCount)
    }

    /// Makes a slot ready to receive: the kernel has written the lengths of what it delivered over these fields.
    @inline(__always)
    func prepareToReceive(_ index: Int) {
        headers[index].msg_hdr.msg_namelen = socklen_t(socketAddressByteCount)
        headers[index].msg_hdr.msg_control = control(index)
        headers[index].msg_hdr.msg_controllen = .init(MessageArray.controlStride)
        headers[index].msg_hdr.msg_flags = 0
    }

    /// Takes the slot's ancillary data away.
    @inline(__always)
    func removeControl(_ index: Int) {
        headers[index].msg_hdr.msg_control = nil
        headers[index].msg_hdr.msg_controllen = 0
    }

    /// Makes `value`, a plain C structure, the slot's only piece of ancillary data.
    func setControl<Value>(_ index: Int, level: Int32, type: Int32, _ value: Value) {
        let byteCount = MemoryLayout<Value>.size
        let space = oriel_cmsg_space(byteCount)
        precondition(space <= MessageArray.controlStride, "ancillary data doesn't fit its slot")
        headers[index].msg_hdr.msg_control = control(index)
        headers[index].msg_hdr.msg_controllen = .init(space)
        let header = control(index).assumingMemoryBound(to: cmsghdr.self)
        header.pointee.cmsg_level = level
        header.pointee.cmsg_type = type
        header.pointee.cmsg_len = .init(oriel_cmsg_length(byteCount))
        UnsafeMutableRawPointer(oriel_cmsg_data(header)).storeBytes(of: value, as: Value.self)
    }

    /// Calls `body` with level, type and bytes of each piece of ancillary data of a received message.
    @inline(__always)
    func forEachControl(_ index: Int, _ body: (Int32, Int32, UnsafeRawBufferPointer) -> Void) {
        let message = UnsafeRawPointer(headers + index).assumingMemoryBound(to: msghdr.self)
        var next = oriel_cmsg_first(message)
        while let header = next {
            let byteCount = Int(header.pointee.cmsg_len) - oriel_cmsg_length(0)
            guard byteCount >= 0 else { return }
            body(
                header.pointee.cmsg_level, header.pointee.cmsg_type,
                UnsafeRawBufferPointer(start: oriel_cmsg_data(header), count: byteCount))
            next = oriel_cmsg_next(message, header)
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The plain C structure at the start; nil if there are too few bytes.
    @inline(__always)
    func leading<Value>(as type: Value.Type) -> Value? {
        count >= MemoryLayout<Value>.size ? loadUnaligned(as: type) : nil
    }
}
