"""The rehearsal of a service (`passerelle fs test`): a broker that answers wrongly on purpose, and a browser that watches.

`stage` is a real broker for one service, in which invented citizens log in at once and everybody agrees; `falsify` is what
it may get wrong; `browser` and `reading` are the citizen's side; `audience` tells whether the service has opened a session;
`scenarios`, `attacks` and `leaving` are what is played, `course` plays it, `outcome` is what came of it.
"""
