import Glibc
import Testing

@testable import AdminKit

/// The manual and the completions in the repository are what the registry renders. With
/// HAVOCCTL_RENDER set they are written instead of compared.
@Suite struct RenderedFilesTests {
  /// This file is three folders below the repository.
  private static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    .dropLast(3).joined(separator: "/")

  private static let files = RenderedFiles(Registry.all).files

  @Test(arguments: files.map(\.path))
  func repositoryHoldsWhatTheRegistryRenders(path: String) throws {
    let text = try #require(Self.files.first { $0.path == path }).text
    let full = "\(Self.root)/\(path)"
    if getenv("HAVOCCTL_RENDER") != nil { try TextFile.write(text, to: full) }
    #expect(try TextFile.read(full) == text, "run: make man")
  }
}
