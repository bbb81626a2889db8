"""The few who decide: merchants, platforms and creators are mesa agents with a plan of their own."""
