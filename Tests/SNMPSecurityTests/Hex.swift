import SNMPSecurity

/// The octets written as hexadecimal digits; blanks are skipped.
func bytes(hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    precondition(digits.count % 2 == 0)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// `bytes` as lower-case hexadecimal digits.
func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}

extension SecretBytes {
    /// The secret in the open; tests only.
    var exposedBytes: [UInt8] {
        withBytes { span in span.withUnsafeBytes { Array($0) } }
    }

    var exposedHex: String { hex(exposedBytes) }
}
