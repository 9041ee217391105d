"""Projects as files: archives, folders, the copy on the server."""
