"""The steps of a journey: each a verb on the values of `gateway.msh.journey`, called by the use cases above."""
