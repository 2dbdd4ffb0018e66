/// `doctor`: tries what a service needs.
enum DoctorOperations {
  static let all = [doctor]

  private static let doctor = Operation(
    "doctor", nil, "Try what a service needs, and say how to mend what is wrong",
    details: """
      It looks at the database, its schema and its standby, the clock, the configuration and who
      can read its secrets, the disk, and whether the mail server, the other service's addresses and
      the STUN server answer. --fix brings the schema to this program's version and closes secrets
      to others. It ends with status 1 where a check failed.
      """,
    options: [Option("fix", nil, .text, "mend what is safe to mend")],
    columns: Finding.columns, effect: .diagnoses,
    examples: ["havocctl doctor", "havocctl doctor --fix", "havocctl doctor -o json"]
  ) { invocation in
    let fixes = invocation.arguments.flag("fix") && !invocation.global.dryRun
    let configuration = invocation.environment.configuration
    let list = try await LocalList(invocation)
    var findings = await DatabaseChecks(
      database: invocation.database, fault: invocation.environment.databaseFault,
      isSealed: configuration.seal != nil,
      standby: StandbyCheck(configuration, invocation.environment.loop), fixes: fixes
    ).run()
    findings += FileChecks(
      configuration: configuration, isEmbedded: invocation.environment.isEmbedded, fixes: fixes
    ).run()
    findings += await NetworkChecks(
      configuration: configuration, loop: invocation.environment.loop
    ).run()
    for finding in findings { try await list.row(finding.row) }
    try await list.finish()
    if invocation.global.dryRun { invocation.note("dry run: nothing was mended") }
    if findings.contains(where: { $0.result == .failed }) { await invocation.end(with: .failed) }
  }
}
