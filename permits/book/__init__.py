"""The rules of road permits that officers may change, with their originals from permits.rules and the settings."""
