"""Rules: listed with their versions, changed, validated, and tried on what came lately."""
