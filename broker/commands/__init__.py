"""The commands, one file a subject. What several need is in `tools`; `skeleton` and `writing` put files on the disk."""
