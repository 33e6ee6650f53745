"""Processes and sockets of this machine: who listens where, and signals that hit nothing else."""
