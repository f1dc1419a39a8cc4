"""Texts that run, ask for something or break out wherever they are shown without care, one per known way."""

from __future__ import annotations

HIT = "window.__canary=1"
NOWHERE = "http://127.0.0.1:9"
"""An address that nobody answers at: only whoever asks it matters."""

BREAKING_OUT = {
    "quoted": f"\"'><script>{HIT}</script>",
    "unquoted": f"x onfocus={HIT} autofocus tabindex=1 onmouseover={HIT}",
    "closing_script": f"</script><script>{HIT}</script>",
    "closing_all": f"--></style></title></textarea></pre></svg><script>{HIT}</script>",
    "image": f"<img src=x onerror={HIT}>",
    "svg": f"<svg/onload={HIT}><animate onbegin={HIT} attributeName=x>",
    "frame": f'<iframe srcdoc="<script>top.__canary=1</script>"></iframe><a href=javascript:{HIT}>x</a>',
    "asking": f'<img src="{NOWHERE}/a.png"><link rel=stylesheet href={NOWHERE}/a.css><base href={NOWHERE}/>',
    "going": f'<meta http-equiv="refresh" content="0;url={NOWHERE}/"><form action={NOWHERE}><input type=submit>',
    "markdown": f"[x](javascript:{HIT}) ![y]({NOWHERE}/y.png) `<b onclick={HIT}>` <{NOWHERE}>",
    "template": "{{ 7*7 }}{% for one in range(3) %}x{% endfor %}${7*7}#{7*7}<%= 7*7 %>",
    "placeholder": "{channel} {0} {} {__class__} %s %(name)s {{}} {unfinished",
    "latex": "$\\frac{1}{0$ \\(\\href{javascript:alert(1)}{x}\\) $$\\input{/etc/passwd}$$ \\n $x$",
}
FORMULAS = {
    "equals": "=cmd|' /C calc'!A0",
    "plus": "+1+cmd|' /C calc'!A0",
    "minus": "-2+3+cmd|' /C calc'!A0",
    "at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "tab": "\t=1+1",
    "return": "\r=1+1",
    "wide": "＝1+1",
    "semicolon": "x;=1+1",
    "line": "x\n=1+1",
    "quote": 'x;"=1+1"',
    "link": f'=HYPERLINK("{NOWHERE}","x")',
}
NAMES = {
    "sql": '"; drop table contacts; --',
    "sql_quote": "'); drop table contacts; --",
    "comment": "*/ select 1 /* -- ",
    "parent": "../../../canary",
    "parent_windows": "..\\..\\canary",
    "absolute": "/tmp/canary",
    "device": "CON",
    "device_file": "nul.csv",
    "dots": "..",
}
SIGHT = {
    "turned": "\u202eeno.nohp\u202c \u2067x\u2069",
    "unseen": "pho\u200bne\u2060\ufeff\u00ad",
    "long": "L" * 3000,
    "controls": "a\x00b\x01\x07\x1b[31mc\x1b]0;d\x07\x7f\x9b1m",
    "line_ends": "a\u2028b\u2029c\x85d\x0be",
    "combining": "e" + "\u0301" * 200,
    "entity": "&lt;script&gt;&#60;&amp;&nbsp;",
}
PAYLOADS = {**BREAKING_OUT, **FORMULAS, **NAMES, **SIGHT}


def payload(number: int) -> str:
    """The payloads in turn."""
    return list(PAYLOADS.values())[number % len(PAYLOADS)]
