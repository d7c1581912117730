# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the web page promises, asked of a real browser: hostile names, losses, filters, groups, storms, reconnection.
usage: web_page.py STAND-IN FOLDER   the stand-in is the program of test_web.c; the picture goes to FOLDER/web.png"""
import json, os, subprocess, sys, time
from web_browser import Browser

STAND_IN, WORK = sys.argv[1], sys.argv[2]
status = 0


def check(good, what):
    global status
    if not good:
        print("not ok web page: " + what)
        status = 1
    return good


class Service:
    def __init__(self):
        self.address = os.path.join(WORK, "address")
        if os.path.exists(self.address):
            os.unlink(self.address)
        self.process = subprocess.Popen([STAND_IN, "--serve", "tests/unit/screens/events.json", self.address],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(200):
            if os.path.exists(self.address) and open(self.address).read().endswith("\n"):
                break
            time.sleep(0.05)
        self.url = open(self.address).read().strip()
        self.base = self.url.split("#")[0]

    def begin(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def end(self):
        assert self.process.stdout.readline() == "done\n"

    def say(self, line):
        self.begin(line)
        self.end()

    def denial(self, **more):
        now = time.strftime("%Y-%m-%dT%H:%M:%S.000000000Z", time.gmtime())
        self.say(json.dumps({"type": "denial", "time": now, "sandbox": 8, "pid": 77, "tgid": 77, "uid": 0, "comm": "cat",
                             "exe": "/usr/bin/cat", "hook": "file_open", "access": "read", "kind": "file",
                             "object": "/srv/one", "verdict": "denied", "policy": "web", "rule": "files[2]",
                             "where": "/etc/ringfence/web.yaml:14", "reason": "no", "why": "rule", "count": 1,
                             "again": False, **more}))


# Everything that a person can see: no control, bidi or other deceiving character is in it.
DECEIVES = r"/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/"
CLEAN = f"!{DECEIVES}.test(document.body.innerText) && ![...document.querySelectorAll('[title]')].some(e => {DECEIVES}.test(e.title))"
TEXT = "document.getElementById('{}').textContent"
WIDE = "document.documentElement.scrollWidth <= innerWidth"


def has(browser, text, where="rows", seconds=10):
    return browser.wait(TEXT.format(where) + ".includes(" + json.dumps(text) + ")", seconds)


def opening(b, s):
    b.go(s.base)
    check(b.wait("!document.getElementById('token').hidden"), "without a token it does not ask for one")
    check(b.js("document.querySelectorAll('.row').length") == 0, "rows without a token")
    b.go(s.url)
    check(has(b, "/srv/keys/last.pem"), "what happened is not shown")
    check(b.js("location.href") == s.base, "the token stays in the address bar: " + b.js("location.href"))
    check(has(b, "live", "state"), "it is not live")
    check(has(b, "webENFORCE", "policies") and has(b, "auditAUDIT", "policies"), "modes of the policies")
    check(b.js(TEXT.format("sums")) == "made 72 = told 23 + merged 45 + lost 4", b.js(TEXT.format("sums")))
    check(b.js("!document.getElementById('lost').hidden") and b.js(TEXT.format("lost")) == "LOST 4", "the loss is not shown")
    check(b.js("getComputedStyle(document.getElementById('lost')).backgroundColor") == "rgb(192, 31, 49)", "it is not red")
    check(b.js("(() => { try { document.createElement('p').innerHTML = '<b>'; } catch { return true; } })()"),
          "text can become HTML")


def hostile(b, s):
    for text in (r"/srv/\x1b[31mred\x1b]0;title\x07\x1b[2J", r"evil\xc2\x9b31m\xe2\x80\xae", r"/srv/bad\xffname",
                 r"/srv/two \x20spaces\ttab\nline -> /srv/new name", "日本"):
        check(has(b, text), "not shown as " + text)
    html = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"
    s.denial(object="/srv/" + html, comm="<b>x", exe="/bin/" + html, reason=html, unit=html, policy="<i>p", rule="r\u202e[1]\u0085",
             parents=[{"tgid": 1, "comm": "<u>\u2066"}], **{"new<b>\u200b": html})
    check(has(b, "/srv/" + html), "HTML is not shown as text")
    b.js("[...document.querySelectorAll('.row')].at(-1).click()")
    check(has(b, "<u>\\xe2\\x81\\xa6[1]", "fields") and has(b, "new<b>\\xe2\\x80\\x8b" + html, "fields"), "details of it")
    check(b.js(CLEAN), "a deceiving character is shown")
    for _ in range(5):
        b.key("g")
        b.wait("!document.getElementById('groups').hidden && document.querySelectorAll('tbody tr').length > 2")
        check(b.js(CLEAN), "a deceiving character is shown in groups")
        # Rows of a view add up to what was told.
        check(b.js("""(() => { const n = [...document.querySelectorAll('tbody td:first-child')].map(e => +e.textContent.replace(/,/g, ''));
            return n.slice(0, -1).reduce((a, b) => a + b) === n.at(-1) && n.at(-1) === 69; })()"""), "the sums of a view")
    check(b.js("document.querySelectorAll('main img, main script, main b, main i, main u').length") == 0, "elements of a name")
    check(b.js("document.title") == "ringfence", "a name's script ran")
    b.key("g")
    b.key("Escape")


def following(b, s):
    b.js("document.getElementById('list').scrollTop = 0")
    b.wait("document.getElementById('list').scrollTop === 0")
    time.sleep(0.2)
    for i in range(3):
        s.denial(object=f"/srv/new{i}")
    check(has(b, "3 new", "new"), "what is new is not counted")
    check(b.js("document.getElementById('list').scrollTop") == 0, "the list moved")
    b.key("f")
    check(has(b, "/srv/new2") and b.wait("document.getElementById('new').hidden"), "f does not follow")
    b.key("p")
    s.denial(object="/srv/while-paused")
    check(has(b, "1 held", "new") and not has(b, "/srv/while-paused", seconds=0.3), "pause")
    check("made 77 " in b.js(TEXT.format("sums")), "what is held is not counted: " + b.js(TEXT.format("sums")))
    b.key("p")
    check(has(b, "/srv/while-paused"), "going on")
    b.key("ArrowUp")
    b.key("ArrowUp")
    b.key("Enter")
    check(has(b, "/srv/new2", "fields"), "arrows and Enter: " + b.js(TEXT.format("fields"))[:60])
    check("14      - deny: read" in b.js(TEXT.format("rule")) and "keys are not for the web" in b.js(TEXT.format("rule")),
          "the rule's lines: " + b.js(TEXT.format("rule")))
    b.key("Escape")
    check(b.js("document.getElementById('details').hidden"), "Escape")


def filtering(b, s):
    b.key("/")
    b.send("Input.insertText", text="nofield=x")
    check(has(b, "nofield", "problem"), "a wrong filter is not said")
    b.js("document.getElementById('filter').value = ''")
    b.send("Input.insertText", text="comm=curl")
    check(has(b, "tcp:93.184.216.34:443") and b.wait("document.querySelectorAll('.row').length === 4"), "filter")
    check(has(b, "LOST: 4"), "a loss is hidden by a filter")
    check(b.js("document.getElementById('problem').hidden"), "what was wrong is still said")
    s.denial(comm="cat", object="/srv/filtered-out")
    s.denial(comm="curl", object="/srv/filtered-in")
    check(has(b, "/srv/filtered-in") and not has(b, "/srv/filtered-out", seconds=0.2), "filter of what is new")
    b.key("Escape")
    b.key("Escape")
    check(has(b, "/srv/filtered-out"), "without it")
    b.key("g")
    b.wait("document.querySelector('tbody tr')")
    b.js("[...document.querySelectorAll('tbody tr')].find(r => r.textContent.includes('guard caps')).click()")
    check(b.wait("document.querySelectorAll('.row').length === 2") and has(b, "CAP_SYS_ADMIN"), "one group")
    b.key("Escape")


def reconnecting(b, s):
    before = b.js("rows.map(r => r.id).join()")
    s.say("restart")
    s.denial(object="/srv/after-restart")
    check(has(b, "/srv/after-restart", seconds=20), "it does not come back")
    ids = b.js("rows.map(r => r.id)")
    check(ids == list(range(ids[0], ids[0] + len(ids))) and ",".join(map(str, ids)).startswith(before), f"ids: {ids}")
    check(has(b, "live", "state"), "it is not live again")


def layout(b):
    for width in (400, 760, 1280, 2000):
        b.size(width, 700)
        time.sleep(0.2)
        check(b.js(WIDE), f"{width} are too narrow")
    b.size(1280, 620)
    time.sleep(0.3)


def storm(b, s):
    many, worst = 30000, 0
    made = b.js("sums.told + sums.merged + sums.lost")
    s.denial(object="/srv/storm")
    s.begin(f"storm {many}")
    end = time.time() + 60
    while time.time() < end and b.js("sums.told + sums.merged + sums.lost") < made + many + 1:
        began = time.time()
        b.js("new Promise(r => requestAnimationFrame(r))")
        worst = max(worst, time.time() - began)
        time.sleep(0.02)
    s.end()
    check(b.js("sums.told + sums.merged + sums.lost") == made + many + 1, "not all of a storm is counted")
    check(worst < 2, f"a frame took {worst:.2f} s")
    check(b.js("rows.length") <= 5500 and b.js("document.querySelectorAll('.row').length") < 100, "rows are kept without end")


def main():
    s = Service()
    b = Browser("chromium", os.path.join(WORK, "profile"))
    try:
        b.size(1280, 620)
        opening(b, s)
        hostile(b, s)
        following(b, s)
        filtering(b, s)
        reconnecting(b, s)
        layout(b)
        storm(b, s)
        strangers = [m["params"]["request"]["url"] for m in b.said if m["method"] == "Network.requestWillBeSent"
                     and not m["params"]["request"]["url"].startswith((s.base, "data:", "about:"))]
        check(not strangers, f"it asked elsewhere: {strangers}")
        wrong = [m for m in b.said if m["method"] == "Runtime.exceptionThrown" or (m["method"] == "Log.entryAdded" and
                 m["params"]["entry"]["source"] in ("security", "javascript") and m["params"]["entry"]["level"] == "error")]
        # The one that opening() tried.
        wrong = [m for m in wrong if "TrustedHTML" not in json.dumps(m)]
        check(not wrong, f"errors: {json.dumps(wrong)[:800]}")
    finally:
        b.close()
        s.process.stdin.close()
        s.process.wait(20)
    # A picture, of the file alone.
    s = Service()
    b = Browser("chromium", os.path.join(WORK, "profile2"))
    try:
        b.size(1280, 620)
        b.go(s.url)
        check(has(b, "/srv/keys/last.pem"), "no picture")
        now = time.time()
        for i, n in enumerate((1, 4, 2, 9, 3, 1, 6, 12, 5, 2)):
            s.denial(object=f"/srv/keys/host{i:02}.pem", comm="nginx", count=n, reason="keys are not for the web", rule="files[3]",
                     time=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now - 40 + 4 * i)))
        b.key("ArrowUp")
        b.key("Enter")
        time.sleep(0.5)
        b.picture(os.path.join(WORK, "web.png"))
    finally:
        b.close()
        s.process.stdin.close()
        s.process.wait(20)
    if not status:
        print("web.sh: the page keeps what it promises")
    sys.exit(status)


main()
