// Layer: StationWeb. Uses: the files of Page, which are part of the program. Used by: StationWeb.
// The page's files.

import HTTPService

/// A file of the page.
struct PageFile {
    private let bytes: [UInt8]
    private let type: String
    private let tag: String

    private init(_ bytes: [UInt8], _ type: String) {
        self.bytes = bytes
        self.type = type
        // FNV-1a: tells versions of a file apart.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        tag = "\"\(String(hash, radix: 16))\""
    }

    /// The answer. Browsers ask each time whether it is still the same.
    var response: HTTPResponse {
        HTTPResponse(
            headers: [("Content-Type", type), ("ETag", tag), ("Cache-Control", "no-cache")], body: bytes)
    }

    /// The file at a path; nil if there is none.
    static func at(_ path: String) -> PageFile? { files[path] }

    private static let script = "text/javascript; charset=utf-8"

    private static let files: [String: PageFile] = [
        "/": PageFile(PackageResources.index_html, "text/html; charset=utf-8"),
        "/style.css": PageFile(PackageResources.style_css, "text/css; charset=utf-8"),
        "/icon.svg": PageFile(PackageResources.icon_svg, "image/svg+xml"),
        "/api.js": PageFile(PackageResources.api_js, script),
        "/app.js": PageFile(PackageResources.app_js, script),
        "/chart.js": PageFile(PackageResources.chart_js, script),
        "/chartview.js": PageFile(PackageResources.chartview_js, script),
        "/device.js": PageFile(PackageResources.device_js, script),
        "/dom.js": PageFile(PackageResources.dom_js, script),
        "/events.js": PageFile(PackageResources.events_js, script),
        "/format.js": PageFile(PackageResources.format_js, script),
        "/overview.js": PageFile(PackageResources.overview_js, script),
        "/theme.js": PageFile(PackageResources.theme_js, script),
        "/zoom.js": PageFile(PackageResources.zoom_js, script),
    ]
}
