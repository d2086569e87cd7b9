"""Draws the pictures of the demo. Imports no Django. The same random numbers give the same picture.

A drawing is a function of a random generator and a size in pixels. It returns the image and a
description, which is the alternative text.
"""
