// receiver.cjs - receives what our senders send and reads it with other people's code: webhooks by standardwebhooks and svix, Web
// Push by http_ece. It prints a line a request.
//
//   node receiver.cjs DIRECTORY    writes its port to DIRECTORY/port and a push subscription to DIRECTORY/subscription; what comes to
//                                  /gone, as to a subscription that has ended, is answered with 410
//
// In the environment: SECRETS, "whsec_… whsec_…", each to verify with; PUBLIC_KEY, "whpk_…", of v1a.
const crypto = require("crypto");
const fs = require("fs");
const http = require("http");
const ece = require("http_ece");
const { Webhook } = require("standardwebhooks");
const svix = require("svix");
const webpush = require("web-push");

const directory = process.argv[2];
const browser = crypto.createECDH("prime256v1");
browser.generateKeys();
const auth = crypto.randomBytes(16);

const accepts = (verify) => {
  try {
    verify();
    return "yes";
  } catch (error) {
    return "no";
  }
};

function verifyPublic(headers, body) {
  const raw = Buffer.from(process.env.PUBLIC_KEY.slice("whpk_".length), "base64");
  const key = crypto.createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: raw.toString("base64url") }, format: "jwk" });
  const signature = headers["webhook-signature"].split(" ").find((one) => one.startsWith("v1a,"));
  const text = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  return crypto.verify(null, Buffer.from(text), key, Buffer.from(signature.slice(4), "base64")) ? "yes" : "no";
}

function webhook(headers, body) {
  const text = body.toString();
  const results = process.env.SECRETS.split(" ").map(
    (secret) =>
      accepts(() => new Webhook(secret).verify(text, headers)) + "/" + accepts(() => new svix.Webhook(secret).verify(text, headers)),
  );
  return `webhook ${results.join(" ")} v1a:${verifyPublic(headers, text)} ${JSON.parse(text).data.subject}`;
}

function verifyVapid(authorization, origin) {
  const [, token, key] = authorization.match(/^vapid t=([^,]+), k=(.+)$/);
  const [head, claims, signature] = token.split(".");
  const point = Buffer.from(key, "base64url");
  const jwk = { kty: "EC", crv: "P-256", x: point.subarray(1, 33).toString("base64url"), y: point.subarray(33).toString("base64url") };
  const verified = crypto.verify(
    "sha256",
    Buffer.from(`${head}.${claims}`),
    { key: crypto.createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" },
    Buffer.from(signature, "base64url"),
  );
  const { aud, sub, exp } = JSON.parse(Buffer.from(claims, "base64url"));
  const left = exp - Date.now() / 1000;
  return verified && aud === origin && left > 0 && left <= 86400 ? sub : "not verified";
}

function push(headers, body) {
  const text = ece.decrypt(body, { version: "aes128gcm", privateKey: browser, authSecret: auth });
  const sub = verifyVapid(headers.authorization, `http://127.0.0.1:${server.address().port}`);
  const { title, body: message } = JSON.parse(text);
  return `push ${sub} ${headers.ttl} ${headers.urgency} ${title}: ${[...message].length} ${message.slice(0, 12)}`;
}

// The keys that web-push takes are of the form that we give out: it signs with one of ours where the test names it.
function signAs(key) {
  return accepts(() => webpush.getVapidHeaders("https://push.example.net", "mailto:a@example.org", key.publicKey, key.privateKey, "aes128gcm"));
}

const server = http.createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const body = Buffer.concat(parts);
    let line;
    try {
      line = request.url === "/keys" ? `keys ${signAs(JSON.parse(body))}` : request.url === "/gone" ? "gone" : request.url === "/push" ? push(request.headers, body) : webhook(request.headers, body);
    } catch (error) {
      line = `error ${error.stack}`;
    }
    console.log(line);
    response.writeHead(request.url === "/gone" ? 410 : 201).end();
  });
});
server.listen(0, "127.0.0.1", () => {
  const port = server.address().port;
  const subscription = {
    endpoint: `http://127.0.0.1:${port}/push`,
    expirationTime: null,
    keys: { p256dh: browser.getPublicKey("base64url"), auth: auth.toString("base64url") },
  };
  fs.writeFileSync(`${directory}/subscription`, JSON.stringify(subscription));
  fs.writeFileSync(`${directory}/port.new`, String(port));
  fs.renameSync(`${directory}/port.new`, `${directory}/port`);
});
