"""zonnekaart: sun-zoning maps that join solar supply and electricity demand, with reasons."""

__version__ = "0.1.0"
