"""Passerelle's product: the journey of a citizen between who asks and who vouches.

Read `journey` first: it holds the four values that cross a boundary (Demand, Ask, Proof, Release) and the steps, each a
type of its own. `flow` moves a journey from step to step; `relying/`, `providers/` and `store/` connect it to the world,
`web/` is Flask's only home, and `app` puts everything together. `sandbox/` is the simulated world of the demo.
"""
