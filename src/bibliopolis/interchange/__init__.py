"""How others talk to us: programs by JSON, feeds, search engines, protocols of libraries."""
