"""Pages: the steps of the dialogs, from the first form to the list of properties."""
