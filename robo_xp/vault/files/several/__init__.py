"""Changes of several namespaces: begun by an intent, and finished or undone whatever happens."""
