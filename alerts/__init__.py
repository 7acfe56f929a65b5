"""Compare stored snapshots with what each recipient was last sent, select significant changes and deliver digests."""
