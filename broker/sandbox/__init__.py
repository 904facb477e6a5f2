"""The simulated world: services, identity providers, other countries' nodes and invented people around a real Passerelle.

`world` puts everything together: one process, one port, one host name a party, so that cookies, referrers and content
policies behave as in production. `parties` is the cast; `service`, `abroad`, `provider` and `node` are the parties,
written on joserfc, libxmlsec, signxml, bergshamra and Flask, so that both sides of an exchange do not share a mistake;
`recorder` keeps every message and `flow` explains them. Importing this package fails in a process that serves real people.
"""

import os

from broker.production import MODE, check_not_production

check_not_production(os.environ.get(MODE))
