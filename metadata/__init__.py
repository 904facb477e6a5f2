"""The exchange of SAML metadata: ours, built and signed (`build`); theirs, read for what a login needs (`read`), vouched for
by an anchor of its country (`trust`), compared between versions (`diff`); lists of where it is (`mdsl`); and the `ledger` of
what was trusted, published and in force.
"""
