"""The exchange of SAML metadata: ours, built and signed (`build`); theirs, read for what a login needs (`read`)."""
