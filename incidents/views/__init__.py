"""The citizens' door to incidents. Every page works without JavaScript, without a map and at any width.

| you want | look at |
|---|---|
| the pages of the report, at most four posts | ``report``, ``place``, ``details``, ``send`` |
| “Is it one of these?” and “Me too” | ``similar`` |
| where a report stands | ``story``; the pages: ``track``, ``act`` |
| who may come in, and how often | ``doors``, ``links`` |
"""
