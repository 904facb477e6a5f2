"""The exchange of SAML metadata: ours, built and signed (`build`); theirs, read for what a login needs (`read`), and
vouched for by an anchor of its country (`trust`); lists of where it is (`mdsl`).
"""
