-- No channel any more.
UNLISTEN *
