import Server
import Domain
import EventLoop
import Postgres
import Glibc
enum Tmp {
  @concurrent static func go(_ loop: Loop, _ s: ServerSettings) async -> String {
  do {
    let db = Database(loop: loop, options: .init(conninfo: s.database))
    let done = try await Migrator(db).migrate()
    print(done.map(\.name))
    db.close()
    try await HTTPServer(settings: s, loop: loop, log: Log(level: .info, hasPriorities: false)).run()
  } catch { return "\(error)" }
  return "ok"
  }
}
let loop = try Loop()
var settings = ServerSettings()
settings.database = "postgresql://postgres@127.0.0.1:5499/dev"
let s = settings
let r = runToEnd(on: loop) { await Tmp.go(loop, s) }
print(r)
