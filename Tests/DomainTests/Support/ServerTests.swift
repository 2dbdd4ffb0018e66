import Testing

@testable import Domain

/// Every suite that needs the server stands in this one, so that their tests run one at a time and
/// the server has connections enough.
@Suite(.serialized, .timeLimit(.minutes(5))) enum ServerTests {}

/// The refusal that `body` throws.
func refusal<Value>(
  _ body: () async throws -> Value, _ location: SourceLocation = #_sourceLocation
) async -> Refusal? {
  await #expect(throws: Refusal.self, sourceLocation: location) { _ = try await body() }
}
