/* Push: RFC 8291's own example, tokens by VAPID, what a push service and FCM get and answer. */
#include "tests/lib/unit.h"

#include <jansson.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include "base/base64.h"
#include "base/clock.h"
#include "channels/vapid.h"
#include "channels/webpush_crypt.h"
#include "tests/lib/sending.h"

/* RFC 8291, section 5 and appendix A */
#define UA_PUBLIC "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
#define UA_AUTH   "BTBZMqHH6r4Tts7J_aSIgg"
#define AS_PUBLIC "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
#define AS_SECRET "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
#define SALT      "DGv6ra1nlYgDCS1FRnbzlw"
#define TEXT      "When I grow up, I want to be a watermelon"
#define BODY                                                                                                           \
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_"                                                                   \
    "c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7"                                              \
    "A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"

static struct sending sending;
static struct web_server *server;
static char *subscription_here;

static unsigned char *bytes(const char *text, size_t *size)
{
    unsigned char *decoded = nb_base64url_decode(text, strlen(text), size);

    assert_non_null(decoded);
    return decoded;
}

static char *subscription_json(const char *endpoint)
{
    return nb_asprintf("{\"endpoint\": \"%s\", \"expirationTime\": null, \"keys\": {\"p256dh\": \"" UA_PUBLIC
                       "\", \"auth\": \"" UA_AUTH "\"}}",
                       endpoint);
}

static EVP_PKEY *pair(const char *secret, const char *public_key)
{
    size_t secret_size, public_size;
    unsigned char *secret_bytes = bytes(secret, &secret_size), *public_bytes = bytes(public_key, &public_size);
    BIGNUM *number = BN_bin2bn(secret_bytes, (int)secret_size, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    OSSL_PARAM *parameters;
    EVP_PKEY *key = NULL;

    OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, number);
    OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, public_bytes, public_size);
    parameters = OSSL_PARAM_BLD_to_param(builder);
    assert_int_equal(EVP_PKEY_fromdata_init(context), 1);
    assert_int_equal(EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, parameters), 1);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    EVP_PKEY_CTX_free(context);
    BN_free(number);
    free(secret_bytes);
    free(public_bytes);
    return key;
}

static void encrypts_the_example_of_rfc_8291(void **state)
{
    char *json = subscription_json("https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV");
    struct nb_subscription subscription;
    struct nb_webpush_crypt *crypt;
    struct nb_strbuf body, text;
    EVP_PKEY *key = pair(AS_SECRET, AS_PUBLIC);
    size_t salt_size;
    unsigned char *salt = bytes(SALT, &salt_size);

    (void)state;
    assert_int_equal(nb_subscription_parse(&subscription, json, NULL), 0);
    assert_string_equal(subscription.endpoint, "https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV");
    assert_int_equal(nb_webpush_crypt_new(&crypt, NULL), 0);
    nb_strbuf_init(&body, 4096);
    nb_strbuf_init(&text, 8192);
    assert_int_equal(nb_webpush_encrypt_with(&body, crypt, &subscription, TEXT, strlen(TEXT), key, salt, NULL), 0);
    nb_base64url_append(&text, (const unsigned char *)body.data, body.length);
    assert_string_equal(text.data, BODY);

    /* otherwise each message has a key and a salt of its own */
    nb_strbuf_reset(&body);
    nb_strbuf_reset(&text);
    assert_int_equal(nb_webpush_encrypt(&body, crypt, &subscription, TEXT, strlen(TEXT), NULL), 0);
    assert_int_equal(body.length, 144);
    nb_strbuf_append_n(&text, body.data, body.length);
    nb_strbuf_reset(&body);
    assert_int_equal(nb_webpush_encrypt(&body, crypt, &subscription, TEXT, strlen(TEXT), NULL), 0);
    assert_memory_not_equal(body.data, text.data, 16);
    assert_memory_not_equal(body.data + 21, text.data + 21, 65);
    nb_strbuf_clear(&body);
    nb_strbuf_clear(&text);
    nb_webpush_crypt_free(&crypt);
    nb_subscription_clear(&subscription);
    EVP_PKEY_free(key);
    free(salt);
    free(json);
}

