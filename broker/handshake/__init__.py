"""The first handshake with another country: what it publishes, processed as strictly as a login does, step by step.

Nothing is weakened to get further: a step that is wrong stops those that need it, and they say so. Each step that is wrong
has a plain sentence for each side. Nothing is sent to anybody but requests for the metadata and for lists of revoked
certificates, and nothing is written.
`reaching`, `proving`, `describing`, `comparing` and `own` are the steps; `course` puts them in order; `mail` tells the
country its part.
"""

from broker.handshake.course import Course, Part
from broker.handshake.mail import letter
from broker.handshake.meeting import Meeting, Ways
from broker.handshake.steps import Step, Verdict

__all__ = ["Course", "Meeting", "Part", "Step", "Verdict", "Ways", "letter"]
