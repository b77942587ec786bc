"""The dialects, as their services speak them."""
