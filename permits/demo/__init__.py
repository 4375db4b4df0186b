"""A believable office to try Milepost on: officers, applicants, sixty permits at every stage."""
