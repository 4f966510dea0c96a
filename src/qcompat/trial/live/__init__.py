"""The live trial: a Linux guest that boots, works, migrates meanwhile, and checks itself."""
