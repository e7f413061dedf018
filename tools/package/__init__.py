"""Makes what is given to others: wheel, Debian packages, image, and a whole release."""
