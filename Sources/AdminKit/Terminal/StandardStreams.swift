import Glibc

/// Standard input, output and error as the program was started with them.
public enum StandardStreams {
  /// Occupies the numbers of those that are closed, so that no file or connection of the program's
  /// gets one: answers would be written to it, or input awaited from it. Whoever reads or writes
  /// there still hears that it can't be done (EBADF), since each is open the wrong way round.
  public static func occupy() {
    let wrongWays = [
      (STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY),
    ]
    // In this order, because a new descriptor gets the lowest number that is free.
    for (descriptor, way) in wrongWays where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", way)
    }
  }
}
