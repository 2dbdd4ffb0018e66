"""The peer in Django: REST framework and simplejwt over havocctl's tables."""
