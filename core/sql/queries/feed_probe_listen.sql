-- LISTENs for the bell by which a session finds out whether it is ours alone. It says nothing about anybody.
LISTEN nightbell_probe
