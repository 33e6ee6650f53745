"""One library a file: its settings at the top, its documented means below, nothing clever."""
