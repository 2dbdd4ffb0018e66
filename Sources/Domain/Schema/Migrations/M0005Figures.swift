extension Migration {
  /// What each server has counted since it began.
  static let figures = Migration(
    5, "figures",
    """
    ALTER TABLE server ADD COLUMN figures jsonb NOT NULL DEFAULT '{}';
    CREATE VIEW live_server AS SELECT * FROM server WHERE seen > now() - interval '20 seconds';
    """)
}
