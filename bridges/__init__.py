"""The bridges: one documented job API in front of any queue library.

A program of its own, which imports nothing of queueproof: `front` is the HTTP side, `backends` has
a library a file, `work` is the job that they all run, `record` is what is kept on a Redis of the
bridge's own. README.md is the API.
"""
