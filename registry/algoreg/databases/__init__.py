"""The two databases of an experiment: ``protocol`` says what a server must offer, each other module is one."""
