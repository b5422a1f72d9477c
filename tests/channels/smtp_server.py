"""A mail server that misbehaves: smtp_server.py BEHAVIOUR prints its port, then a line for each command that it is told.

Behaviours: see `act`. A connection is answered by a thread of its own; it lives until its input ends.
"""

import socket
import sys
import threading

behaviour = sys.argv[1]
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
connections = 0


def hang():
    threading.Event().wait()


class Ended(Exception):
    pass


def act(where, number, say):
    """What is done at a point of the conversation instead of what is usual; None: the usual."""
    wanted = behaviour.split("@")
    if len(wanted) == 2 and wanted[1] == where:
        what = wanted[0]
        if what == "hang":
            hang()
        if what == "close":
            raise Ended
        if what == "garbage":
            say("\x1b]0;evil\x07 HTTP/1.1 400 Bad Request")
            return True
        if what == "endless":
            say("250-" + "x" * 100000)
            return True
        if what.isdigit():
            say({"421": "421 4.3.2 going down", "450": "450 4.2.0 <x>: greylisted, try again in 300 seconds", "451": "451 4.3.0 later", "452": "452 4.2.2 full",
                 "552": "552 5.3.4 too big", "550": "550 no such user here", "521": "550 5.2.1 The mailbox is disabled", "571": "550 5.7.1 relaying denied",
                 "554": "554 5.7.1 spam\x1b[2J"}[what])
            if what == "421":
                raise Ended
            return True
    if behaviour == "stale" and where == "mail" and number["mails"] == 1 and number["connection"] == 1:
        raise Ended  # as a server does that closes idle connections
    return None


def serve(client, connection):
    number = {"connection": connection, "mails": 0}
    stream = client.makefile("rb")

    def say(text):
        client.sendall(text.encode() + b"\r\n")

    try:
        if not act("greeting", number, say):
            say("220 test")
        while line := stream.readline():
            words = line.decode().split()
            word = words[0].lower()
            print(connection, line.decode().strip(), flush=True)
            if act(word, number, say):
                continue
            if word == "ehlo":
                say("250-test\r\n250 " + ("SIZE" if behaviour == "slow" else "PIPELINING"))
            elif word == "data":
                say("354 go on")
                while stream.readline() != b".\r\n":
                    pass
                if not act("text", number, say):
                    say("250 2.0.0 Ok: queued as Q%d" % number["mails"])
                    number["mails"] += 1
            elif word == "quit":
                say("221 bye")
                return
            else:
                say("250 2.0.0 Ok")
    except (Ended, OSError):
        pass
    finally:
        client.shutdown(socket.SHUT_RDWR)
        client.close()


def accept():
    global connections
    while True:
        client, _ = listener.accept()
        connections += 1
        threading.Thread(target=serve, args=(client, connections), daemon=True).start()


threading.Thread(target=accept, daemon=True).start()
sys.stdin.read()
