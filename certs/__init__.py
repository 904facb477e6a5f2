"""Keys: what they are for, in which state they are, and where the private part lies.

`keys` is one key: only `Key.sign` touches the private part, so that a hardware token can stand behind it. `keyring` is a
folder of them, read and checked as a whole.
"""
