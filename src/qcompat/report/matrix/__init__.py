"""How a matrix is shown: text, one HTML page, JUnit XML, and the JSON that is also a baseline."""
