"""Another country's node in the simulated world: a Proxy-Service that identifies invented citizens.

An implementation of its own, so that both sides of an exchange do not share a mistake: it knows neither `eidas` nor
`metadata`. Messages are texts filled in, signatures are libxmlsec's (`security`), encryption is libxmlsec's for RSA and
written here on primitives for ECDH-ES (`sealing`). `reading` believes a request, `writing` makes an answer, `published`
describes the node, `people` are its citizens, `node` has the pages, and `showing` takes messages apart for people to read.

One of them is a Connector as well: `asking` makes its requests, `counterpart` knows the broker's Proxy-Service, `hearing`
believes a Response, which `opening` verifies and decrypts by software that is neither ours nor the broker's, and
`connector` has the endpoints.
"""
