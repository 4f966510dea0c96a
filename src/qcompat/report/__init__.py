"""How answers look: a room an answer, in it `text` and `document`, and other forms beside them."""
