"""Looking after registries and stores: is everything whole, what is of no use any more, and how to move it elsewhere.

Start reading at `verify`, which finds what is wrong, and `repair`, which puts it right. `garbage` and `caches` remove
what nobody needs, `exporting` and `importing` carry a sweep from one store to another.
"""
