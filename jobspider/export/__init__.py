"""Export stored figures as CSV, JSON Lines or Parquet."""
