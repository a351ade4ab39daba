"""The pages in the browser and the HTTP API: `kaname serve`."""
