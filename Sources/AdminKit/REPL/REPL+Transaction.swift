import Postgres

extension REPL {
  /// What ends a transaction without a fault of its own.
  private enum RolledBack: Error { case asked, failed, left }

  /// Runs lines in a transaction until it is over.
  /// - Returns: nil where the lines go on behind it.
  func transact() async throws -> Ending? {
    guard transaction == nil, let database = environment.database else {
      throw Failure(.usage, "a transaction is open already", hint: "commit or rollback ends it")
    }
    defer { transaction = nil }
    do {
      try await database.transaction { transaction in
        switch try await self.converse(in: transaction) {
        case .committed: if await self.hasFailed { throw RolledBack.failed }
        case .rolledBack: throw RolledBack.asked
        case .left: throw RolledBack.left
        }
      }
      return nil
    } catch let ended as RolledBack {
      switch ended {
      case .asked: return nil
      case .failed:
        transaction = nil
        throw Failure(.failed, "the transaction had failed; nothing of it was kept")
      case .left:
        guard isTyped else {
          throw Failure(
            .failed, "the script ended in a transaction; nothing of it was kept",
            hint: "end it with commit")
        }
        environment.terminal.note("the open transaction was rolled back")
        return .left
      }
    } catch is TransactionLost {
      environment.terminal.note("the connection was lost, and the transaction with it")
      return nil
    }
  }

  private func converse(in transaction: Transaction) async throws -> Ending {
    self.transaction = OpenTransaction(transaction: transaction)
    return try await converse()
  }

  private var hasFailed: Bool { transaction?.hasFailed == true }

  /// The ending of the lines since `begin`.
  func end(_ ending: Ending) throws -> Ending {
    guard transaction != nil else {
      throw Failure(.usage, "no transaction is open", hint: "begin opens one")
    }
    return ending
  }

  /// A transaction in which something failed isn't kept; a line that was never run, or that somebody
  /// thought better of, leaves it alone.
  func note(failure error: any Error) async {
    let failure = Failure(error)
    guard ![.usage, .partly].contains(failure.status), !failure.isDeclined,
      let open = transaction, !open.hasFailed
    else { return }
    transaction?.hasFailed = true
    // It can't be kept any more, so nobody needs to wait for its locks.
    _ = try? await open.transaction.query(.once("ROLLBACK"))
  }
}
