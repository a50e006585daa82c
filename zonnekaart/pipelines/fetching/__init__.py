"""``fetch``: bring public data to a folder; the only part of zonnekaart that uses a network."""