static void refuses_what_cannot_be_encrypted(void **state)
{
    char *json = subscription_json("https://push.example.net/x"), *long_text = nb_calloc(1, 4000);
    struct nb_subscription subscription;
    struct nb_webpush_crypt *crypt;
    struct nb_error err = {0};
    struct nb_strbuf body;

    (void)state;
    memset(long_text, 'x', 3999);
    nb_strbuf_init(&body, 4096);
    assert_int_equal(nb_webpush_crypt_new(&crypt, NULL), 0);
    assert_int_equal(nb_subscription_parse(&subscription, json, NULL), 0);
    assert_int_equal(nb_webpush_encrypt(&body, crypt, &subscription, long_text, 3994, &err), NB_EINVALID);
    assert_int_equal(nb_webpush_encrypt(&body, crypt, &subscription, long_text, 3993, &err), 0);
    assert_int_equal(body.length, 4096);
    subscription.key[40] ^= 1; /* not on the curve: an attacker could learn from what we answer */
    assert_int_equal(nb_webpush_encrypt(&body, crypt, &subscription, "x", 1, &err), NB_EINVALID);
    assert_string_equal(err.message, "the subscription's keys.p256dh is no point of P-256");
    nb_strbuf_clear(&body);
    nb_webpush_crypt_free(&crypt);
    nb_subscription_clear(&subscription);
    free(long_text);
    free(json);
}

static void subscriptions_are_read_strictly(void **state)
{
    static const char *const wrong[] = {
        "",
        "null",
        "[]",
        "{}",
        "{\"endpoint\": 5}",
        "{\"endpoint\": \"https://a.example/\"}",
        "{\"endpoint\": \"https://a.example/\", \"keys\": []}",
        "{\"endpoint\": \"https://a.example/\", \"keys\": {\"p256dh\": \"AAAA\", \"auth\": \"" UA_AUTH "\"}}",
        "{\"endpoint\": \"https://a.example/\", \"keys\": {\"p256dh\": \"" UA_PUBLIC "\", \"auth\": \"AAAA\"}}",
        "{\"endpoint\": \"ftp://a.example/\", \"keys\": {\"p256dh\": \"" UA_PUBLIC "\", \"auth\": \"" UA_AUTH "\"}}",
        "{\"endpoint\": \"https://a.example/\\n\", \"keys\": {\"p256dh\": \"" UA_PUBLIC "\", \"auth\": \"" UA_AUTH
        "\"}}"};
    struct nb_subscription subscription;
    struct nb_error err;

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(wrong); i++) {
        err.message[0] = '\0';
        if (nb_subscription_parse(&subscription, wrong[i], &err) != NB_EINVALID || !err.message[0])
            fail_msg("%s", wrong[i]);
        nb_subscription_clear(&subscription);
    }
}

/* ---- VAPID ---- */

static json_t *jwt_part(const char *from, size_t length)
{
    size_t size;
    unsigned char *decoded = nb_base64url_decode(from, length, &size);
    json_t *part;

    assert_non_null(decoded);
    assert_non_null(part = json_loadb((const char *)decoded, size, 0, NULL));
    free(decoded);
    return part;
}

static void tokens_are_for_an_origin_and_kept(void **state)
{
    const int64_t now = INT64_C(1796040000) * 1000000, hour = INT64_C(3600) * 1000000;
    struct nb_strbuf pem;
    struct nb_vapid *vapid;
    const char *authorization, *claims;
    char *first, *suffix;
    json_t *json;

    (void)state;
    nb_strbuf_init(&pem, 4096);
    nb_vapid_generate(&pem);
    assert_int_equal(nb_vapid_new(&vapid, pem.data, "mailto:ops@example.org", NULL), 0);
    assert_int_equal(strlen(nb_vapid_public_key(vapid)), 87);
    assert_int_equal(nb_vapid_authorization(&authorization, vapid, "https://push.example.net", now, NULL), 0);
    assert_memory_equal(authorization, "vapid t=", 8);
    suffix = nb_asprintf(", k=%s", nb_vapid_public_key(vapid));
    assert_string_equal(strchr(authorization, ','), suffix);
    json = jwt_part(authorization + 8, strcspn(authorization + 8, "."));
    assert_string_equal(json_string_value(json_object_get(json, "alg")), "ES256");
    json_decref(json);
    claims = strchr(authorization, '.') + 1;
    json = jwt_part(claims, strcspn(claims, "."));
    assert_string_equal(json_string_value(json_object_get(json, "aud")), "https://push.example.net");
    assert_string_equal(json_string_value(json_object_get(json, "sub")), "mailto:ops@example.org");
    assert_int_equal(json_integer_value(json_object_get(json, "exp")), 1796040000 + 12 * 3600);
    json_decref(json);

    first = nb_strdup(authorization);
    assert_int_equal(nb_vapid_authorization(&authorization, vapid, "https://push.example.net", now + 10 * hour, NULL),
                     0);
    assert_string_equal(authorization, first);
    assert_int_equal(nb_vapid_authorization(&authorization, vapid, "https://push.example.net", now + 11 * hour, NULL),
                     0);
    assert_string_not_equal(authorization, first);
    /* users name origins: many push the older ones out */
    for (int i = 0; i < 500; i++) {
        char origin[64];

        snprintf(origin, sizeof(origin), "https://%d.example", i);
        assert_int_equal(nb_vapid_authorization(&authorization, vapid, origin, now, NULL), 0);
    }
    free(first);
    free(suffix);
    nb_vapid_free(&vapid);
    assert_int_equal(nb_vapid_new(&vapid, "no PEM", "mailto:a@b", NULL), NB_EINVALID);
    nb_strbuf_clear(&pem);
}

