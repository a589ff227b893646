"""The floor: what one full transaction costs when nothing is done but what has to be done."""
