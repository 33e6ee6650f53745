"""What the references of both contracts are made with: settings, secrets, watched connections."""
