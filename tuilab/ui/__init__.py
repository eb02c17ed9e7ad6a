"""The screen: draws what run directories hold. Never loads torch."""