/* ---- what is sent ---- */

static char *account_json(void)
{
    EVP_PKEY *key = EVP_RSA_gen(2048);
    BIO *bio = BIO_new(BIO_s_mem());
    char *pem, *text, *copy;
    json_t *account;
    long length;

    assert_int_equal(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
    length = BIO_get_mem_data(bio, &pem);
    copy = nb_strndup(pem, (size_t)length);
    account =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "type", "service_account", "project_id", "nb-test",
                  "private_key_id", "k1", "private_key", copy, "client_email", "sender@nb-test.iam.gserviceaccount.com",
                  "token_uri", web_server_url(server, "127.0.0.1", "/token"));
    text = json_dumps(account, 0);
    json_decref(account);
    free(copy);
    BIO_free(bio);
    EVP_PKEY_free(key);
    return text;
}

/* With a time limit that a loaded machine keeps, or one that is waited for. */
static void start(const char *time_limit)
{
    struct nb_strbuf pem;
    struct nb_error err = {0};
    char *account, *configuration;

    nb_strbuf_init(&pem, 4096);
    nb_vapid_generate(&pem);
    account = account_json();
    configuration = nb_asprintf("[network]\nallow = 127.0.0.1\n[channel.push]\nkind = push\nvapid_key_file = %s\n"
                                "vapid_subject = mailto:ops@example.org\nfcm_account_file = %s\n"
                                "fcm_url = http://127.0.0.1:%d\ntime_limit = %s\nttl = 1h\n",
                                sending_file(&sending, "vapid.pem", pem.data),
                                sending_file(&sending, "fcm.json", account), web_server_port(server), time_limit);
    if (sending_start(&sending, configuration, &err) < 0)
        fail_msg("%s", err.message);
    nb_strbuf_clear(&pem);
    free(account);
    free(configuration);
}

static int setup(void **state)
{
    (void)state;
    sending_init(&sending);
    server = web_server_new(sending.loop);
    start("30s");
    subscription_here = subscription_json(web_server_url(server, "127.0.0.1", "/push/1"));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    nb_free(&subscription_here);
    web_server_free(&server);
    sending_clear(&sending);
    return 0;
}

static struct nb_message message_to(const char *platform, const char *address)
{
    struct nb_message message = {.channel = "push",
                                 .type = "build.failed",
                                 .urgency = "critical",
                                 .subject = "Build 17 failed",
                                 .body = "It did",
                                 .link = "https://ci.example.org/17",
                                 .target = {.platform = platform, .address = address}};

    memset(&message.delivery, 0x11, 16);
    return message;
}

static void browsers_get_what_only_they_can_read(void **state)
{
    struct nb_message message = message_to("web", subscription_here);
    struct sent sent;
    size_t length;

    (void)state;
    web_server_reply(server, 201, "Location: https://push.example.net/message/7\r\n", "");
    sent = sending_send(&sending, &message);
    assert_int_equal(sent.outcome, NB_SEND_SENT);
    assert_string_equal(sent.message_id, "https://push.example.net/message/7");
    assert_memory_equal(web_server_head(server), "POST /push/1 HTTP/1.1\r\n", 23);
    assert_string_equal(web_server_header(server, "content-encoding"), "aes128gcm");
    assert_string_equal(web_server_header(server, "ttl"), "3600");
    assert_string_equal(web_server_header(server, "urgency"), "high");
    assert_string_equal(web_server_header(server, "topic"), "EREREREREREREREREREREQ");
    assert_memory_equal(web_server_header(server, "authorization"), "vapid t=ey", 10);
    web_server_body(server, &length);
    assert_in_range(length, 150, 400);
}

