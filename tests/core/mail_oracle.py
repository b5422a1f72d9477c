"""Random mails, and what another library reads of them.

    mail_oracle.py cases SEED COUNT         writes cases for mail_cases, a line of JSON each
    mail_oracle.py check CASES MAILS READ   prints what differs: MAILS is what mail_cases wrote, READ what mailparser read of it
"""

import base64
import email
import email.policy
import email.utils
import json
import random
import re
import sys
import uuid

SCRIPTS = [(0x20, 0x7E), (0x20, 0x7E), (0xA0, 0x17F), (0x370, 0x3FF), (0x400, 0x4FF), (0x590, 0x5FF), (0x620, 0x6FF), (0x900, 0x97F),
           (0xE00, 0xE7F), (0x1100, 0x11FF), (0x3040, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0x1F300, 0x1F6FF), (0x20000, 0x2A6DF)]
# What headers and encodings are made of, so that texts come near to being one.
PIECES = ["=?UTF-8?Q?a?=", "=?", "?=", "=", "==", "_", "=20", "  ", ",", ";", ":", "<", ">", "@", "(", ")", "\\", '"', ".", "..", "-", "--", "From ",
          "é", "e\u0301", "👩‍👩‍👧", "\u200d", "\u202e", "\ufeff", "Bcc: a@b.example", "%0d%0a", "a" * 90, "ü" * 60, "\u2028", "\u0085"]


def text(rnd, most, line=True):
    parts = []
    low, high = rnd.choice(SCRIPTS)
    for _ in range(rnd.randint(1, most)):
        what = rnd.random()
        if what < 0.05:
            low, high = rnd.choice(SCRIPTS)
        if what < 0.15:
            parts.append(rnd.choice(PIECES))
        elif what < 0.3:
            parts.append(" ")
        elif what < 0.36 and not line:
            parts.append(rnd.choice(["\n", "\n", "\r\n", "\n.", "\n--", "\nFrom ", " \n", "\t", "\n\n"]))
        else:
            parts.append(chr(rnd.randint(low, high)))
    return "".join(parts)


def address(rnd):
    local = rnd.choice(["ada", "a.b", "o'brien", "x+tag", "a" * 64, "!#$%&'*+-/=?^_`{|}~"])
    return local + "@" + rnd.choice(["example.org", "a-b.example", "münchen.example", "例え.テスト", "x" * 63 + ".example", "localhost"])


def mailbox(rnd):
    name = text(rnd, rnd.choice([1, 5, 30])).strip(" ")
    name = name.encode()[:200].decode(errors="ignore").strip(" ")
    if rnd.random() < 0.3 or not name:
        return [None, address(rnd)]
    return [name, address(rnd)]


def written(box):
    name, where = box
    return where if name is None else '"%s" <%s>' % (name.replace("\\", "\\\\").replace('"', '\\"'), where)


def case(rnd):
    boxes = {name: mailbox(rnd) for name in ("from", "reply_to")}
    copies = [mailbox(rnd) for _ in range(rnd.choice([0, 0, 1, 3]))]
    made = {"delivery": str(uuid.UUID(int=rnd.getrandbits(128))), "type": "T_A", "subject": text(rnd, rnd.choice([1, 10, 200])), "to": address(rnd),
            "from": written(boxes["from"]), "reply_to": written(boxes["reply_to"]), "return_path": "bounces@example.org",
            "body": text(rnd, rnd.choice([1, 50, 3000]), line=False), "created_ms": rnd.randint(0, 4102444800) * 1000,
            "cc": [written(box) for box in copies], "bcc": [address(rnd) for _ in range(rnd.choice([0, 2]))],
            "unsubscribe": rnd.choice([None, "https://example.org/u/" + "t" * 120, "http://example.org/u/t"]),
            "locale": rnd.choice(["de", "pt-BR", None]), "urgency": rnd.choice(["critical", "normal"])}
    if rnd.random() < 0.5:
        made["html"] = text(rnd, 500, line=False)
    if rnd.random() < 0.4:
        made["attachments"] = [{"filename": re.sub(r"[/\\<>]", "", text(rnd, rnd.choice([1, 10, 40])).strip()).encode()[:250].decode(errors="ignore").strip() or "a",
                                "content_type": rnd.choice(["application/pdf", "text/calendar; method=REQUEST", "image/svg+xml"]),
                                "content": base64.b64encode(rnd.randbytes(rnd.choice([0, 1, 2, 57, 58, 5000]))).decode()} for _ in range(rnd.randint(1, 3))]
    made["_boxes"] = {"from": boxes["from"], "reply_to": boxes["reply_to"], "cc": copies}
    return {key: value for key, value in made.items() if value is not None}


def ascii_address(where):
    local, domain = where.split("@")
    return local + "@" + (domain if domain.isascii() else domain.encode("idna").decode())


def lines(value):
    """A text as mail has it: lines, and nothing at the end that a line's end would not show."""
    return re.sub("\r\n|\r|\n", "\n", value).rstrip("\n")


