"""How our HTML pages look: on a telephone and a wide screen, in the light and in the dark, and on paper."""

from __future__ import annotations

import base64
import hashlib

STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1c2128;--soft:#57606a;--line:#d0d7de;--box:#f6f8fa;
--link:#0550ae;--bar:#3b6fb6;--pass:#116329;--fail:#a40e26;--error:#6639ba;--warn:#7d4e00;--skip:#57606a}
@media (prefers-color-scheme:dark){:root{--paper:#0d1117;--ink:#e6edf3;--soft:#9da7b3;--line:#3d444d;--box:#161b22;
--link:#79b8ff;--bar:#6ea8fe;--pass:#56d364;--fail:#ff7b72;--error:#d2a8ff;--warn:#e3b341;--skip:#9da7b3}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem;max-width:70rem;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,"Segoe UI","DejaVu Sans",sans-serif;overflow-wrap:anywhere}
h1{font-size:1.6rem;line-height:1.25;margin:.3rem 0}
h2{font-size:1.3rem;line-height:1.3;margin:2.2rem 0 .5rem;padding-top:.6rem;border-top:2px solid var(--line)}
h3{font-size:1.1rem;margin:1.6rem 0 .4rem}
h4{font-size:1rem;margin:0 0 .3rem}
a{color:var(--link)}
a:focus-visible,summary:focus-visible,input:focus-visible,select:focus-visible,
button:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:.5rem;background:var(--paper);padding:.4rem .8rem}
.soft{color:var(--soft);margin:.2rem 0}
code,pre{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.875em}
.mark{display:inline-block;padding:0 .5em;border:1.5px solid currentColor;border-radius:.35em;font-size:.85em;
font-weight:700;line-height:1.5;white-space:nowrap}
.PASS{color:var(--pass)}.FAIL{color:var(--fail)}.ERROR{color:var(--error)}
.WARN,.WAIVED,.PARTIAL{color:var(--warn)}.SKIP{color:var(--skip)}
.finding{border:1px solid var(--line);border-left:4px solid var(--line);border-radius:.35em;padding:.7rem .9rem;
margin:.8rem 0}
.finding.is-FAIL{border-left-color:var(--fail)}.finding.is-ERROR{border-left-color:var(--error)}
.finding.is-WARN,.finding.is-WAIVED{border-left-color:var(--warn)}
.finding p{margin:.3rem 0}
summary{cursor:pointer;padding:.25rem 0}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.15rem .9rem;margin:.4rem 0}
dt{color:var(--soft)}dd{margin:0}
pre{white-space:pre-wrap;background:var(--box);border:1px solid var(--line);border-radius:.35em;padding:.6rem;
margin:.5rem 0}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
caption{text-align:left;color:var(--soft);padding:.2rem 0}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem .35rem 0;border-bottom:1px solid var(--line)}
th{font-weight:600}
th[scope=row]{font-weight:400}
.number{text-align:right;padding-right:0;white-space:nowrap;font-variant-numeric:tabular-nums}
.chart th[scope=row]{width:40%}
.chart .bar{width:45%;vertical-align:middle}
.bar svg{display:block;width:100%;height:.8rem}
.bar rect{fill:var(--bar)}
.dots{margin:.5rem 0;max-width:24rem}
.dots svg{display:block;width:100%;border:1px solid var(--line);background:var(--box)}
.dots circle{fill:var(--bar);fill-opacity:.75}.dots line{stroke:var(--soft);stroke-width:.5;stroke-dasharray:2 2}
.dots figcaption{color:var(--soft);padding:.2rem 0}
@media (max-width:36rem){dl{grid-template-columns:minmax(0,1fr)}dd{margin-bottom:.35rem}body{padding:.7rem}}
@media print{:root{--paper:#fff;--ink:#000;--soft:#444;--line:#999;--box:#fff;--bar:#555;--pass:#0a5020;
--fail:#8a0018;--error:#4b2a8a;--warn:#5c3a00;--skip:#444}
body{max-width:none;padding:0;font-size:10pt}.skip,nav{display:none}
details::details-content{content-visibility:visible;height:auto;overflow:visible}
tr,.finding h4{break-inside:avoid}h2,h3,h4,summary{break-after:avoid}}
"""


def policy(style: str, script: str = "") -> str:
    """A content security policy under which nothing is fetched, and only this style and this script are taken."""
    scripts = (f"script-src '{_hash(script)}'",) if script else ()
    own = ("default-src 'none'", f"style-src '{_hash(style)}'", *scripts)
    return "; ".join((*own, "img-src data:", "base-uri 'none'", "form-action 'none'"))


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}"
