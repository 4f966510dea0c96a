"""Published breaks, one file of data each, and the rule that reports them."""
