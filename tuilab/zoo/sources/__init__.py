"""How a data set comes to this machine: what it is made of, where it is to be had, and how it is verified.

`material` says what there is to get, `obtain` gets it; `watch` is how whoever
waits sees it come and can stop it. The rest are the sources themselves, and the
formats that files come in.
"""
