journalctl -o json -p warning --since today |
    jq -c '(.MESSAGE // "" | if type != "array" then tostring
                else map(if type == "number" then [.] | implode else tostring end) | join("") end
            | gsub("\u0000"; "") | if . == "" then "(no message)" else .[0:2000] end) as $text
        | (.UNIT // ._SYSTEMD_UNIT // .SYSLOG_IDENTIFIER // ._COMM // "kernel" | .[0:60]) as $source
        | {event_type: "journal", description: $text, source: $source,
           severity: ({"0": "critical", "1": "critical", "2": "critical", "3": "high", "4": "medium"}
                      [.PRIORITY // "6"] // "low"),
           fingerprint: "\($source) \(._HOSTNAME) \(.MESSAGE_ID // $text[0:30])",
           details: {host: ._HOSTNAME, pid: ._PID, cursor: .__CURSOR}}' |
    nightbell raise --file -
