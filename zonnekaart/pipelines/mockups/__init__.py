"""Mock-ups from storyboards: interactive pages, stills and a deck."""
