"""The exchange of SAML metadata.

Ours is built and signed (`build`); theirs is read for what a login needs (`read`), vouched for by an anchor of its country
(`trust`), judged as a whole (`conformance`) and compared between versions (`diff`). Lists of where it is are for `mdsl`;
`ledger` keeps what was trusted, published and in force, and `review` reads it for whoever doubts.
"""
