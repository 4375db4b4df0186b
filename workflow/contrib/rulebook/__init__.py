"""The rules that officers change themselves: values with their originals, holidays, and the log of every change."""
