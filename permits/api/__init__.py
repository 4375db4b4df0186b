"""The REST doors of road permits. What all kinds of case share is in workflow.api."""
