// swift-tools-version: 6.1

import PackageDescription

// Each module may import only what stands after it in this list:
//
//   havocctl → Server → AdminKit → Domain → Postgres → EventLoop → CLibs/*
//
// and STUN, which stands beside them and knows none of them.
//
// A dependency that points the other way doesn't compile, because it isn't named here.

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .unsafeFlags(["-warnings-as-errors"], .when(configuration: .release)),
]

/// A C library of the system: one module map and one header of what Swift can't import by itself.
func library(_ name: String, pkgConfig: String? = nil, apt: String) -> Target {
  .systemLibrary(
    name: name, path: "Sources/CLibs/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let package = Package(
  name: "havocctl",
  products: [.executable(name: "havocctl", targets: ["havocctl"])],
  targets: [
    .executableTarget(
      name: "havocctl", dependencies: ["Server", "AdminKit", "Domain", "Postgres", "EventLoop"],
      swiftSettings: settings,
      // Takes the place of the C library's malloc; a debug build keeps that, for the sanitizers.
      linkerSettings: [.linkedLibrary("mimalloc", .when(configuration: .release))]),
    .target(
      name: "Server",
      dependencies: [
        "AdminKit", "Domain", "Postgres", "EventLoop", "STUN", "CMicrohttpd", "CSystemd", "CTLS",
        "CWslay", "CLinux", "CCrypto", "CDatagrams",
      ],
      resources: [.embedInCode("Assets")],
      swiftSettings: settings),
    .target(
      name: "AdminKit",
      dependencies: [
        "Domain", "Postgres", "EventLoop", "STUN", "CLinux", "CUtf8proc", "CCSV", "CReadline",
      ],
      swiftSettings: settings),
    .target(
      name: "Domain",
      dependencies: [
        "Postgres", "EventLoop", "CArgon2", "CCrypto", "CUtf8proc", "CCracklib",
        "CCurl", "CYajl",
      ],
      swiftSettings: settings),
    .target(
      name: "Postgres", dependencies: ["EventLoop", "CPQ", "CLinux"], swiftSettings: settings),
    .target(name: "EventLoop", dependencies: ["CLinux"], swiftSettings: settings),
    .target(name: "STUN", dependencies: ["CZlib"], swiftSettings: settings),

    library("CLinux", apt: "libc6-dev"),
    library("CPQ", pkgConfig: "libpq", apt: "libpq-dev"),
    library("CWslay", apt: "libwslay-dev"),
    library("CArgon2", pkgConfig: "libargon2", apt: "libargon2-dev"),
    library("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
    library("CTLS", pkgConfig: "libssl", apt: "libssl-dev"),
    library("CUtf8proc", apt: "libutf8proc-dev"),
    library("CYajl", apt: "libyajl-dev"),
    library("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
    library("CCSV", apt: "libcsv-dev"),
    library("CCracklib", apt: "libcrack2-dev"),
    // Loaded when they are first used, so that a command's start doesn't wait for them.
    .target(name: "CCurl", path: "Sources/CLibs/CCurl"),
    .target(name: "CMicrohttpd", path: "Sources/CLibs/CMicrohttpd"),
    .target(name: "CSystemd", path: "Sources/CLibs/CSystemd"),
    .target(name: "CDatagrams", path: "Sources/CLibs/CDatagrams"),
    .target(
      name: "CReadline", path: "Sources/CLibs/CReadline",
      linkerSettings: [.linkedLibrary("readline")]),

    // What several modules' tests need: a PostgreSQL server, a loop, a schema with accounts.
    .target(
      name: "TestSupport", dependencies: ["Domain", "Postgres", "EventLoop", "CLinux"],
      path: "Tests/TestSupport", swiftSettings: settings),
    .testTarget(
      name: "EventLoopTests", dependencies: ["EventLoop", "TestSupport"], swiftSettings: settings),
    .testTarget(name: "STUNTests", dependencies: ["STUN"], swiftSettings: settings),
    .testTarget(
      name: "PostgresTests", dependencies: ["Postgres", "EventLoop", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "DomainTests", dependencies: ["Domain", "Postgres", "EventLoop", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "AdminKitTests", dependencies: ["AdminKit", "Domain", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "ServerTests",
      dependencies: ["Server", "AdminKit", "Domain", "Postgres", "EventLoop", "TestSupport"],
      swiftSettings: settings),
  ]
)

// What the fuzzer runs, which every other build is spared: see tools/fuzz.sh.
if Context.environment["HAVOCCTL_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "Fuzz",
      dependencies: ["Server", "AdminKit", "Domain", "Postgres", "EventLoop", "STUN", "CCrypto"],
      path: "fuzz", exclude: ["corpus", "dictionaries"], swiftSettings: settings))
}
