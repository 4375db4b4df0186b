"""Small services that Milepost asks by URL: what their two ends check, and a server to stand in for them. No Django."""
