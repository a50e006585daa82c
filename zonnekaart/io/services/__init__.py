"""Services that public data is fetched from: used by ``zonnekaart fetch`` and by nothing else."""