def expected(made):
    boxes = made["_boxes"]
    return {"subject": made["subject"], "from": [boxes["from"]], "reply_to": [boxes["reply_to"]], "cc": boxes["cc"], "to": [[None, made["to"]]],
            "text": lines(made["body"]), "html": lines(made.get("html", "")) or None,
            "message_id": "<%s@%s>" % (made["delivery"], ascii_address(boxes["from"][1]).split("@")[1]), "date": made["created_ms"],
            "attachments": [[a["filename"], a["content_type"].split(";")[0], a["content"]] for a in made.get("attachments", [])]}


def decoded(value):
    return str(email.header.make_header(email.header.decode_header(value)))


def by_python(mail):
    read = email.message_from_bytes(mail.encode(), policy=email.policy.default)
    body, html = read.get_body(("plain",)), read.get_body(("html",))

    # The policy's own parser puts a blank between two encoded words of a name, so names are decoded by the older one.
    def people(name):
        return [[decoded(box[0]), box[1]] for box in email.utils.getaddresses([raw(mail, name)] if re.search("(?m)^%s:" % name, mail) else [])]

    return {"subject": decoded(raw(mail, "Subject")),
            "from": people("From"), "reply_to": people("Reply-To"), "cc": people("Cc"), "to": people("To"),
            "text": lines(body.get_payload(decode=True).decode()), "html": lines(html.get_payload(decode=True).decode() if html else "") or None,
            "message_id": raw(mail, "Message-ID").strip(), "date": int(email.utils.parsedate_to_datetime(raw(mail, "Date")).timestamp()) * 1000,
            "attachments": [[a.get_filename(), a.get_content_type(), base64.b64encode(a.get_payload(decode=True)).decode()] for a in read.iter_attachments()]}


def raw(mail, name):
    """A header without its folds."""
    return re.sub("\r\n(?=[ \t])", "", re.search("(?m)^" + name + ": ?((?:.|\r\n[ \t])*?)\r\n(?![ \t])", mail).group(1))


def form(made, mail, envelope):
    """What no parser says: lengths, and headers that machines read."""
    head, _, body = mail.partition("\r\n\r\n")
    wrong = []
    if re.search("(?<!\r)\n|\r(?!\n)", mail):
        wrong.append("a bare CR or LF")
    wrong += ["a header line of %d: %s" % (len(line), line) for line in head.split("\r\n") if len(line) > 78 and not re.match(" ?<?\\S+$", line.split(":", 1)[-1].strip() or "x")]
    wrong += ["a line of %d" % len(line) for line in mail.split("\r\n") if len(line) > 998]
    wrong += ["a line of the body of %d" % len(line) for line in body.split("\r\n") if len(line) > 78 and not line.startswith(" ")]
    if not mail.isascii():
        wrong.append("not ASCII")
    if re.search("(?m)^(From |\\.)", body):
        wrong.append("a line that mailboxes or SMTP take for something else")
    names = re.findall("(?m)^([A-Za-z-]+):", head)
    if len(set(names)) != len(names):
        wrong.append("a header twice: %s" % names)
    known = set("Date From Reply-To To Cc Subject Message-ID List-Unsubscribe List-Unsubscribe-Post Auto-Submitted Importance Content-Language MIME-Version "
                "Content-Type Content-Transfer-Encoding".split())
    if not set(names) <= known:
        wrong.append("a header of somebody's: %s" % (set(names) - known))
    unsubscribe = made.get("unsubscribe")
    if ("List-Unsubscribe" in names) != bool(unsubscribe) or ("List-Unsubscribe-Post" in names) != bool(unsubscribe and unsubscribe.startswith("https:")):
        wrong.append("List-Unsubscribe: %s" % names)
    if envelope["return_path"] != "bounces+%s@example.org" % made["delivery"]:
        wrong.append(envelope["return_path"])
    everybody = dict.fromkeys(ascii_address(a).lower() for a in [made["to"]] + [box[1] for box in made["_boxes"]["cc"]] + made["bcc"])
    if [a.lower() for a in envelope["recipients"]] != list(everybody):
        wrong.append("recipients: %s" % envelope["recipients"])
    return wrong


def differences(want, got, who):
    for name, value in want.items():
        ours = got[name]
        if name in ("from", "reply_to", "cc", "to"): # mailparser shows the letters of an xn-- domain
            value, ours = [[[box[0] or None, ascii_address(box[1])] for box in boxes] for boxes in (value, ours)]
        if value != ours:
            yield "%s: %s: expected %r, got %r" % (who, name, value, ours)


def check(cases, mails, reads):
    for case_line, mail_line, read_line in zip(open(cases), open(mails), open(reads), strict=True):
        made, answer, read = json.loads(case_line), json.loads(mail_line), json.loads(read_line)
        if "refused" in answer:
            print("refused:", answer["refused"], case_line[:300])
            continue
        want = expected(made)
        for problem in form(made, answer["mail"], answer):
            print("form:", problem)
        for problem in differences(want, by_python(answer["mail"]), "email"):
            print(problem)
        read["text"], read["html"] = lines(read["text"]), lines(read["html"] or "") or None
        for problem in differences(want, read, "mailparser"):
            print(problem)


if sys.argv[1] == "cases":
    rnd = random.Random(int(sys.argv[2]))
    for _ in range(int(sys.argv[3])):
        print(json.dumps(case(rnd)))
else:
    check(*sys.argv[2:])
