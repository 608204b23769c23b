"""The small diffusion model that comes with the product: no token, no network, a CPU is enough."""
