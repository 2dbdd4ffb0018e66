import EventLoop

/// Tasks of a loop that are kept for the next piece of work: to make a task, and the stack that its
/// calls grow on, takes longer than to wake one.
///
/// `@unchecked Sendable`: touched only on its loop's thread, where its tasks run too.
final class TaskPool<Work: Sendable>: @unchecked Sendable {
  private let loop: Loop
  private let body: @Sendable (Work) async -> Void
  private var idle: [UnsafeContinuation<Work?, Never>] = []
  /// What tasks that have just been made are for, in their order; a turn's at the most.
  private var begun: [Work] = []
  private var isClosed = false

  /// Tasks that are kept while they have nothing to do.
  private static var most: Int { 128 }

  init(loop: Loop, _ body: @escaping @Sendable (Work) async -> Void) {
    self.loop = loop
    self.body = body
  }

  /// Starts `body` with the work, in a coming round of the loop's jobs.
  func run(_ work: Work) {
    loop.preconditionOnLoop()
    if let task = idle.popLast() { return task.resume(returning: work) }
    // Handed over here, because a task holds what it is started with until it ends.
    begun.append(work)
    Task(executorPreference: loop) { await self.serve() }
  }

  /// Ends the tasks that have nothing to do, and the others when they are done.
  func close() {
    isClosed = true
    for task in idle { task.resume(returning: nil) }
    idle = []
  }

  private func serve() async {
    var work = Optional(begun.removeFirst())
    while work != nil {
      await finish(&work)
      work = await next()
    }
  }

  /// Nothing of the work stays behind it.
  private func finish(_ work: inout Work?) async {
    if let work = work.take() { await body(work) }
  }

  private func next() async -> Work? {
    guard !isClosed, idle.count < Self.most else { return nil }
    return await withUnsafeContinuation { idle.append($0) }
  }
}
