// Layer: StationStoreTests.
import Testing
