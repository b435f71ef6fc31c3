// Layer: ESEFormat/Log. Used by: all encoders of the log.
// Stores of numbers into raw memory. The check that makes them safe: every caller writes a structure of a fixed size
// into a buffer that has at least this size by the encoder's contract.

extension UnsafeMutableRawPointer {
    /// Stores a little-endian number, however aligned.
    @inline(__always)
    func put<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, _ offset: Int) {
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
    }

    /// Stores the 28 bytes of a signature.
    func put(_ signature: DatabaseSignature, _ offset: Int) {
        put(signature.random, offset)
        put(signature.time.rawValue, offset + 4)
        put(signature.computerNameStart, offset + 12)
        put(signature.computerNameEnd, offset + 20)
    }
}
