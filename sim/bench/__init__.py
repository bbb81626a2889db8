"""The performance book: how fast the whole market lives, what it costs in memory, and how near that is to the machine."""
