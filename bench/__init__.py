"""What `make bench` runs. Each script measures one thing on a studio of its own in a temporary folder."""
