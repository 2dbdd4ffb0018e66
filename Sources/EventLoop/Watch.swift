import CLinux

/// What a descriptor is ready for, or is waited for; the bits are epoll's own.
public struct Readiness: OptionSet, Sendable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  public static let read = Readiness(rawValue: HAVOC_EPOLLIN)
  public static let write = Readiness(rawValue: HAVOC_EPOLLOUT)
  /// Reported without being asked for.
  public static let error = Readiness(rawValue: HAVOC_EPOLLERR)
  /// Reported without being asked for.
  public static let hangUp = Readiness(rawValue: HAVOC_EPOLLHUP)
}

/// A descriptor that a loop watches.
public final class Watch {
  public let descriptor: CInt
  /// Which of all watches of its descriptor's number it is.
  let generation: UInt32
  public internal(set) var interest: Readiness
  let handler: (Readiness) -> Void

  init(
    descriptor: CInt, generation: UInt32, interest: Readiness,
    handler: @escaping (Readiness) -> Void
  ) {
    self.descriptor = descriptor
    self.generation = generation
    self.interest = interest
    self.handler = handler
  }

  /// What the kernel hands back with its events.
  var event: epoll_event {
    epoll_event(
      events: interest.rawValue,
      data: epoll_data_t(u64: UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor))))
  }
}
