import Glibc
import Postgres

/// What the kernel says about this process, under the names that every program's figures have.
struct ProcessFigures {
  private static let started = Timestamp.now

  /// To be called when the process starts.
  static func begin() { _ = started }

  static func add(to page: inout Exposition) {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    page.add(
      "process_cpu_seconds_total", .counter, "Processor time, the kernel's for it included.",
      seconds(usage.ru_utime) + seconds(usage.ru_stime))
    if let pages = resident {
      page.add(
        "process_resident_memory_bytes", .gauge, "Memory that is in use.",
        pages * sysconf(CInt(_SC_PAGESIZE)))
    }
    if let descriptors {
      page.add("process_open_fds", .gauge, "Descriptors that are open.", descriptors)
    }
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    page.add(
      "process_max_fds", .gauge, "Descriptors that may be open.", UInt64(limit.rlim_cur))
    page.add(
      "process_start_time_seconds", .gauge, "When the process began, since 1970.",
      started.seconds)
  }

  private static func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) / 1e6
  }

  private static var resident: Int? {
    let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var line = [UInt8](repeating: 0, count: 128)
    let count = read(descriptor, &line, line.count)
    let text = String(decoding: line.prefix(max(0, count)), as: UTF8.self)
    return text.split(separator: " ").dropFirst().first.flatMap { Int($0) }
  }

  private static var descriptors: Int? {
    guard let folder = opendir("/proc/self/fd") else { return nil }
    defer { closedir(folder) }
    var count = 0
    while readdir(folder) != nil { count += 1 }
    // Those of the folder itself and of the one above it, and the one that reads them.
    return count - 3
  }
}
