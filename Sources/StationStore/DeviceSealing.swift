// Layer: StationStore. Uses: Sealing. Used by: Recorder, Reader.
// The secrets of devices, sealed with the key of the data directory.

import Sealing

extension SealingKey {
    /// What is bound in: the device that the secret belongs to.
    private static func context(_ device: Int32) -> [UInt8] { Array("oriel station device \(device)".utf8) }

    /// Seals a device's secret, at most 64 KiB. `encryptionFailed`.
    func seal(_ plain: [UInt8], device: Int32) throws(StoreError) -> [UInt8] {
        do throws(SealingError) { return try seal(plain, context: Self.context(device)) } catch {
            throw .encryptionFailed
        }
    }

    /// Opens a device's secret. `secretsUnreadable` if it is damaged, of another device or of another key.
    func open(_ sealed: [UInt8], device: Int32) throws(StoreError) -> [UInt8] {
        do throws(SealingError) {
            return try open(sealed, context: Self.context(device))
        } catch {
            throw error == .unreadable ? .secretsUnreadable(device: device) : .encryptionFailed
        }
    }
}
