"""Makes what is given to others: wheel and source archive, Debian packages, the image, a release."""