static void browsers_services_answer(void **state)
{
    static const struct {
        int status;
        enum nb_send_outcome outcome;
        bool ended;
        int64_t retry_after_ms;
    } cases[] = {{201, NB_SEND_SENT, false, -1},   {202, NB_SEND_SENT, false, -1},    {400, NB_SEND_FAILED, false, -1},
                 {403, NB_SEND_FAILED, false, -1}, {404, NB_SEND_FAILED, true, -1},   {410, NB_SEND_FAILED, true, -1},
                 {413, NB_SEND_FAILED, false, -1}, {429, NB_SEND_RETRY, false, 9000}, {500, NB_SEND_RETRY, false, -1},
                 {302, NB_SEND_FAILED, false, -1}};
    struct nb_message message = message_to("web", subscription_here);

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        struct sent sent;

        web_server_reply(server, cases[i].status, cases[i].status == 429 ? "Retry-After: 9\r\n" : "", "");
        sent = sending_send(&sending, &message);
        if (sent.outcome != cases[i].outcome || sent.address_ended != cases[i].ended ||
            sent.retry_after_ms != cases[i].retry_after_ms)
            fail_msg("%d: %d %d %lld", cases[i].status, sent.outcome, sent.address_ended,
                     (long long)sent.retry_after_ms);
    }
}

static void a_subscription_is_an_address_of_a_user(void **state)
{
    char *near = subscription_json("http://127.0.0.2:80/"), *cloud = subscription_json("http://169.254.169.254/");
    const char *const addresses[] = {near, cloud, "{}", "no JSON"};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(addresses); i++) {
        struct nb_message message = message_to("web", addresses[i]);

        assert_int_equal(sending_send(&sending, &message).outcome, NB_SEND_FAILED);
    }
    assert_int_equal(web_server_connections(server), 0);
    free(near);
    free(cloud);
}

static void long_texts_are_cut(void **state)
{
    static const char *const pieces[] = {"x", "\"", "\001", "ß", "😀"};

    (void)state;
    web_server_reply(server, 201, "", "{\"access_token\": \"t\", \"expires_in\": 3600}");
    for (size_t i = 0; i < 2 * NB_ARRAY_SIZE(pieces); i++) {
        struct nb_message message = message_to(i % 2 ? "web" : "android", i % 2 ? subscription_here : "token");
        struct nb_strbuf text;
        size_t length;

        nb_strbuf_init(&text, 1 << 20);
        for (int n = 0; n < 20000; n++)
            nb_strbuf_append(&text, pieces[i / 2]);
        message.body = text.data;
        web_server_reply(server, 200, "", "{\"access_token\": \"t\", \"expires_in\": 3600}");
        assert_int_equal(sending_send(&sending, &message).outcome, NB_SEND_SENT);
        web_server_body(server, &length);
        assert_in_range(length, 1000, 4096);
        nb_strbuf_clear(&text);
    }
}

/* ---- FCM ---- */

static int tokens_asked, messages_asked, token_status, message_status;
static const char *message_answer;
static char last_grant[64];

static void google(void *arg, struct web_server *there)
{
    (void)arg;
    if (strncmp(web_server_head(there), "POST /token ", 12) == 0) {
        tokens_asked++;
        snprintf(last_grant, sizeof(last_grant), "%.60s", web_server_body(there, NULL));
        web_server_reply(there, token_status, "",
                         token_status == 200
                             ? "{\"access_token\": \"ya29.x\", \"expires_in\": 3599, \"token_type\": \"Bearer\"}"
                             : "{\"error\": \"invalid_grant\"}");
        return;
    }
    messages_asked++;
    web_server_reply(there, message_status, "", message_answer);
}

static int google_setup(void **state)
{
    tokens_asked = messages_asked = 0;
    token_status = message_status = 200;
    message_answer = "{\"name\": \"projects/nb-test/messages/0:17\"}";
    setup(state);
    web_server_ask(server, google, NULL);
    return 0;
}

