"""Providers of a test's own, over real HTTP: receivers of webhooks, push services, and SMS in the form that Twilio documents.

  providers.py DIRECTORY HOST... [--tls CERTIFICATE KEY]

listens at one free port of each host, writes it to DIRECTORY/provider_port, and a line for each request to DIRECTORY/requests: JSON with
`host` (that it came to), `path`, `headers` (in small letters), `body`, of an SMS `form`, of what is no SMS `key`. It answers as the file
DIRECTORY/behaviour/KEY says, where KEY is an SMS's number, or the last part of the path; see BEHAVIOURS. Without such a file, or with an
empty one, it is well. It lives until its input ends.
"""

import base64
import json
import os
import re
import socket
import ssl
import sys
import threading
import urllib.parse

DIRECTORY = sys.argv[1]
ACCOUNT, TOKEN = "AC0123456789abcdef0123456789abcdef", "the token"
writing = threading.Lock()


def response(status, body="", *headers):
    text = body.encode()
    lines = ["HTTP/1.1 %d Said" % status, "Content-Length: %d" % len(text), *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + text


# What is sent before the connection is closed; None: nothing, ever.
BEHAVIOURS = {
    "hang": lambda word: None,
    "close": lambda word: b"",
    "half": lambda word: b"HTTP/1.1 20",
    "garbage": lambda word: b"\x1b]0;evil\x07 220 smtp.example ESMTP\r\n\r\n",
    "taken": lambda word: b"HTTP/1.1 201 Created\r\nContent-Length: 5000\r\n\r\nhalf of i",
    "busy": lambda word: response(429, "slow down", "Retry-After: 7200"),
    "to": lambda word: response(302, "", "Location: " + word),
}


def number_of_problem(form, head):
    """What Twilio has against a request: its code, the HTTP status, its words. None: nothing."""
    wanted = "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    if head.get("authorization") != wanted:
        return 20003, 401, "Authenticate"
    if head.get("content-type") != "application/x-www-form-urlencoded":
        return 20001, 400, "Invalid request"
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", form.get("To", "")):
        return 21211, 400, "Invalid 'To' Phone Number: " + form.get("To", "")
    if ("From" in form) == ("MessagingServiceSid" in form):
        return 21603, 400, "A 'From' phone number is required."
    if not form.get("Body"):
        return 21602, 400, "Message body is required."
    if len(form["Body"]) > 1600:
        return 21617, 400, "The concatenated message body exceeds the 1600 character limit"
    return None


def refusal(code, status, message):
    return response(status, json.dumps({"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}),
                    "Content-Type: application/json")


def sms(form, head, behaviour):
    problem = number_of_problem(form, head)
    if not problem and behaviour == "stop":
        problem = 21610, 400, f"Attempt to send to unsubscribed recipient {form['To']}"
    if not problem and behaviour == "login":
        problem = 20003, 401, "Authenticate"
    if problem:
        return refusal(*problem)
    sid = "SM" + os.urandom(16).hex()
    return response(201, json.dumps({"sid": sid, "account_sid": ACCOUNT, "to": form["To"], "from": form.get("From"), "body": form["Body"], "status": "queued",
                                     "num_segments": "1", "direction": "outbound-api", "error_code": None, "error_message": None}), "Content-Type: application/json")


def behaviour_of(key):
    try:
        with open(os.path.join(DIRECTORY, "behaviour", key)) as file:
            return file.read().strip()
    except OSError:
        return ""


def answer(host, path, head, body):
    request = {"host": host, "path": path, "headers": head, "body": body.decode("utf-8", "backslashreplace")}
    is_sms = re.fullmatch(rf"/2010-04-01/Accounts/{ACCOUNT}/Messages\.json", path)
    form = dict(urllib.parse.parse_qsl(body.decode(), strict_parsing=True)) if is_sms else {}
    key = form.get("To", "") if is_sms else path.rsplit("/", 1)[1]
    request |= {"form": form} if is_sms else {"key": key}
    with writing, open(os.path.join(DIRECTORY, "requests"), "a") as file:
        file.write(json.dumps(request) + "\n")
    behaviour = behaviour_of(key)
    name, _, word = behaviour.partition(" ")
    if name in BEHAVIOURS:
        return BEHAVIOURS[name](word)
    if name.isdigit():
        return response(int(name), "no more of it" if int(name) >= 400 else "")
    if is_sms:
        return sms(form, head, behaviour)
    return response(201)


def serve(client):
    stream = client.makefile("rb")
    try:
        while line := stream.readline():
            _, path, _ = line.decode().split(" ")
            head = {}
            while (line := stream.readline().strip()):
                name, value = line.decode().split(":", 1)
                head[name.lower()] = value.strip()
            said = answer(client.getsockname()[0], path, head, stream.read(int(head.get("content-length", 0))))
            if said is None:
                threading.Event().wait()
            client.sendall(said)
            if b"Content-Length" not in said or b"half of" in said:
                break
    except OSError:
        pass
    client.close()


def accept(listener, context):
    while True:
        client, _ = listener.accept()
        threading.Thread(target=begin, args=(client, context), daemon=True).start()


def begin(client, context):
    try:
        serve(context.wrap_socket(client, server_side=True) if context else client)
    except OSError:  # no TLS
        client.close()


def main():
    words = sys.argv[2:]
    context = None
    if "--tls" in words:
        at = words.index("--tls")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(words[at + 1], words[at + 2])
        words = words[:at]
    port = 0
    for host in words:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=200)
        port = listener.getsockname()[1]
        threading.Thread(target=accept, args=(listener, context), daemon=True).start()
    with open(os.path.join(DIRECTORY, "provider_port.new"), "w") as file:
        file.write(str(port))
    os.rename(os.path.join(DIRECTORY, "provider_port.new"), os.path.join(DIRECTORY, "provider_port"))
    sys.stdin.read()


main()
