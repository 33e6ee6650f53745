"""Things to try queueproof on."""
