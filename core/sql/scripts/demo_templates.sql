-- The demonstration's templates, in English, French and Japanese: an approved order, a digest, a system event, and the footer
-- that they take in. Each line is what `nightbell templates import` takes.
CREATE TABLE nightbell_demo.templates (ordinal int GENERATED ALWAYS AS IDENTITY, document text NOT NULL);
INSERT INTO nightbell_demo.templates (document) VALUES
    ($json${"template_code": "footer", "description": "What ends every mail and message",
     "variables": [{"name": "company", "default": "acme"}],
     "texts": [
      {"channel": "*", "locale": "default", "body_template": "-- \n{{company}}", "html_template": "<hr><p>{{company}}</p>"},
      {"channel": "*", "locale": "fr", "body_template": "-- \n{{company}}, l'équipe", "html_template": "<hr><p>{{company}}, l'équipe</p>"},
      {"channel": "*", "locale": "ja", "body_template": "-- \n{{company}} より", "html_template": "<hr><p>{{company}} より</p>"}]}$json$),
    ($json${"template_code": "po_approved", "description": "A purchase order was approved",
     "variables": [{"name": "po.number", "required": true}, {"name": "po.supplier", "required": true}, {"name": "po.amount", "type": "number", "required": true}, {"name": "po.currency", "default": "EUR"}, {"name": "po.approved_by"}, {"name": "po.lines", "type": "list", "default": []}, {"name": "link"}],
     "texts": [
      {"channel": "in_app", "locale": "default", "subject": "Order {{po.number}} approved", "body_template": "{{po.supplier}}: {{po.amount}} {{po.currency}}{{#po.approved_by}}, by {{po.approved_by}}{{/po.approved_by}}"},
      {"channel": "in_app", "locale": "fr", "subject": "Commande {{po.number}} approuvée", "body_template": "{{po.supplier}} : {{po.amount}} {{po.currency}}{{#po.approved_by}}, par {{po.approved_by}}{{/po.approved_by}}"},
      {"channel": "in_app", "locale": "ja", "subject": "注文 {{po.number}} 承認済み", "body_template": "{{po.supplier}}: {{po.amount}} {{po.currency}}{{#po.approved_by}} (承認者: {{po.approved_by}}){{/po.approved_by}}"},
      {"channel": "email", "locale": "default", "subject": "Order {{po.number}} approved", "body_template": "Hello {{user.name}},\n\nOrder {{po.number}} with {{po.supplier}} is approved: {{po.amount}} {{po.currency}}{{#po.approved_by}}, by {{po.approved_by}}{{/po.approved_by}}\n{{#po.lines}}\n- {{quantity}} x {{article}}\n{{/po.lines}}\n{{#link}}\n\nSee the order: {{link}}\n{{/link}}\n\n{{> footer}}\n", "html_template": "<p>Hello {{user.name}},</p>\n<p>Order {{po.number}} with {{po.supplier}} is approved: {{po.amount}} {{po.currency}}{{#po.approved_by}}, by {{po.approved_by}}{{/po.approved_by}}</p>\n<ul>\n{{#po.lines}}\n<li>{{quantity}} &times; {{article}}</li>\n{{/po.lines}}\n</ul>\n{{#link}}\n<p><a href=\"{{link}}\">See the order</a></p>\n{{/link}}\n{{> footer}}\n"},
      {"channel": "email", "locale": "fr", "subject": "Commande {{po.number}} approuvée", "body_template": "Bonjour {{user.name}},\n\nLa commande {{po.number}} chez {{po.supplier}} est approuvée : {{po.amount}} {{po.currency}}{{#po.approved_by}}, par {{po.approved_by}}{{/po.approved_by}}\n{{#po.lines}}\n- {{quantity}} x {{article}}\n{{/po.lines}}\n{{#link}}\n\nVoir la commande: {{link}}\n{{/link}}\n\n{{> footer}}\n", "html_template": "<p>Bonjour {{user.name}},</p>\n<p>La commande {{po.number}} chez {{po.supplier}} est approuvée : {{po.amount}} {{po.currency}}{{#po.approved_by}}, par {{po.approved_by}}{{/po.approved_by}}</p>\n<ul>\n{{#po.lines}}\n<li>{{quantity}} &times; {{article}}</li>\n{{/po.lines}}\n</ul>\n{{#link}}\n<p><a href=\"{{link}}\">Voir la commande</a></p>\n{{/link}}\n{{> footer}}\n"},
      {"channel": "email", "locale": "ja", "subject": "注文 {{po.number}} 承認済み", "body_template": "{{user.name}} 様\n\n{{po.supplier}} への注文 {{po.number}} が承認されました: {{po.amount}} {{po.currency}}{{#po.approved_by}} (承認者: {{po.approved_by}}){{/po.approved_by}}\n{{#po.lines}}\n- {{quantity}} x {{article}}\n{{/po.lines}}\n{{#link}}\n\n注文を見る: {{link}}\n{{/link}}\n\n{{> footer}}\n", "html_template": "<p>{{user.name}} 様</p>\n<p>{{po.supplier}} への注文 {{po.number}} が承認されました: {{po.amount}} {{po.currency}}{{#po.approved_by}} (承認者: {{po.approved_by}}){{/po.approved_by}}</p>\n<ul>\n{{#po.lines}}\n<li>{{quantity}} &times; {{article}}</li>\n{{/po.lines}}\n</ul>\n{{#link}}\n<p><a href=\"{{link}}\">注文を見る</a></p>\n{{/link}}\n{{> footer}}\n"},
      {"channel": "sms", "locale": "default", "body_template": "Order {{po.number}} approved: {{po.amount}} {{po.currency}}"},
      {"channel": "sms", "locale": "fr", "body_template": "Commande {{po.number}} approuvée : {{po.amount}} {{po.currency}}"},
      {"channel": "sms", "locale": "ja", "body_template": "注文 {{po.number}} 承認: {{po.amount}} {{po.currency}}"}]}$json$),
    ($json${"template_code": "digest", "description": "What was held until now, in one message",
     "variables": [{"name": "count", "type": "number", "required": true}, {"name": "groups", "type": "list", "required": true, "description": "What was held, by type: title, count, items (title, message)"}, {"name": "more", "type": "number", "default": 0}],
     "texts": [
      {"channel": "email", "locale": "default", "subject": "{{count}} notifications", "body_template": "Hello {{user.name}},\n\nthis is what has happened:\n{{#groups}}\n\n{{title}} ({{count}})\n{{#items}}\n- {{title}}\n{{/items}}\n{{/groups}}\n{{#more}}\n\nand {{more}} more\n{{/more}}\n\n{{> footer}}\n", "html_template": "<p>Hello {{user.name}},</p>\n<p>this is what has happened:</p>\n{{#groups}}\n<h3>{{title}} ({{count}})</h3>\n<ul>\n{{#items}}\n<li>{{title}}</li>\n{{/items}}\n</ul>\n{{/groups}}\n{{#more}}\n<p>and {{more}} more</p>\n{{/more}}\n{{> footer}}\n"},
      {"channel": "email", "locale": "fr", "subject": "{{count}} notifications", "body_template": "Bonjour {{user.name}},\n\nvoici ce qui s'est passé :\n{{#groups}}\n\n{{title}} ({{count}})\n{{#items}}\n- {{title}}\n{{/items}}\n{{/groups}}\n{{#more}}\n\net {{more}} autres\n{{/more}}\n\n{{> footer}}\n", "html_template": "<p>Bonjour {{user.name}},</p>\n<p>voici ce qui s'est passé :</p>\n{{#groups}}\n<h3>{{title}} ({{count}})</h3>\n<ul>\n{{#items}}\n<li>{{title}}</li>\n{{/items}}\n</ul>\n{{/groups}}\n{{#more}}\n<p>et {{more}} autres</p>\n{{/more}}\n{{> footer}}\n"},
      {"channel": "email", "locale": "ja", "subject": "お知らせ {{count}} 件", "body_template": "{{user.name}} 様\n\nお知らせをまとめてお送りします:\n{{#groups}}\n\n{{title}} ({{count}})\n{{#items}}\n- {{title}}\n{{/items}}\n{{/groups}}\n{{#more}}\n\nほか {{more}} 件\n{{/more}}\n\n{{> footer}}\n", "html_template": "<p>{{user.name}} 様</p>\n<p>お知らせをまとめてお送りします:</p>\n{{#groups}}\n<h3>{{title}} ({{count}})</h3>\n<ul>\n{{#items}}\n<li>{{title}}</li>\n{{/items}}\n</ul>\n{{/groups}}\n{{#more}}\n<p>ほか {{more}} 件</p>\n{{/more}}\n{{> footer}}\n"},
      {"channel": "sms", "locale": "default", "body_template": "{{count}} notifications:{{#groups}} {{title}} ({{count}}){{/groups}}"},
      {"channel": "sms", "locale": "fr", "body_template": "{{count}} notifications :{{#groups}} {{title}} ({{count}}){{/groups}}"},
      {"channel": "sms", "locale": "ja", "body_template": "お知らせ {{count}} 件:{{#groups}} {{title}} ({{count}}){{/groups}}"}]}$json$),
    ($json${"template_code": "system_event", "description": "A system event needs attention",
     "variables": [{"name": "eventId", "type": "number", "required": true}, {"name": "eventType", "required": true}, {"name": "severity", "required": true}, {"name": "description", "required": true}, {"name": "source", "default": "unknown"}, {"name": "details", "type": "object", "default": {}}],
     "texts": [
      {"channel": "in_app", "locale": "default", "subject": "{{eventType}}: {{severity}}", "body_template": "{{description}} (from {{source}})"},
      {"channel": "in_app", "locale": "fr", "subject": "{{eventType}} : {{severity}}", "body_template": "{{description}} (de {{source}})"},
      {"channel": "in_app", "locale": "ja", "subject": "{{eventType}}: {{severity}}", "body_template": "{{description}} (発生元: {{source}})"},
      {"channel": "email", "locale": "default", "subject": "[{{severity}}] {{eventType}}: {{description}}", "body_template": "[{{severity}}] {{eventType}} #{{eventId}}\n\n{{description}}\n\nSource: {{source}}\nDetails: {{details}}\n\n{{> footer}}\n", "html_template": "<p><b>[{{severity}}] {{eventType}} #{{eventId}}</b></p>\n<p>{{description}}</p>\n<p>Source: {{source}}<br>Details: <code>{{details}}</code></p>\n{{> footer}}\n"},
      {"channel": "email", "locale": "fr", "subject": "[{{severity}}] {{eventType}} : {{description}}", "body_template": "[{{severity}}] {{eventType}} #{{eventId}}\n\n{{description}}\n\nSource: {{source}}\nDétails: {{details}}\n\n{{> footer}}\n", "html_template": "<p><b>[{{severity}}] {{eventType}} #{{eventId}}</b></p>\n<p>{{description}}</p>\n<p>Source: {{source}}<br>Détails: <code>{{details}}</code></p>\n{{> footer}}\n"},
      {"channel": "email", "locale": "ja", "subject": "[{{severity}}] {{eventType}}: {{description}}", "body_template": "[{{severity}}] {{eventType}} #{{eventId}}\n\n{{description}}\n\n発生元: {{source}}\n詳細: {{details}}\n\n{{> footer}}\n", "html_template": "<p><b>[{{severity}}] {{eventType}} #{{eventId}}</b></p>\n<p>{{description}}</p>\n<p>発生元: {{source}}<br>詳細: <code>{{details}}</code></p>\n{{> footer}}\n"},
      {"channel": "sms", "locale": "default", "body_template": "{{severity}}: {{description}}"},
      {"channel": "sms", "locale": "fr", "body_template": "{{severity}} : {{description}}"},
      {"channel": "sms", "locale": "ja", "body_template": "{{severity}}: {{description}}"}]}$json$);

DO $do$
DECLARE
    problem text;
BEGIN
    SELECT format('%s: %s', i.ordinal, i.message) INTO problem
    FROM nightbell_demo.tenants t
        CROSS JOIN LATERAL nightbell.import_templates(t.id, ARRAY(SELECT d.document FROM nightbell_demo.templates d ORDER BY d.ordinal)) AS i
    WHERE i.sqlstate IS NOT NULL LIMIT 1;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION 'a template of the demonstration is refused: %', problem;
    END IF;
END
$do$;
