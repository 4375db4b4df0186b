"""Webhooks: whoever asked is told of each move, signed as Standard Webhooks says, until they have heard it.

| you want | look at |
|---|---|
| what is told to whom, and when again | ``telling`` |
| the threads that tell | ``runner`` |
| how a message is signed | ``signing`` |
| how we call an address that somebody else gave us | ``guarded`` |
"""
