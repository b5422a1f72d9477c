# report.awk - from samples ("figure side value") to the table and the JSON. awk -v json=FILE -f report.awk figures.txt samples
function median(list, count) { return count % 2 ? list[(count + 1) / 2] : (list[count / 2] + list[count / 2 + 1]) / 2 }
function load(figure, side, list,    n, i, j, t) {
    n = counts[figure, side]
    for (i = 1; i <= n; i++) list[i] = values[figure, side, i]
    for (i = 2; i <= n; i++) for (j = i; j > 1 && list[j - 1] > list[j]; j--) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t }
    return n
}
function number(value) { return sprintf(value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : value >= 1 ? "%.2f" : "%.3f", value) }
BEGIN { FS = "|" }
FNR == 1 { file++; if (file == 2) FS = " " ; $0 = $0 }
file == 1 && !/^#/ && NF >= 5 { order[++figures] = $1; title[$1] = $2; unit[$1] = $3; rule[$1] = $4; target[$1] = $5; peer[$1] = $6 }
file == 2 { n = ++counts[$1, $2]; values[$1, $2, n] = $3 + 0 }
END {
    printf "%-46s %10s %-19s %10s %10s %10s  %s\n", "figure", "median", "(range)", "floor", "judged", "target", "verdict"
    printf "[" >json
    for (f = 1; f <= figures; f++) {
        name = order[f]
        n = load(name, "a", a)
        m = load(name, "b", b)
        if (n == 0) { skipped = skipped " " name; continue }
        middle = median(a, n)
        floor_middle = m ? median(b, m) : 0
        if (rule[name] != "value" && rule[name] != "reach" && !m) { skipped = skipped " " name; continue }
        judged = rule[name] == "ratio" || rule[name] == "least" ? middle / floor_middle : rule[name] == "above" ? middle - floor_middle : middle
        verdict = (rule[name] == "least" || rule[name] == "reach" ? judged >= target[name] + 0 : judged <= target[name] + 0) ? "ok" : "MISSED"
        if (verdict == "ok") met++; else missed = missed " " name
        shown = rule[name] == "ratio" || rule[name] == "least" ? sprintf("%.2f x", judged) : rule[name] == "above" ? "+" number(judged) : number(judged)
        printf "%-46s %7s %-4s (%s .. %s)%*s %8s %10s %10s  %s\n", title[name], number(middle), unit[name], number(a[1]), number(a[n]),
            12 - length(number(a[1]) number(a[n])), "", m ? number(floor_middle) : "-", shown,
            rule[name] == "ratio" ? target[name] " x" : rule[name] == "least" || rule[name] == "reach" ? ">= " target[name] : rule[name] == "above" ? "+" target[name] : target[name], verdict
        printf "%s\n  {\"figure\": \"%s\", \"what\": \"%s\", \"unit\": \"%s\", \"runs\": %d, \"median\": %s, \"min\": %s, \"max\": %s, ",
            written++ ? "," : "", name, title[name], unit[name], n, middle, a[1], a[n] >json
        if (m) printf "\"floor_median\": %s, \"floor_min\": %s, \"floor_max\": %s, ", floor_middle, b[1], b[m] >json
        printf "\"rule\": \"%s\", \"judged\": %s, \"target\": %s, \"met\": %s}", rule[name], judged, target[name],
            verdict == "ok" ? "true" : "false" >json
    }
    printf "\n]\n" >json
    printf "\n%d met", met
    if (missed != "") printf "; missed:%s", missed
    if (skipped != "") printf "; left out in this run:%s", skipped
    printf "\n"
}
