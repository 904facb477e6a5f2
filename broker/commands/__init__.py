"""The commands, one file a subject; what several need is in `tools`."""
