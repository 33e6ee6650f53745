"""Known bugs of queue libraries: what the suites say of a bad release, and of a good one."""
