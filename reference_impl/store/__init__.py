"""What the rules need kept, in memory or in Redis, behind one protocol (``base``)."""
