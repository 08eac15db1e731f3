"""Engines run algorithms; ``protocol`` says what one must do, each other module is one engine."""
