"""The performance book: how fast the whole market lives, what it costs in memory, how near that is to the machine."""
