import AdminKit
import Domain
import EventLoop
import Glibc
import Postgres
import Server

/// The program: reads the command line, finds the database, runs the command, ends with its status.
@main
enum Main {
  static func main() {
    StandardStreams.occupy()
    signal(SIGPIPE, SIG_IGN)
    // A file that may not grow is an error of its write.
    signal(SIGXFSZ, SIG_IGN)
    Interrupt.install(.shell)
    let program = Program(arguments: Array(CommandLine.arguments.dropFirst()))
    exit(program.run().rawValue)
  }
}
