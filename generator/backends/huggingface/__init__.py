"""Pictures made by others: Hugging Face's Inference Providers, over our own thin client."""
