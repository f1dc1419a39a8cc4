"""A client that means harm, and a scanner that knows every personal detail of the sample client."""
