"""The project package: settings, URLs and the code that every app shares."""
