// Reads mails with mailparser: of each line {"mail": "..."} what a person would see of it, as a line of JSON.
const { simpleParser } = require("mailparser");
const lines = require("fs").readFileSync(0, "utf8").split("\n").filter((line) => line);

const people = (list) => (list ? list.value.map((person) => [person.name, person.address]) : []);

(async () => {
    for (const line of lines) {
        const { mail } = JSON.parse(line);
        const read = mail === undefined ? null : await simpleParser(mail, { skipHtmlToText: true, skipTextToHtml: true, skipTextLinks: true });
        console.log(JSON.stringify(read && {
            subject: read.subject, from: people(read.from), to: people(read.to), cc: people(read.cc), reply_to: people(read.replyTo),
            text: read.text || "", html: read.html || null, message_id: read.messageId, date: read.date.getTime(),
            attachments: read.attachments.map((a) => [a.filename, a.contentType, a.content.toString("base64")]),
        }));
    }
})();