static void apps_get_theirs_with_one_token_for_all(void **state)
{
    struct nb_message message = message_to("android", "device-token");
    struct sent gots[20];
    json_t *root, *body;
    const char *text;
    int done = 0;

    (void)state;
    for (int i = 0; i < 20; i++) /* all at once: they wait for the one token */
        sending_begin(&sending, &message, &gots[i]);
    for (int i = 0; i < 20; i++) {
        sending_turn_until(&sending, &gots[i].count, 1);
        done += gots[i].outcome == NB_SEND_SENT;
        assert_string_equal(gots[i].message_id, "projects/nb-test/messages/0:17");
    }
    assert_int_equal(done, 20);
    assert_int_equal(tokens_asked, 1);
    assert_string_equal(last_grant, "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-be");
    sending_send(&sending, &message);
    assert_int_equal(tokens_asked, 1);
    assert_int_equal(messages_asked, 21);
    assert_memory_equal(web_server_head(server), "POST /v1/projects/nb-test/messages:send HTTP/1.1\r\n", 50);
    assert_string_equal(web_server_header(server, "authorization"), "Bearer ya29.x");
    assert_non_null(root = json_loads(web_server_body(server, NULL), 0, NULL));
    body = json_object_get(root, "message");
    assert_string_equal(json_string_value(json_object_get(body, "token")), "device-token");
    text = json_string_value(json_object_get(json_object_get(body, "notification"), "title"));
    assert_string_equal(text, "Build 17 failed");
    text = json_string_value(json_object_get(json_object_get(body, "android"), "priority"));
    assert_string_equal(text, "HIGH");
    text = json_string_value(json_object_get(json_object_get(body, "data"), "id"));
    assert_string_equal(text, "11111111-1111-1111-1111-111111111111");
    json_decref(root);
}

#define FCM_ERROR(status, code)                                                                                        \
    "{\"error\": {\"code\": 400, \"message\": \"m\", \"status\": \"" status "\", \"details\": [{\"@type\": "           \
    "\"type.googleapis.com/google.firebase.fcm.v1.FcmError\", \"errorCode\": \"" code "\"}]}}"

static void googles_errors_mean_different_things(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum nb_send_outcome outcome;
        bool ended, fault;
        int64_t retry_after_ms;
    } cases[] = {
        {404, FCM_ERROR("NOT_FOUND", "UNREGISTERED"), NB_SEND_FAILED, true, false, -1},
        {403, FCM_ERROR("PERMISSION_DENIED", "SENDER_ID_MISMATCH"), NB_SEND_FAILED, true, false, -1},
        {429, FCM_ERROR("RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"), NB_SEND_RETRY, false, true, 60000},
        {503, FCM_ERROR("UNAVAILABLE", "UNAVAILABLE"), NB_SEND_RETRY, false, true, 10000},
        {500, FCM_ERROR("INTERNAL", "INTERNAL"), NB_SEND_RETRY, false, true, 10000},
        {401, FCM_ERROR("UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"), NB_SEND_RETRY, false, true, -1},
        {401, "{\"error\": {\"code\": 401, \"message\": \"m\", \"status\": \"UNAUTHENTICATED\"}}", NB_SEND_RETRY, false,
         true, -1},
        {403, "{\"error\": {\"code\": 403, \"message\": \"m\", \"status\": \"PERMISSION_DENIED\"}}", NB_SEND_RETRY,
         false, true, -1},
        {400,
         "{\"error\": {\"code\": 400, \"message\": \"The registration token is not a valid FCM registration token\", "
         "\"status\": \"INVALID_ARGUMENT\", \"details\": [{\"@type\": "
         "\"type.googleapis.com/google.firebase.fcm.v1.FcmError\", \"errorCode\": \"INVALID_ARGUMENT\"}]}}",
         NB_SEND_FAILED, true, false, -1},
        {400,
         "{\"error\": {\"code\": 400, \"message\": \"Invalid value at 'message.data' near registration token\", "
         "\"status\": \"INVALID_ARGUMENT\", \"details\": [{\"@type\": \"type.googleapis.com/google.rpc.BadRequest\", "
         "\"fieldViolations\": []}]}}",
         NB_SEND_FAILED, false, false, -1},
        {404, "<html>no such project</html>", NB_SEND_FAILED, false, false, -1},
        {502, "garbage", NB_SEND_RETRY, false, true, -1},
        {400, "{\"error\": 5}", NB_SEND_FAILED, false, false, -1},
        {400, "{\"error\": {\"details\": {\"a\": 1}, \"status\": null}}", NB_SEND_FAILED, false, false, -1},
    };
    struct nb_message message = message_to("ios", "device-token");

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        struct sent sent;

        message_status = cases[i].status;
        message_answer = cases[i].body;
        sent = sending_send(&sending, &message);
        if (sent.outcome != cases[i].outcome || sent.address_ended != cases[i].ended ||
            sent.provider_fault != cases[i].fault || sent.retry_after_ms != cases[i].retry_after_ms)
            fail_msg("%s: %d %d %d %lld", cases[i].body, sent.outcome, sent.address_ended, sent.provider_fault,
                     (long long)sent.retry_after_ms);
    }
    assert_int_equal(tokens_asked, 3); /* a new one after each 401 */
}

