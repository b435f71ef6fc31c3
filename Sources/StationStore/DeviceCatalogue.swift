// Layer: StationStore. Used by: Station, which knows another catalogue too.

/// What a device has, as it was found by a walk.
public typealias DeviceCatalogue = Catalogue
