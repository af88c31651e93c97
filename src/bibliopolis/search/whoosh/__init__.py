"""The default search engine. Nothing outside this folder imports Whoosh.

Whoosh stores terms and postings. What is slow in it is done here with arrays that are kept for
each segment, because a segment never changes: ranking, facets, filters, sorting.
"""