static void without_a_token_all_are_tried_again(void **state)
{
    struct nb_message message = message_to("android", "device-token");
    struct sent gots[3], sent;
    struct nb_send *sends[3];

    (void)state;
    token_status = 400;
    for (int i = 0; i < 3; i++)
        sends[i] = sending_begin(&sending, &message, &gots[i]);
    nb_send_cancel(&sends[1]); /* while it waits */
    sending_turn_until(&sending, &gots[2].count, 1);
    assert_int_equal(gots[0].outcome, NB_SEND_RETRY);
    assert_true(gots[0].provider_fault);
    assert_string_equal(gots[0].error, "no access token: HTTP 400: {\"error\": \"invalid_grant\"}");
    assert_int_equal(gots[1].count, 0);
    assert_int_equal(messages_asked, 0);
    token_status = 200;
    sent = sending_send(&sending, &message);
    assert_int_equal(sent.outcome, NB_SEND_SENT);
    /* one that is on its way can be cancelled too */
    start("1s");
    assert_int_equal(sending_send(&sending, &message).outcome, NB_SEND_SENT);
    web_server_ask(server, NULL, NULL);
    web_server_set(server, &(struct web_answer){0});
    sends[0] = sending_begin(&sending, &message, &gots[0]);
    nb_send_cancel(&sends[0]);
    assert_int_equal(sending_send(&sending, &message).outcome, NB_SEND_RETRY); /* its second is over */
    assert_int_equal(gots[0].count, 0);
}

static void settings_are_checked_at_the_start(void **state)
{
    static const struct {
        const char *lines, *message;
    } cases[] = {
        {"", "expected vapid_key_file, fcm_account_file or both"},
        {"vapid_key_file = %s/vapid.pem\n", "vapid_subject: expected mailto:ADDRESS"},
        {"vapid_key_file = %s/vapid.pem\nvapid_subject = ops\n", "vapid_subject: expected mailto:ADDRESS"},
        {"vapid_subject = mailto:a@b\nvapid_key_file = %s/fcm.json\n", "expected a private key of P-256 as PEM"},
        {"fcm_account_file = %s/vapid.pem\n", "channels.conf:3: "},
    };

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        struct nb_strbuf text;
        struct nb_error err = {0};
        const char *directory = strstr(cases[i].lines, "%s");

        nb_strbuf_init(&text, 4096);
        nb_strbuf_append(&text, "[channel.push]\nkind = push\n");
        nb_strbuf_append_n(&text, cases[i].lines, directory ? (size_t)(directory - cases[i].lines) : 0);
        nb_strbuf_append(&text, directory ? sending.directory : "");
        nb_strbuf_append(&text, directory ? directory + 2 : "");
        assert_int_equal(sending_start(&sending, text.data, &err), NB_EINVALID);
        if (!strstr(err.message, cases[i].message))
            fail_msg("%s: %s", cases[i].lines, err.message);
        nb_strbuf_clear(&text);
    }
}

#define TEST(name)   cmocka_unit_test_setup_teardown(name, setup, teardown)
#define GOOGLE(name) cmocka_unit_test_setup_teardown(name, google_setup, teardown)
UNIT_MAIN(cmocka_unit_test(encrypts_the_example_of_rfc_8291), cmocka_unit_test(refuses_what_cannot_be_encrypted),
          cmocka_unit_test(subscriptions_are_read_strictly), cmocka_unit_test(tokens_are_for_an_origin_and_kept),
          TEST(browsers_get_what_only_they_can_read), TEST(browsers_services_answer),
          TEST(a_subscription_is_an_address_of_a_user), TEST(long_texts_are_cut),
          GOOGLE(apps_get_theirs_with_one_token_for_all), GOOGLE(googles_errors_mean_different_things),
          GOOGLE(without_a_token_all_are_tried_again), TEST(settings_are_checked_at_the_start))
